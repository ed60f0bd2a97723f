package keys_test

import (
	"crypto/tls"
	"crypto/x509"
	"net/url"
	"testing"

	"github.com/ingress2gw/ingress2gw/test/internal/casefile"
	"github.com/ingress2gw/ingress2gw/test/internal/keys"
)

func generate(t *testing.T) *keys.Ring {
	t.Helper()
	ring, err := keys.Generate(casefile.PKI{
		CAs: []casefile.CA{{Name: "root", CommonName: "Root"}, {Name: "middle", CommonName: "Middle", Issuer: "root"}, {Name: "other", CommonName: "Other"}},
		Certs: []casefile.Cert{
			{Name: "leaf", CommonName: "a.test", DNSNames: []string{"a.test"}, CA: "middle"}, {Name: "own", CommonName: "own", DNSNames: []string{"b.test"}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func TestChains(t *testing.T) {
	ring := generate(t)
	tests := map[string]struct {
		root, name string
		valid      bool
	}{
		"the intermediate goes along":   {"root", "a.test", true},
		"another root does not do":      {"other", "a.test", false},
		"nor does another name":         {"root", "b.test", false},
		"the intermediate is an anchor": {"middle", "a.test", true},
	}
	// What a server presents: the leaf and what stands behind it in its file.
	presented, err := tls.X509KeyPair(ring.Certs["leaf"].CertPEM, ring.Certs["leaf"].KeyPEM)
	if err != nil {
		t.Fatal(err)
	}
	between := x509.NewCertPool()
	for _, der := range presented.Certificate[1:] {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		between.AddCert(c)
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			roots := x509.NewCertPool()
			roots.AddCert(ring.CAs[tt.root].Leaf)
			_, err := ring.Certs["leaf"].Leaf.Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, DNSName: tt.name})
			if (err == nil) != tt.valid {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestNameOf(t *testing.T) {
	ring := generate(t)
	stranger, err := keys.SelfSigned("a.test", "a.test")
	if err != nil {
		t.Fatal(err)
	}
	if got := ring.NameOf(ring.Certs["own"].Leaf); got != "own" {
		t.Errorf("got %s", got)
	}
	if got := ring.NameOf(stranger.Leaf); got != "default" {
		t.Errorf("got %s", got)
	}
}

func TestIssue(t *testing.T) {
	authority, err := keys.NewAuthority("root")
	if err != nil {
		t.Fatal(err)
	}
	identity := &url.URL{Scheme: "spiffe", Host: "cluster.local", Path: "/ns/a/sa/b"}
	p, err := authority.Issue(keys.Subject{CommonName: "c", Organization: "o", Address: "127.0.0.1", Identity: identity})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Leaf.CheckSignatureFrom(authority.Leaf); err != nil {
		t.Error(err)
	}
	if err := p.Leaf.VerifyHostname("127.0.0.1"); err != nil {
		t.Error(err)
	}
	if len(p.Leaf.URIs) != 1 || p.Leaf.URIs[0].String() != identity.String() || p.Leaf.Subject.Organization[0] != "o" {
		t.Errorf("%v, %v", p.Leaf.URIs, p.Leaf.Subject)
	}
}
