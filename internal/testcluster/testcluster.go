//go:build envtest

package testcluster

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/envtest"
)

// Istio is the folder of Istio's CustomResourceDefinitions.
func Istio() (string, error) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "istio.io/api").Output()
	if err != nil {
		return "", fmt.Errorf("finding Istio's CustomResourceDefinitions: %w", err)
	}
	return filepath.Join(strings.TrimSpace(string(dir)), "kubernetes"), nil
}

// Start starts an API server that knows the kinds of some folders. Whoever calls it stops it.
func Start(crds ...string) (*envtest.Environment, error) {
	if os.Getenv("KUBEBUILDER_ASSETS") == "" {
		return nil, errors.New("KUBEBUILDER_ASSETS names no folder with etcd and kube-apiserver: run make envtest")
	}
	env := &envtest.Environment{
		CRDInstallOptions:        envtest.CRDInstallOptions{Paths: crds, MaxTime: 2 * time.Minute},
		ErrorIfCRDPathMissing:    true,
		ControlPlaneStartTimeout: 3 * time.Minute, ControlPlaneStopTimeout: time.Minute,
	}
	if _, err := env.Start(); err != nil {
		return nil, errors.Join(err, env.Stop())
	}
	return env, nil
}

// Run runs the tests of a package with an API server that knows Istio's kinds and those of further folders, and gives the
// exit code.
func Run(m *testing.M, setUp func(*envtest.Environment) error, crds ...string) int {
	istio, err := Istio()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	env, err := Start(append(crds, istio)...)
	if err != nil {
		fmt.Fprintln(os.Stderr, "starting the API server:", err)
		return 1
	}
	defer Stop(env)
	if err := setUp(env); err != nil {
		fmt.Fprintln(os.Stderr, "setting up the API server:", err)
		return 1
	}
	return m.Run()
}

// Stop stops an API server.
func Stop(env *envtest.Environment) {
	if err := env.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, "stopping the API server:", err)
	}
}
