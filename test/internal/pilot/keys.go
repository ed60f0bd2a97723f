package pilot

import (
	"os"
	"path/filepath"

	"github.com/ingress2gw/ingress2gw/test/internal/cluster"
	"github.com/ingress2gw/ingress2gw/test/internal/envoy"
	"github.com/ingress2gw/ingress2gw/test/internal/keys"
)

// The files of keys, by the names under which istiod looks for a certificate authority that it is given.
const (
	rootFile   = "root-cert.pem"
	serverFile = "istiod"
	certSuffix = ".crt"
	keySuffix  = ".key"
)

// serverName is what proxies expect istiod's certificate to carry.
const serverName = "istiod." + cluster.GatewayNamespace + ".svc"

// keyFiles is the folder with the files.
type keyFiles string

func (f keyFiles) path(name string) string { return filepath.Join(string(f), name) }

// writeKeys makes istiod's certificate, for proxies and for the API server, which calls its webhook by address.
func writeKeys(dir string, authority *keys.Pair) (keyFiles, error) {
	f := keyFiles(dir)
	server, err := authority.Issue(keys.Subject{CommonName: "istiod", DNSNames: []string{serverName}, Address: address})
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	for name, text := range map[string][]byte{
		rootFile: authority.CertPEM, "ca-cert.pem": authority.CertPEM, "cert-chain.pem": authority.CertPEM, "ca-key.pem": authority.KeyPEM,
		serverFile + certSuffix: server.CertPEM, serverFile + keySuffix: server.KeyPEM,
	} {
		if err := os.WriteFile(f.path(name), text, 0o600); err != nil {
			return "", err
		}
	}
	return f, nil
}

// issue makes the certificate of a gateway, as istiod itself would have issued it.
func (f keyFiles) issue(authority *keys.Pair, w cluster.Workload) (*envoy.Credentials, error) {
	proxy, err := authority.Issue(keys.Subject{CommonName: w.Service, Identity: w.Identity()})
	if err != nil {
		return nil, err
	}
	c := &envoy.Credentials{
		Certificate: f.path(w.Service + certSuffix), Key: f.path(w.Service + keySuffix), Authority: f.path(rootFile), ServerName: serverName,
	}
	for path, text := range map[string][]byte{c.Certificate: proxy.CertPEM, c.Key: proxy.KeyPEM} {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			return nil, err
		}
	}
	return c, nil
}
