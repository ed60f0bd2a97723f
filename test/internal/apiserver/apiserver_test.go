package apiserver

import (
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/ingress2gw/ingress2gw/test/internal/keys"
)

func TestWarningsAreTakenOnce(t *testing.T) {
	w := &warnings{}
	for _, text := range []string{"rule is not used", "rule is not used", "", "deprecated"} {
		w.HandleWarningHeader(299, "", text)
	}
	w.HandleWarningHeader(110, "", "no warning of an API server")
	if diff := cmp.Diff([]string{"rule is not used", "deprecated"}, w.take()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got := w.take(); got != nil {
		t.Errorf("taken twice: %q", got)
	}
}

func TestDecode(t *testing.T) {
	docs, err := Decode("---\n# nothing\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: shop}\n---\nkind: Pod\n")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range docs {
		got = append(got, strings.TrimSpace(d.GetKind()+" "+d.GetNamespace()+"/"+d.GetName()))
	}
	if diff := cmp.Diff([]string{"Secret shop/a", "Pod /"}, got); diff != "" {
		t.Error(diff)
	}
	if _, err := Decode("a: ["); err == nil {
		t.Error("no error")
	}
}

func TestServerCertificateIsForItsAddress(t *testing.T) {
	authority, err := keys.NewAuthority("root")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	f, err := writeKeys(dir, authority)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(f.serverCert)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(authority.Leaf)
	leaf := parse(t, text)
	if _, err := leaf.Verify(x509.VerifyOptions{Roots: pool, DNSName: address}); err != nil {
		t.Error(err)
	}
	tokens, err := os.ReadFile(f.tokens)
	if err != nil {
		t.Fatal(err)
	}
	if want := f.token + `,admin,1,"system:masters"` + "\n"; string(tokens) != want || len(f.token) < 32 {
		t.Errorf("tokens %q, want %q", tokens, want)
	}
}

func parse(t *testing.T, text []byte) *x509.Certificate {
	t.Helper()
	block, _ := pem.Decode(text)
	if block == nil {
		t.Fatalf("no certificate in %q", text)
	}
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return leaf
}

func TestKubeconfigSaysTheSame(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kubeconfig")
	want := &rest.Config{Host: "https://127.0.0.1:6443", BearerToken: "secret", TLSClientConfig: rest.TLSClientConfig{CAData: []byte("ca")}}
	if err := writeKubeconfig(path, want); err != nil {
		t.Fatal(err)
	}
	got, err := clientcmd.BuildConfigFromFlags("", path)
	if err != nil {
		t.Fatal(err)
	}
	type said struct{ host, token, ca string }
	of := func(c *rest.Config) said { return said{c.Host, c.BearerToken, string(c.CAData)} }
	if of(got) != of(want) {
		t.Errorf("%+v, want %+v", of(got), of(want))
	}
}
