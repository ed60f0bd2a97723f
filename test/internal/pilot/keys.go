package pilot

import (
	"net/url"
	"os"
	"path/filepath"

	"github.com/ingress2gw/ingress2gw/test/internal/cluster"
	"github.com/ingress2gw/ingress2gw/test/internal/keys"
)

// The files of keys, by the names under which istiod looks for a certificate authority that it is given.
const (
	rootFile   = "root-cert.pem"
	serverFile = "istiod"
	proxyFile  = "gateway"
	certSuffix = ".crt"
	keySuffix  = ".key"
)

// serverName is what proxies expect istiod's certificate to carry.
const serverName = "istiod." + cluster.GatewayNamespace + ".svc"

// keyFiles is the folder with the files.
type keyFiles string

func (f keyFiles) path(name string) string { return filepath.Join(string(f), name) }

// writeKeys makes istiod's certificate, for proxies and for the API server, which calls its webhook by address, and the
// gateway's, as istiod itself would have issued it.
func writeKeys(dir string, authority *keys.Pair) (keyFiles, error) {
	f := keyFiles(dir)
	server, err := authority.Issue(keys.Subject{CommonName: "istiod", DNSNames: []string{serverName}, Address: address})
	if err != nil {
		return "", err
	}
	identity := &url.URL{Scheme: "spiffe", Host: "cluster.local", Path: "/ns/" + cluster.GatewayNamespace + "/sa/" + cluster.GatewayServiceAccount}
	proxy, err := authority.Issue(keys.Subject{CommonName: "gateway", Identity: identity})
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	for name, text := range map[string][]byte{
		rootFile: authority.CertPEM, "ca-cert.pem": authority.CertPEM, "cert-chain.pem": authority.CertPEM, "ca-key.pem": authority.KeyPEM,
		serverFile + certSuffix: server.CertPEM, serverFile + keySuffix: server.KeyPEM,
		proxyFile + certSuffix: proxy.CertPEM, proxyFile + keySuffix: proxy.KeyPEM,
	} {
		if err := os.WriteFile(f.path(name), text, 0o600); err != nil {
			return "", err
		}
	}
	return f, nil
}
