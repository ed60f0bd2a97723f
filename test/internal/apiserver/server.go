// Package apiserver runs a real Kubernetes API server with its store, and applies objects to it as users do.
package apiserver

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/ingress2gw/ingress2gw/test/internal/keys"
	"github.com/ingress2gw/ingress2gw/test/internal/process"
)

// The ports, in a network namespace where all are free.
const (
	address   = "127.0.0.1"
	apiPort   = 6443
	storePort = 2379
	peerPort  = 2380
)

// startPatience bounds the start of each program on a busy machine.
const startPatience = 2 * time.Minute

// Server is a running API server with its store.
type Server struct {
	Config     *rest.Config // of an administrator
	Kubeconfig string       // file that says the same to other programs

	store, api *process.Process
}

// Start starts both programs from the folder assets; dir takes their files.
func Start(assets, dir string, authority *keys.Pair) (*Server, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	files, err := writeKeys(dir, authority)
	if err != nil {
		return nil, err
	}
	s := &Server{}
	if s.store, err = startStore(assets, dir); err != nil {
		return nil, err
	}
	if s.api, err = startAPI(assets, dir, files); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	s.Config = &rest.Config{
		Host:        fmt.Sprintf("https://%s:%d", address, apiPort),
		BearerToken: files.token, QPS: -1, // nobody else has to be served
		TLSClientConfig: rest.TLSClientConfig{CAData: authority.CertPEM},
	}
	clients, err := kubernetes.NewForConfig(s.Config)
	if err == nil {
		err = s.api.Await(startPatience, func() bool {
			_, err := clients.RESTClient().Get().AbsPath("/readyz").DoRaw(context.Background())
			return err == nil
		})
	}
	if err == nil {
		s.Kubeconfig = filepath.Join(dir, "kubeconfig")
		err = writeKubeconfig(s.Kubeconfig, s.Config)
	}
	if err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

func startStore(assets, dir string) (*process.Process, error) {
	client, peer := fmt.Sprintf("http://%s:%d", address, storePort), fmt.Sprintf("http://%s:%d", address, peerPort)
	return process.Start(process.Options{
		Name: "etcd", Log: filepath.Join(dir, "etcd.log"),
		Args: []string{
			filepath.Join(assets, "etcd"), "--data-dir", filepath.Join(dir, "etcd"), "--log-level", "error", "--unsafe-no-fsync",
			"--listen-client-urls", client, "--advertise-client-urls", client,
			"--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", "default=" + peer,
		},
	})
}

func startAPI(assets, dir string, f *keyFiles) (*process.Process, error) {
	return process.Start(process.Options{
		Name: "kube-apiserver", Log: filepath.Join(dir, "kube-apiserver.log"),
		Args: []string{
			filepath.Join(assets, "kube-apiserver"),
			"--etcd-servers", fmt.Sprintf("http://%s:%d", address, storePort),
			"--bind-address", address, "--secure-port", fmt.Sprint(apiPort), "--cert-dir", dir,
			// The server's own endpoint would be a loopback address, which it refuses itself.
			"--advertise-address", address, "--endpoint-reconciler-type", "none",
			"--tls-cert-file", f.serverCert, "--tls-private-key-file", f.serverKey, "--token-auth-file", f.tokens,
			"--service-account-issuer", "https://kubernetes.default.svc",
			"--service-account-key-file", f.accountKey, "--service-account-signing-key-file", f.accountKey,
			"--authorization-mode", "RBAC", "--service-cluster-ip-range", "10.96.0.0/16",
			// It waits for default ServiceAccounts, which a controller makes that does not run here.
			"--disable-admission-plugins", "ServiceAccount",
		},
	})
}

// stopPatience is how long each program may take to end.
const stopPatience = 5 * time.Second

// Stop ends both programs; the store last, without which the server lingers.
func (s *Server) Stop() error {
	for _, p := range []*process.Process{s.api, s.store} {
		if p != nil {
			p.Stop(stopPatience)
		}
	}
	return nil
}
