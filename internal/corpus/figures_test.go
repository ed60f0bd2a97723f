package corpus

import (
	"cmp"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"maps"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ingress2gw/ingress2gw/internal/load"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate"
	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/resolve"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// outcome is what becomes of a document's annotations, from best to worst.
type outcome int

const (
	carried  outcome = iota // each is translated, or needs nothing
	asNginx                 // the controller refuses a value or does not know a key; the translation does what it does
	byHand                  // something is left to people
	noObject                // an API server would refuse the document: no controller ever sees it
)

// TestFigures prints the share of documents in which each annotation of ingress-nginx is translated or needs nothing, once
// with the controller's defaults and the document alone, and once with what its users will have: snippets allowed, and
// the Secrets and ConfigMaps that the document names. The rest is listed with its reasons.
func TestFigures(t *testing.T) {
	helper := newCompanions(t)
	for _, setting := range []struct {
		name   string
		settle func(*snapshot.Snapshot, *translate.Options)
	}{
		{"the controller's defaults, each document alone", func(*snapshot.Snapshot, *translate.Options) {}},
		{"snippets allowed, Secrets and ConfigMaps as the document presumes", helper.settle},
	} {
		t.Run(setting.name, func(t *testing.T) { figures(t, setting.settle) })
	}
}

func figures(t *testing.T, settle func(*snapshot.Snapshot, *translate.Options)) {
	counts := map[outcome]int{}
	var rest []string
	for _, p := range files(t) {
		s := snapshot.New()
		b, err := os.ReadFile(p)
		require.NoError(t, err)
		load.Bytes(p, b, s)
		if !strings.Contains(string(b), prefix) {
			continue
		}
		o := own(s)
		settle(s, &o)
		got, reasons := judge(s, translate.Translate(s, o))
		counts[got]++
		for _, r := range reasons {
			rest = append(rest, filepath.Base(filepath.Dir(p))+"/"+filepath.Base(p)+": "+r)
		}
	}
	total := counts[carried] + counts[asNginx] + counts[byHand]
	if total == 0 {
		t.Log("no document has annotations of ingress-nginx")
		return
	}
	share := func(n int) string { return fmt.Sprintf("%d of %d (%.1f %%)", n, total, 100*float64(n)/float64(total)) }
	t.Logf("every annotation translated or without need: %s", share(counts[carried]))
	t.Logf("that, or refused or unknown as by the controller: %s", share(counts[carried]+counts[asNginx]))
	t.Logf("%d more documents would be refused by an API server", counts[noObject])
	for _, r := range rest {
		t.Log(r)
	}
}

// judge says what becomes of the annotations of a file, and why not better.
func judge(s *snapshot.Snapshot, r *translate.Result) (outcome, []string) {
	got, seen := noObject, false
	var reasons []string
	said := classes(r.Findings)
	for _, in := range s.Ingresses {
		for _, k := range slices.Sorted(maps.Keys(in.Annotations)) {
			cs, ok := said[in.Object][k]
			if !strings.HasPrefix(k, prefix) || !ok || len(cs) == 0 {
				continue
			}
			if !seen {
				got, seen = carried, true
			}
			why := asNginx
			switch cs[0] {
			case finding.Exact, finding.Approximate, finding.Noop:
				continue
			case finding.Manual, finding.Refused:
				why = byHand
			}
			got = max(got, why)
			reasons = append(reasons, reason(r.Findings, in.Object, k))
		}
	}
	return got, reasons
}

func reason(fs []finding.Finding, o *finding.Object, key string) string {
	for _, f := range fs {
		if f.Origin.Object == o && f.Origin.Field == key && f.Class != "" {
			return string(f.Class) + ": " + f.Message()
		}
	}
	return ""
}

// own are options by which the controller of a document serves it, whatever its class is called.
func own(s *snapshot.Snapshot) translate.Options {
	o := translate.Options{Source: translate.SourceOptions{WatchIngressWithoutClass: true, ClassControllers: map[string]string{}}}
	for _, in := range s.Ingresses {
		if c := in.Spec.IngressClassName; c != nil {
			o.Source.ClassControllers[*c] = resolve.IngressNginx
		}
		o.Source.IngressClass = cmp.Or(o.Source.IngressClass, in.Annotations["kubernetes.io/ingress.class"])
	}
	return o
}

// companions are objects that documents name.
type companions struct{ cert, key []byte }

func newCompanions(t *testing.T) *companions {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "corpus"}, DNSNames: []string{"*.test"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	return &companions{
		cert: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		key:  pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}),
	}
}

// settle gives a document what it presumes: a controller that admits snippets and references across namespaces, and the
// objects that its annotations name. Limits of connections become shared ones.
func (c *companions) settle(s *snapshot.Snapshot, o *translate.Options) {
	config := snapshot.Key{Namespace: "ingress-nginx", Name: "controller"}
	add := func(k snapshot.Key, data map[string]string) {
		s.ConfigMaps[k] = &snapshot.ConfigMap{Object: &finding.Object{Kind: "ConfigMap", Namespace: k.Namespace, Name: k.Name}, Key: k, Data: data}
	}
	add(config, map[string]string{"allow-snippet-annotations": "true", "annotations-risk-level": "Critical", "allow-cross-namespace-resources": "true"})
	o.Source.ControllerConfig, o.Target.Connections = config, emit.ConnectionsShared
	for _, in := range s.Ingresses {
		for name, v := range in.Annotations {
			key, ok := strings.CutPrefix(name, prefix)
			namespace, object, found := strings.Cut(v, "/")
			if !found {
				namespace, object = in.Namespace, v
			}
			k := snapshot.Key{Namespace: namespace, Name: object}
			switch {
			case !ok:
			case key == "auth-secret":
				c.secret(s, k, map[string][]byte{"auth": []byte("someone:{SHA}2jmj7l5rSw0yVb/vlWAYkK/YBwk=\n")})
			case strings.HasSuffix(key, "-secret"):
				c.secret(s, k, map[string][]byte{"tls.crt": c.cert, "tls.key": c.key, "ca.crt": c.cert})
			case key == "custom-headers", key == "auth-proxy-set-headers", key == "fastcgi-params-configmap":
				add(k, map[string]string{})
			}
		}
	}
}

func (c *companions) secret(s *snapshot.Snapshot, k snapshot.Key, data map[string][]byte) {
	if s.Secrets[k] == nil {
		s.Secrets[k] = &snapshot.Secret{Object: &finding.Object{Kind: "Secret", Namespace: k.Namespace, Name: k.Name}, Key: k, Type: "Opaque", Data: data}
	}
}
