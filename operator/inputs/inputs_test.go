package inputs

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	netv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

func ingress(t *testing.T, text string) *Ingress {
	t.Helper()
	o := &netv1.Ingress{}
	require.NoError(t, yaml.UnmarshalStrict([]byte(text), o))
	in, err := ReadIngress(o)
	require.NoError(t, err)
	return in
}

func TestWhatAnIngressDependsOn(t *testing.T) {
	in := ingress(t, `
metadata:
  name: web
  namespace: shop
  generation: 3
  annotations:
    nginx.ingress.kubernetes.io/server-alias: "B.test, c.test"
    nginx.ingress.kubernetes.io/auth-secret: ops/users
    nginx.ingress.kubernetes.io/auth-tls-secret: shop/ca
    nginx.ingress.kubernetes.io/custom-headers: ops/headers
    nginx.ingress.kubernetes.io/configuration-snippet: "more_set_headers x;\nreturn 200;"
    nginx.ingress.kubernetes.io/mirror-target: https://x.test/y/z
spec:
  defaultBackend: {service: {name: fallback, port: {number: 80}}}
  tls: [{hosts: [A.test], secretName: cert}, {}]
  rules:
  - {host: a.test, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}
  - {http: {paths: [{path: /, pathType: Prefix, backend: {resource: {kind: X, name: x}}}]}}
`)
	key := func(ns, n string) snapshot.Key { return snapshot.Key{Namespace: ns, Name: n} }
	want := &Ingress{
		Hosts:        []string{"*", "a.test", "b.test", "c.test"},
		Needs:        []snapshot.Key{key("ops", "headers"), key("ops", "users"), key("shop", "ca"), key("shop", "cert"), key("shop", "fallback"), key("shop", "web")},
		Services:     []snapshot.Key{key("shop", "fallback"), key("shop", "web")},
		Certificates: []snapshot.Key{key("shop", "ca"), key("shop", "cert")}, Users: []snapshot.Key{key("ops", "users")},
		ConfigMaps: []snapshot.Key{key("ops", "headers")},
	}
	got := *in
	got.Ingress, got.Read = nil, 0
	if diff := cmp.Diff(want, &got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWhatBelongsTogether(t *testing.T) {
	in := ingress(t, `{metadata: {name: a, namespace: n}, spec: {rules: [{host: www.a.test}, {host: b.a.test}]}}`)
	want := []string{"host b.a.test", "host *.a.test", "twin b.a.test", "host www.a.test", "host *.a.test", "twin a.test"}
	if diff := cmp.Diff(want, in.Words(map[string]bool{"*.a.test": true})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := in.Words(nil); len(got) != 4 {
		t.Errorf("without the wildcard: %v", got)
	}
}

func TestAnObjectIsReadAgainOnlyWhenItChanged(t *testing.T) {
	var k Kept[string]
	reads := 0
	get := func(name, version string) string {
		v, err := k.Get(snapshot.Key{Name: name}, version, func() (string, error) { reads++; return name + version, nil })
		require.NoError(t, err)
		return v
	}
	k.Begin()
	got := []string{get("a", "1"), get("a", "1"), get("b", "1"), get("a", "2")}
	k.End()
	k.Begin()
	got = append(got, get("a", "2"))
	k.End()
	if diff := cmp.Diff([]string{"a1", "a1", "b1", "a2", "a2"}, got); diff != "" || reads != 3 {
		t.Errorf("%d reads (-want +got):\n%s", reads, diff)
	}
	if v := k.Version(snapshot.Key{Name: "b"}); v != "" {
		t.Errorf("b is remembered at %s", v)
	}
	k.Begin()
	failed := errors.New("no")
	if _, err := k.Get(snapshot.Key{Name: "c"}, "1", func() (string, error) { return "", failed }); !errors.Is(err, failed) {
		t.Error(err)
	}
}

func TestAForeignGatewayWithoutHostsThatAreOurs(t *testing.T) {
	u := &unstructured.Unstructured{}
	require.NoError(t, yaml.Unmarshal([]byte(`
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: g, namespace: edge, labels: {ingress2gw.io/migration: m, ingress2gw.io/edge: live}}
spec:
  selector: {istio: x}
  servers:
  - {port: {number: 443, protocol: HTTPS}, hosts: [shop/A.test, b.test], tls: {}}
  - {port: {number: 80, protocol: HTTP}, hosts: [a.test]}
`), &u.Object))
	g, err := ReadGateway(u)
	require.NoError(t, err)
	if g.Migration != "m" || g.Edge != "live" {
		t.Errorf("%+v", g)
	}
	var asked []string
	got := g.Without(func(_ uint32, host string) bool { asked = append(asked, host); return host == "a.test" })
	want := []snapshot.Server{{Port: 443, Protocol: "HTTPS", Hosts: []string{"b.test"}}, {Port: 80, Protocol: "HTTP", Hosts: []string{"a.test"}}}
	if diff := cmp.Diff(want, got.Servers); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"a.test", "b.test"}, asked); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
	if len(g.Servers[0].Hosts) != 2 {
		t.Error("the original was changed")
	}
}
