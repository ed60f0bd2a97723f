// Package pilot runs istiod as it is installed: the program, against a real API server, with its validation webhook.
package pilot

import (
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/ingress2gw/ingress2gw/test/internal/apiserver"
	"github.com/ingress2gw/ingress2gw/test/internal/cluster"
	"github.com/ingress2gw/ingress2gw/test/internal/envoy"
	"github.com/ingress2gw/ingress2gw/test/internal/keys"
	"github.com/ingress2gw/ingress2gw/test/internal/process"
)

// Programs are the binaries and definitions that are needed.
type Programs struct {
	Assets string   // folder with etcd and kube-apiserver
	Istiod string   // pilot-discovery
	CRDs   []string // files and folders of custom resource definitions
}

// Stage is a cluster with a control plane on which cases are played, one after the other.
type Stage struct {
	api         *apiserver.Server
	client      *apiserver.Client
	istiod      *process.Process
	debug       *debug
	probe       *probe
	authority   *keys.Pair
	keys        keyFiles
	credentials *envoy.Credentials // of the gateway
	generation  int
	namespaces  map[string]bool // that Admit has made
	dirty       error
}

// Start starts everything; dir takes the files. It needs a network namespace of its own.
func Start(p Programs, dir string) (*Stage, error) {
	s := &Stage{debug: newDebug()}
	if err := s.start(p, dir); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

func (s *Stage) start(p Programs, dir string) error {
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o755)); err != nil {
		return err
	}
	var err error
	if s.authority, err = keys.NewAuthority("conformance root"); err != nil {
		return err
	}
	if s.api, err = apiserver.Start(p.Assets, filepath.Join(dir, "kubernetes"), s.authority); err != nil {
		return err
	}
	if s.client, err = apiserver.NewClient(s.api.Config); err != nil {
		return err
	}
	if err := s.client.InstallCRDs(p.CRDs); err != nil {
		return err
	}
	if s.keys, err = writeKeys(filepath.Join(dir, "keys"), s.authority); err != nil {
		return err
	}
	gateway, err := s.Enrol(cluster.Gateway())
	if err != nil {
		return err
	}
	s.credentials = gateway.TLS
	if err := s.applyMesh(nil); err != nil {
		return err
	}
	if s.istiod, err = startIstiod(p.Istiod, dir, s.api.Kubeconfig, s.keys); err != nil {
		return err
	}
	if err := s.istiod.Await(startPatience, s.debug.ready); err != nil {
		return err
	}
	if err := s.applyWebhook(); err != nil {
		return err
	}
	s.probe, err = startProbe()
	return err
}

// Enrol prepares for a gateway workload: it may read the Secrets beside it, and gets a certificate. It says where the proxy finds
// istiod, and what it shows there.
func (s *Stage) Enrol(w cluster.Workload) (envoy.Discovery, error) {
	if err := s.keepAll(fill(base, w)); err != nil {
		return envoy.Discovery{}, err
	}
	c, err := s.keys.issue(s.authority, w)
	return envoy.Discovery{Port: securePort, TLS: c}, err
}

// Kubeconfig is a file for programs that act as an administrator.
func (s *Stage) Kubeconfig() string { return s.api.Kubeconfig }

// Network is what an API server accepts as addresses of endpoints.
func (s *Stage) Network() cluster.Network { return cluster.Routable }

// Dirty tells why no further case may be run: something of the last one is left.
func (s *Stage) Dirty() error { return s.dirty }

// stopPatience is how long istiod may take to end.
const stopPatience = 3 * time.Second

// Stop ends everything.
func (s *Stage) Stop() error {
	if s.probe != nil {
		s.probe.stop()
	}
	if s.istiod != nil {
		s.istiod.Stop(stopPatience)
	}
	if s.api != nil {
		return s.api.Stop()
	}
	return nil
}
