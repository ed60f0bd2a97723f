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
	credentials *envoy.Credentials
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
	authority, err := keys.NewAuthority("conformance root")
	if err != nil {
		return err
	}
	if s.api, err = apiserver.Start(p.Assets, filepath.Join(dir, "kubernetes"), authority); err != nil {
		return err
	}
	if s.client, err = apiserver.NewClient(s.api.Config); err != nil {
		return err
	}
	if err := s.client.InstallCRDs(p.CRDs); err != nil {
		return err
	}
	if err := s.applyBase(); err != nil {
		return err
	}
	files, err := writeKeys(filepath.Join(dir, "keys"), authority)
	if err != nil {
		return err
	}
	s.credentials = &envoy.Credentials{
		Certificate: files.path(proxyFile + certSuffix), Key: files.path(proxyFile + keySuffix), Authority: files.path(rootFile), ServerName: serverName,
	}
	if s.istiod, err = startIstiod(p.Istiod, dir, s.api.Kubeconfig, files); err != nil {
		return err
	}
	if err := s.istiod.Await(startPatience, s.debug.ready); err != nil {
		return err
	}
	if err := s.applyWebhook(authority); err != nil {
		return err
	}
	s.probe, err = startProbe()
	return err
}

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
