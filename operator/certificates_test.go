//go:build envtest

package operator

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
)

// pair makes a self-signed certificate for a host.
func pair(t *testing.T, host string) map[string][]byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	require.NoError(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	return map[string][]byte{
		"tls.crt": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), "tls.key": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}),
	}
}

func (s *site) tlsIngress(namespace, name, host, secret string) {
	s.t.Helper()
	s.create(fmt.Sprintf(`
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: %s, namespace: NAME-%s, annotations: {ingress2gw.io/phase: live}}
spec:
  ingressClassName: NAME
  tls: [{hosts: [%[3]s], secretName: %[4]s}]
  rules: [{host: %[3]s, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]`, name, namespace, host, secret))
}

func (s *site) copied(name string) (*corev1.Secret, error) {
	o := &corev1.Secret{}
	return o, s.admin.Get(s.t.Context(), client.ObjectKey{Namespace: s.ns("edge"), Name: name}, o)
}

func TestCopiesOfCertificatesKeepInStep(t *testing.T) {
	s := shared(t).site(t, "copies", func(m *v1alpha1.Migration) { m.Spec.TLS.Policy = "copy" })
	first, second := pair(t, "a.test"), pair(t, "a.test")
	source := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: s.ns("shop"), Name: "cert"}, Type: corev1.SecretTypeTLS, Data: first}
	require.NoError(t, s.admin.Create(t.Context(), source))
	s.tlsIngress("shop", "a", "a.test", "cert")
	shared(t).operator(t, nil)
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	name := s.ns("shop") + ".cert"
	holds := func(want map[string][]byte) func() error {
		return func() error {
			c, err := s.copied(name)
			if err == nil && !bytes.Equal(c.Data["tls.crt"], want["tls.crt"]) {
				err = fmt.Errorf("the copy is another")
			}
			return err
		}
	}
	s.eventually(holds(first))
	change := func(data map[string][]byte) {
		source.Data = data
		require.NoError(t, s.admin.Update(t.Context(), source))
	}
	change(second)
	s.eventually(holds(second))
	// A broken one never gets there.
	change(map[string][]byte{"tls.crt": first["tls.crt"], "tls.key": second["tls.key"]})
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonCertificate)
	require.NoError(t, holds(second)())
	s.get("Gateway " + s.ns("edge") + "/i2g-" + s.ns("shop") + "-cert")
	change(first)
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	s.eventually(holds(first))
	// Somebody who writes into the copy changes nothing.
	c, err := s.copied(name)
	require.NoError(t, err)
	c.Data = second
	require.NoError(t, s.admin.Update(t.Context(), c))
	s.eventually(holds(first))
}

func TestNoSecondServerForAHost(t *testing.T) {
	s := shared(t).site(t, "taken", nil)
	gateway := `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: NAMED, namespace: NAME-edge}
spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 443, name: https, protocol: HTTPS}, hosts: [HOST], tls: {mode: SIMPLE, credentialName: x}}]}`
	foreign := func(name, host string) {
		s.create(strings.NewReplacer("NAMED", name, "HOST", host).Replace(gateway))
	}
	for _, n := range []string{"a", "b"} {
		require.NoError(t, s.admin.Create(t.Context(), &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: s.ns("shop"), Name: n}, Type: corev1.SecretTypeTLS, Data: pair(t, n+".test")}))
	}
	foreign("theirs", "'*/a.test'")
	s.tlsIngress("shop", "a", "a.test", "a")
	s.tlsIngress("shop", "b", "b.test", "b")
	shared(t).operator(t, nil)
	s.eventually(func() error {
		return s.is("shop", "a", v1alpha1.PhaseLive, v1alpha1.ConditionApplied, v1alpha1.ReasonHostTaken)
	})
	s.becomes("shop", "b", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	servers := func() (n int) {
		for name, o := range s.objects() {
			if o.GetKind() == "Gateway" && name != "Gateway "+s.ns("edge")+"/theirs" && bytes.Contains([]byte(fmt.Sprint(o.Object)), []byte("shop/a.test")) && bytes.Contains([]byte(fmt.Sprint(o.Object)), []byte("HTTPS")) {
				n++
			}
		}
		return n
	}
	if n := servers(); n != 0 {
		t.Errorf("%d servers are made beside the foreign one", n)
	}
	// One that comes later and claims what is served does not take it down.
	time.Sleep(1100 * time.Millisecond) // ages are in seconds
	foreign("late", "b.test")
	s.say("shop", "b", "nginx.ingress.kubernetes.io/proxy-read-timeout", "17")
	s.ingress("blog", "c", "c.test", phaseNote(v1alpha1.PhaseLive))
	s.becomes("blog", "c", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	s.get("Gateway " + s.ns("edge") + "/i2g-" + s.ns("shop") + "-b")
	it, err := s.translation("shop", "b")
	require.NoError(t, err)
	if c := meta.FindStatusCondition(it.Status.Conditions, v1alpha1.ConditionApplied); c.Status != metav1.ConditionTrue {
		t.Errorf("b: %+v", c)
	}
}

// A Gateway of `ingress2gw convert` may serve more TLS hosts than those that are live here, so that none is taken from it.
func TestATLSHostOfConvertStaysWhereItIs(t *testing.T) {
	s := shared(t).site(t, "converted", func(m *v1alpha1.Migration) { m.Spec.Adopt = "generated" })
	s.certificate("shop", "a", "a.converted.test")
	s.create(`
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: i2g-NAME-shop-a, namespace: NAME-edge, labels: {app.kubernetes.io/managed-by: ingress2gw}}
spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 443, name: https, protocol: HTTPS}, hosts: [NAME-shop/a.converted.test, NAME-shop/b.converted.test], tls: {mode: SIMPLE, credentialName: a}}]}`)
	gateway := "Gateway " + s.ns("edge") + "/i2g-" + s.ns("shop") + "-a"
	before := s.bytes()[gateway]
	s.tlsIngress("shop", "a", "a.converted.test", "a")
	shared(t).operator(t, nil)
	s.eventually(func() error {
		return s.is("shop", "a", v1alpha1.PhaseLive, v1alpha1.ConditionApplied, v1alpha1.ReasonHostTaken)
	})
	if got := s.bytes()[gateway]; got != before {
		t.Errorf("before:\n%s\nafter:\n%s", before, got)
	}
}
