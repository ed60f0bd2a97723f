package reports

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	netv1 "k8s.io/api/networking/v1"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

func TestPathsOfLines(t *testing.T) {
	doc := `apiVersion: v1
metadata:
  "a b": x
  annotations:
    note: |
      spec:
      - no: key
    other: y
spec:
  http:
  - match:
    - uri:
        prefix: /
    - headers:
        x: y
  - name: second
    list:
    - - deep
    - plain
    text:
    - |-
      a: b
    after: z
  last: {}
`
	want := []string{
		"apiVersion", "metadata", "metadata.a b", "metadata.annotations", "metadata.annotations.note", "metadata.annotations.note",
		"metadata.annotations.note", "metadata.annotations.other", "spec", "spec.http", "spec.http[0].match", "spec.http[0].match[0].uri",
		"spec.http[0].match[0].uri.prefix", "spec.http[0].match[1].headers", "spec.http[0].match[1].headers.x", "spec.http[1].name",
		"spec.http[1].list", "spec.http[1].list[0][0]", "spec.http[1].list[1]", "spec.http[1].text", "spec.http[1].text[0]",
		"spec.http[1].text[0]", "spec.http[1].after", "spec.last",
	}
	var got []string
	p := pathReader{}
	for line := range strings.Lines(doc) {
		got = append(got, p.next(strings.TrimSuffix(line, "\n")))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// stated is an Ingress with everything that can stand in one.
func stated() *snapshot.Ingress {
	class, prefix := "nginx", netv1.PathTypePrefix
	in := &snapshot.Ingress{Object: ingress("web")}
	in.Name, in.Namespace = "web", "shop"
	in.Labels = map[string]string{"app": "web"}
	in.Annotations = map[string]string{"x/cors": "true", "x/text": "a\nb", "kubectl.kubernetes.io/last-applied-configuration": "{}"}
	service := netv1.IngressBackend{Service: &netv1.IngressServiceBackend{Name: "web", Port: netv1.ServiceBackendPort{Name: "http"}}}
	in.Spec = netv1.IngressSpec{
		IngressClassName: &class, DefaultBackend: &service,
		TLS: []netv1.IngressTLS{{Hosts: []string{"a.test"}, SecretName: "tls"}},
		Rules: []netv1.IngressRule{
			{Host: "a.test", IngressRuleValue: netv1.IngressRuleValue{HTTP: &netv1.HTTPIngressRuleValue{Paths: []netv1.HTTPIngressPath{{Path: "/", PathType: &prefix, Backend: service}}}}},
			{IngressRuleValue: netv1.IngressRuleValue{HTTP: &netv1.HTTPIngressRuleValue{Paths: []netv1.HTTPIngressPath{{Path: "/b", Backend: service}}}}},
		},
	}
	return in
}

func show(lines []Line) string {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(strings.TrimRight(l.Text+" <"+strings.Join(l.Fields, " ")+">", " ") + "\n")
	}
	return b.String()
}

func TestLinesOfAnIngressNameTheirFields(t *testing.T) {
	want := `apiVersion: networking.k8s.io/v1 <>
kind: Ingress <>
metadata: <>
  name: web <>
  namespace: shop <>
  labels: <>
    app: web <>
  annotations: <>
    x/cors: "true" <x/cors>
    x/text: |- <x/text>
      a <x/text>
      b <x/text>
spec: <spec>
  ingressClassName: nginx <spec.ingressClassName>
  defaultBackend: <spec.defaultBackend>
    service: <spec.defaultBackend>
      name: web <spec.defaultBackend>
      port: <spec.defaultBackend>
        name: http <spec.defaultBackend>
  tls: <spec.tls>
  - hosts: <spec.tls[0]>
    - a.test <spec.tls[0]>
    secretName: tls <spec.tls[0]>
  rules: <spec.rules>
  - host: a.test <spec.rules[0]>
    http: <spec.rules[0]>
      paths: <spec.rules[0]>
      - path: / <spec.rules[0].http.paths[0] spec.rules[0]>
        pathType: Prefix <spec.rules[0].http.paths[0] spec.rules[0]>
        backend: <spec.rules[0].http.paths[0] spec.rules[0]>
          service: <spec.rules[0].http.paths[0] spec.rules[0]>
            name: web <spec.rules[0].http.paths[0] spec.rules[0]>
            port: <spec.rules[0].http.paths[0] spec.rules[0]>
              name: http <spec.rules[0].http.paths[0] spec.rules[0]>
  - http: <spec.rules[1]>
      paths: <spec.rules[1]>
      - path: /b <spec.rules[1].http.paths[0] spec.rules[1]>
        backend: <spec.rules[1].http.paths[0] spec.rules[1]>
          service: <spec.rules[1].http.paths[0] spec.rules[1]>
            name: web <spec.rules[1].http.paths[0] spec.rules[1]>
            port: <spec.rules[1].http.paths[0] spec.rules[1]>
              name: http <spec.rules[1].http.paths[0] spec.rules[1]>
`
	in := &Ingress{Object: ingress("web"), source: stated()}
	if diff := cmp.Diff(want, show(in.Lines())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := (&Ingress{}).Lines(); got != nil {
		t.Errorf("lines of an Ingress that could not be read: %v", got)
	}
}

func TestLinesOfObjectsNameTheFieldsTheyComeFrom(t *testing.T) {
	s := stated()
	other := ingress("other")
	service := &manifest.Object{
		APIVersion: "networking.istio.io/v1", Kind: "VirtualService", Namespace: "shop", Name: "v",
		Spec: manifest.Map{{Key: "http", Value: []any{
			manifest.Map{{Key: "name", Value: "a"}, {Key: "corsPolicy", Value: manifest.Map{{Key: "maxAge", Value: "1s"}}}},
			manifest.Map{{Key: "name", Value: "b"}},
		}}},
	}
	secret := &manifest.Object{APIVersion: "v1", Kind: "Secret", Name: "s", Secret: true, Fields: manifest.Map{{Key: "data", Value: manifest.Map{{Key: "tls.key", Value: "c2VjcmV0"}}}}}
	gateway := &manifest.Object{
		APIVersion: "networking.istio.io/v1", Kind: "Gateway", Namespace: "istio-system", Name: "g",
		Spec: manifest.Map{{Key: "servers", Value: []any{
			manifest.Map{{Key: "hosts", Value: []any{"shop/a.test", "x/b.test", "x/c.test"}}},
			manifest.Map{{Key: "hosts", Value: []any{"x/d.test"}}, {Key: "tls", Value: manifest.Map{{Key: "mode", Value: "SIMPLE"}}}},
		}}, {Key: "selector", Value: manifest.Map{{Key: "istio", Value: "gw"}}}},
	}
	origin := func(o *finding.Object, field string) finding.Origin { return finding.Origin{Object: o, Field: field} }
	in := &Ingress{Object: s.Object, Hosts: []string{"a.test"}, source: s, gateways: map[*manifest.Object]*gatewayParts{gateway: takeApart(gateway)}}
	in.sources = map[*manifest.Object][]manifest.Source{service: {
		{Path: "spec.http[0]", Origins: []finding.Origin{origin(s.Object, "spec.rules[0].http.paths[0]")}},
		{Path: "spec.http[0].corsPolicy", Origins: []finding.Origin{origin(s.Object, "x/cors"), origin(s.Object, "x/default"), origin(other, "x/text")}},
		{Path: "spec.http[1]", Origins: []finding.Origin{origin(other, "spec.rules[0].http.paths[0]")}},
	}}
	want := `apiVersion: networking.istio.io/v1 <>
kind: VirtualService <>
metadata: <>
  name: v <>
  namespace: shop <>
spec: <>
  http: <>
  - name: a <spec.rules[0].http.paths[0]>
    corsPolicy: <x/cors spec.rules[0].http.paths[0]>
      maxAge: 1s <x/cors spec.rules[0].http.paths[0]>
  - name: b <>
apiVersion: v1 <>
kind: Secret <>
metadata: <>
  name: s <>
data: <>
  tls.key: "***" <>
apiVersion: networking.istio.io/v1 <>
kind: Gateway <>
metadata: <>
  name: g <>
  namespace: istio-system <>
spec: <>
  servers: <>
  - hosts: <spec.rules[0] spec.rules[1]>
    - shop/a.test <spec.rules[0] spec.rules[1]>
  # and 2 further hosts <>
  # and 1 further server <>
  selector: <>
    istio: gw <>
`
	got := show(in.ObjectLines(service)) + show(in.ObjectLines(secret)) + show(in.ObjectLines(gateway))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	require.Equal(t, []any{"shop/a.test", "x/b.test", "x/c.test"}, items(under(gateway.Spec, "servers"))[0].(manifest.Map)[0].Value, "showing a part must not change the object")
}
