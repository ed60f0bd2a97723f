//go:build envtest

package state_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	"sigs.k8s.io/yaml"

	"github.com/ingress2gw/ingress2gw/internal/cli"
	"github.com/ingress2gw/ingress2gw/internal/load"
	"github.com/ingress2gw/ingress2gw/internal/testcluster"
	"github.com/ingress2gw/ingress2gw/translate"
	"github.com/ingress2gw/ingress2gw/translate/validate/full"
)

// server is a real API server with Istio's kinds, for all tests of the package.
type server struct {
	env    *envtest.Environment
	client client.Client
	admin  string // kubeconfig file
	folder string
}

var shared *server

func TestMain(m *testing.M) {
	os.Exit(func() int {
		folder, err := os.MkdirTemp("", "ingress2gw-state-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(folder)
		return testcluster.Run(m, func(env *envtest.Environment) (err error) {
			shared = &server{env: env, folder: folder}
			if shared.client, err = client.New(env.Config, client.Options{Scheme: scheme.Scheme}); err == nil {
				shared.admin, err = shared.user("admin", "system:masters")
			}
			return err
		})
	}())
}

// user makes a user of the API server and gives the kubeconfig file.
func (s *server) user(name string, groups ...string) (string, error) {
	u, err := s.env.AddUser(envtest.User{Name: name, Groups: groups}, nil)
	if err != nil {
		return "", err
	}
	data, err := u.KubeConfig()
	if err != nil {
		return "", err
	}
	file := filepath.Join(s.folder, name+".kubeconfig")
	return file, os.WriteFile(file, data, 0o600)
}

// bench is what one test works with: namespaces of its own, and an input.
type bench struct {
	t              *testing.T
	gateway, team  string
	input          string
	kubeconfig     string
	options        []string
	stdout, stderr string
}

// newBench makes the namespaces and writes the input; TEAM and GATEWAY in it are replaced.
func newBench(t *testing.T, input string) *bench {
	t.Helper()
	name := strings.ToLower(strings.TrimPrefix(t.Name(), "Test"))
	b := &bench{t: t, gateway: "gw-" + name[:min(len(name), 40)], team: "team-" + name[:min(len(name), 40)], kubeconfig: shared.admin}
	for _, n := range []string{b.gateway, b.team} {
		require.NoError(t, shared.client.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: n}}))
	}
	b.input = filepath.Join(t.TempDir(), "in.yaml")
	b.write(input)
	return b
}

func (b *bench) names(text string) string {
	return strings.NewReplacer("TEAM", b.team, "GATEWAY", b.gateway).Replace(text)
}

func (b *bench) write(input string) {
	b.t.Helper()
	require.NoError(b.t, os.WriteFile(b.input, []byte(b.names(input)), 0o600))
}

// run runs a command and wants an exit code.
func (b *bench) run(code int, args ...string) {
	b.t.Helper()
	var out, errs bytes.Buffer
	args = append([]string{"ingress2gw", args[0], "-f", b.input, "--gateway-namespace", b.gateway, "--kubeconfig", b.kubeconfig}, append(b.options, args[1:]...)...)
	got := cli.Run(b.t.Context(), args, cli.Streams{In: strings.NewReader(""), Out: &out, Err: &errs}, cli.Dependencies{
		Version: "dev", Load: load.Load, LoadConfigMap: load.ConfigMapFile, Translate: translate.Translate, ValidateFull: full.Full,
		Getenv: func(string) string { return "" },
	})
	b.stdout, b.stderr = out.String(), errs.String()
	if got != code {
		b.t.Fatalf("exit code %d, not %d, of %v\n%s%s", got, code, args, b.stdout, b.stderr)
	}
}

// says wants texts to be printed.
func (b *bench) says(texts ...string) {
	b.t.Helper()
	for _, text := range texts {
		if text = b.names(text); !strings.Contains(b.stdout+b.stderr, text) {
			b.t.Errorf("does not say %q:\n%s%s", text, b.stdout, b.stderr)
		}
	}
}

// hides wants texts not to be printed.
func (b *bench) hides(texts ...string) {
	b.t.Helper()
	for _, text := range texts {
		if text = b.names(text); strings.Contains(b.stdout+b.stderr, text) {
			b.t.Errorf("says %q:\n%s%s", text, b.stdout, b.stderr)
		}
	}
}

// apply converts the input and applies everything, as a field manager.
func (b *bench) apply(manager string) {
	b.t.Helper()
	b.run(0, "convert", "-o", "json", "-q", "--fail-on", "never")
	var list struct {
		Items []map[string]any `json:"items"`
	}
	require.NoError(b.t, json.Unmarshal([]byte(b.stdout), &list))
	require.NotEmpty(b.t, list.Items)
	for _, item := range list.Items {
		b.applyTree(manager, item)
	}
}

// applyYAML applies a document as a field manager that takes what it wants.
func (b *bench) applyYAML(manager, text string) {
	b.t.Helper()
	var tree map[string]any
	require.NoError(b.t, yaml.Unmarshal([]byte(b.names(text)), &tree))
	b.applyTree(manager, tree)
}

func (b *bench) applyTree(manager string, tree map[string]any) {
	b.t.Helper()
	o := client.ApplyConfigurationFromUnstructured(&unstructured.Unstructured{Object: tree})
	require.NoError(b.t, shared.client.Apply(b.t.Context(), o, client.FieldOwner(manager), client.ForceOwnership))
}

// get reads an object of Istio; nil if there is none.
func (b *bench) get(kind, namespace, name string) *unstructured.Unstructured {
	b.t.Helper()
	o := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "networking.istio.io/v1", "kind": kind}}
	err := shared.client.Get(b.t.Context(), client.ObjectKey{Namespace: b.names(namespace), Name: name}, o)
	if client.IgnoreNotFound(err) == nil && err != nil {
		return nil
	}
	require.NoError(b.t, err)
	return o
}

// grant gives a user rights on all objects of some resources.
func (b *bench) grant(user string, rules ...rbacv1.PolicyRule) {
	b.t.Helper()
	name := "test:" + user
	role := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: name}, Rules: rules}
	binding := &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: name},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: "User", Name: user}},
	}
	require.NoError(b.t, shared.client.Create(b.t.Context(), role))
	require.NoError(b.t, shared.client.Create(b.t.Context(), binding))
}

// eventually asks until the server is as far.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for !done() {
		select {
		case <-ctx.Done():
			t.Fatalf("%s: not within a minute", what)
		case <-time.After(50 * time.Millisecond):
		}
	}
}
