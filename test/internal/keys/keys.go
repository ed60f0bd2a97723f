// Package keys generates the keys and certificates of a case; nothing secret is stored in the cases.
package keys

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"time"

	"github.com/ingress2gw/ingress2gw/test/internal/casefile"
)

// Pair is a certificate with its key.
type Pair struct {
	Leaf    *x509.Certificate
	CertPEM []byte // the leaf and the intermediates between it and its root
	KeyPEM  []byte
	TLS     tls.Certificate

	key   *ecdsa.PrivateKey
	chain [][]byte // intermediates, DER
}

// Ring holds what a case listed, by name.
type Ring struct {
	CAs, Certs map[string]*Pair
}

// Generate makes everything that p lists.
func Generate(p casefile.PKI) (*Ring, error) {
	r := &Ring{CAs: map[string]*Pair{}, Certs: map[string]*Pair{}}
	for _, c := range p.CAs {
		ca, err := issue(request{Subject: Subject{CommonName: c.CommonName}, isCA: true, parent: r.CAs[c.Issuer]})
		if err != nil {
			return nil, fmt.Errorf("certificate authority %s: %w", c.Name, err)
		}
		if c.Issuer != "" {
			ca.chain = append([][]byte{ca.Leaf.Raw}, r.CAs[c.Issuer].chain...)
		}
		r.CAs[c.Name] = ca
	}
	for _, c := range p.Certs {
		leaf, err := issue(request{Subject: Subject{CommonName: c.CommonName, DNSNames: c.DNSNames}, parent: r.CAs[c.CA]})
		if err != nil {
			return nil, fmt.Errorf("certificate %s: %w", c.Name, err)
		}
		r.Certs[c.Name] = leaf
	}
	return r, nil
}

// SelfSigned makes one certificate of its own.
func SelfSigned(commonName, dnsName string) (*Pair, error) {
	return issue(request{Subject: Subject{CommonName: commonName, DNSNames: []string{dnsName}}})
}

// Subject says whom a certificate is for.
type Subject struct {
	CommonName   string
	Organization string
	DNSNames     []string
	Address      string   // an IP address; may be empty
	Identity     *url.URL // a SPIFFE identity; may be nil
}

// NewAuthority makes a certificate authority that no case lists.
func NewAuthority(commonName string) (*Pair, error) {
	return issue(request{Subject: Subject{CommonName: commonName}, isCA: true})
}

// Issue signs a certificate.
func (p *Pair) Issue(s Subject) (*Pair, error) { return issue(request{Subject: s, parent: p}) }

// NameOf tells which listed certificate this is, or "default" for any other.
func (r *Ring) NameOf(leaf *x509.Certificate) string {
	for name, p := range r.Certs {
		if p.Leaf.Equal(leaf) {
			return name
		}
	}
	return "default"
}

type request struct {
	Subject
	isCA   bool
	parent *Pair // nil: self-signed
}

func issue(r request) (*Pair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 100))
	if err != nil {
		return nil, err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{CommonName: r.CommonName},
		NotBefore:             now.Add(-time.Hour),
		NotAfter:              now.Add(90 * 24 * time.Hour),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		DNSNames:              r.DNSNames,
		BasicConstraintsValid: true,
		IsCA:                  r.isCA,
	}
	if r.Organization != "" {
		template.Subject.Organization = []string{r.Organization}
	}
	if ip := net.ParseIP(r.Address); ip != nil {
		template.IPAddresses = []net.IP{ip}
	}
	if r.Identity != nil {
		template.URIs = []*url.URL{r.Identity}
	}
	if r.isCA {
		template.KeyUsage, template.ExtKeyUsage = x509.KeyUsageCertSign|x509.KeyUsageCRLSign, nil
	}
	issuer, signer := template, key
	if r.parent != nil {
		issuer, signer = r.parent.Leaf, r.parent.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, issuer, &key.PublicKey, signer)
	if err != nil {
		return nil, err
	}
	return assemble(der, key, r)
}

// assemble adds the intermediates that whoever presents the leaf has to present too.
func assemble(der []byte, key *ecdsa.PrivateKey, r request) (*Pair, error) {
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	keyDER, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, err
	}
	p := &Pair{Leaf: leaf, key: key, CertPEM: encode("CERTIFICATE", der), KeyPEM: encode("EC PRIVATE KEY", keyDER)}
	if r.parent != nil && !r.isCA {
		for _, d := range r.parent.chain {
			p.CertPEM = append(p.CertPEM, encode("CERTIFICATE", d)...)
		}
	}
	p.TLS, err = tls.X509KeyPair(p.CertPEM, p.KeyPEM)
	return p, err
}

func encode(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}
