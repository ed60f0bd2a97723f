package nginx

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

// authority is a certificate of a CA that admits a number of intermediates below it; -1 for any.
type authority struct {
	subject, issuer string
	most            int
	leaf            bool
}

func bundle(t *testing.T, cas ...authority) map[string][]byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	var out []byte
	for _, a := range cas {
		tmpl := &x509.Certificate{
			SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: a.subject},
			BasicConstraintsValid: true, IsCA: !a.leaf, MaxPathLen: a.most, MaxPathLenZero: a.most == 0,
		}
		parent := &x509.Certificate{Subject: pkix.Name{CommonName: a.issuer}}
		der, err := x509.CreateCertificate(rand.Reader, tmpl, parent, &key.PublicKey, key)
		require.NoError(t, err)
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	}
	return map[string][]byte{"ca.crt": out}
}

func TestShortChains(t *testing.T) {
	root := func(most int) authority { return authority{subject: "root", issuer: "root", most: most} }
	for name, c := range map[string]struct {
		cas   []authority
		depth int
		want  bool
	}{
		"a root without a limit admits any chain":               {[]authority{root(-1)}, 1, false},
		"a root that admits as many as are allowed":             {[]authority{root(1)}, 1, true},
		"a root that admits none":                               {[]authority{root(0)}, 1, true},
		"a root that admits more":                               {[]authority{root(2)}, 1, false},
		"more are allowed":                                      {[]authority{root(2)}, 3, true},
		"one of two roots has no limit":                         {[]authority{root(0), {subject: "other", issuer: "other", most: -1}}, 1, false},
		"a trusted intermediate would have counted itself":      {[]authority{root(1), {subject: "mid", issuer: "root", most: 1}}, 1, false},
		"a trusted intermediate with nothing below it is short": {[]authority{root(1), {subject: "mid", issuer: "root", most: 0}}, 1, true},
		"a certificate of no CA says nothing":                   {[]authority{{subject: "leaf", issuer: "root", most: -1, leaf: true}}, 1, false},
		"no certificate says nothing":                           {nil, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, shortChains(bundle(t, c.cas...), c.depth)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
