package apiserver

import (
	"crypto/rand"
	"encoding/hex"
	"os"
	"path/filepath"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/ingress2gw/ingress2gw/test/internal/keys"
)

// keyFiles are what the server is told by name.
type keyFiles struct {
	serverCert, serverKey, accountKey, tokens string

	token string
}

func writeKeys(dir string, authority *keys.Pair) (*keyFiles, error) {
	server, err := authority.Issue(keys.Subject{CommonName: "kube-apiserver", Address: address})
	if err != nil {
		return nil, err
	}
	account, err := keys.NewAuthority("service accounts") // for its key
	if err != nil {
		return nil, err
	}
	secret := make([]byte, 16)
	if _, err := rand.Read(secret); err != nil {
		return nil, err
	}
	f := &keyFiles{
		serverCert: filepath.Join(dir, "apiserver.crt"), serverKey: filepath.Join(dir, "apiserver.key"),
		accountKey: filepath.Join(dir, "service-accounts.key"), tokens: filepath.Join(dir, "tokens.csv"),
		token: hex.EncodeToString(secret),
	}
	for path, text := range map[string][]byte{
		f.serverCert: server.CertPEM, f.serverKey: server.KeyPEM, f.accountKey: account.KeyPEM,
		f.tokens: []byte(f.token + `,admin,1,"system:masters"` + "\n"),
	} {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			return nil, err
		}
	}
	return f, nil
}

func writeKubeconfig(path string, c *rest.Config) error {
	const name = "conformance"
	return clientcmd.WriteToFile(clientcmdapi.Config{
		Clusters:       map[string]*clientcmdapi.Cluster{name: {Server: c.Host, CertificateAuthorityData: c.CAData}},
		AuthInfos:      map[string]*clientcmdapi.AuthInfo{name: {Token: c.BearerToken}},
		Contexts:       map[string]*clientcmdapi.Context{name: {Cluster: name, AuthInfo: name}},
		CurrentContext: name,
	}, path)
}
