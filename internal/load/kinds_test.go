package load

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

const kinds = `apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata:
  name: nginx
  annotations:
    ingressclass.kubernetes.io/is-default-class: "true"
spec:
  controller: k8s.io/ingress-nginx
---
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  ports:
  - name: http
    port: 80
    targetPort: 8080
    appProtocol: kubernetes.io/h2c
  - port: 81
    protocol: UDP
    targetPort: web
---
apiVersion: v1
kind: Service
metadata:
  name: far
  namespace: shop
spec: {type: ExternalName, externalName: far.example.com}
---
apiVersion: v1
kind: Service
metadata: {name: headless}
spec: {clusterIP: None}
---
apiVersion: v1
kind: Secret
metadata: {name: cert}
type: kubernetes.io/tls
data: {tls.crt: Y2VydA==, tls.key: null}
stringData: {ca.crt: authority}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data:
  proxy-body-size: 8m
  snippet: |
    "${host} {{ x }}"
---
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: networking.istio.io/v1alpha3
kind: Gateway
metadata: {name: edge, namespace: istio-system, labels: {app.kubernetes.io/managed-by: ingress2gw}}
spec:
  selector: {istio: edge}
  servers:
  - port: {number: 443, protocol: HTTPS, name: https}
    hosts: ["shop/*.example.com"]
  - port: {number: "80", protocol: HTTP}
    hosts: ["*"]
    tls: {httpsRedirect: true}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: web}
spec:
  host: web.default.svc.cluster.local
  exportTo: ["."]
  trafficPolicy: {tls: {mode: DISABLE}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: another-kind}
`

func object(kind, namespace, name string, line int) *finding.Object {
	return &finding.Object{Kind: kind, Namespace: namespace, Name: name, File: "in.yaml", Line: line}
}

func TestOtherKinds(t *testing.T) {
	want := snapshot.New()
	want.HasClasses, want.HasServices, want.HasSecrets = true, true, true
	want.Ingresses = []*snapshot.Ingress{}
	want.Classes["nginx"] = &snapshot.Class{Object: object("IngressClass", "", "nginx", 1), Name: "nginx", Controller: "k8s.io/ingress-nginx", Default: true}
	web, far, headless := snapshot.Key{Namespace: "default", Name: "web"}, snapshot.Key{Namespace: "shop", Name: "far"}, snapshot.Key{Namespace: "default", Name: "headless"}
	want.Services[web] = &snapshot.Service{Object: object("Service", "default", "web", 10), Key: web, Ports: []snapshot.ServicePort{
		{Name: "http", Number: 80, TargetPort: "8080", AppProtocol: "kubernetes.io/h2c"}, {Number: 81, Protocol: "UDP", TargetPort: "web"},
	}}
	want.Services[far] = &snapshot.Service{Object: object("Service", "shop", "far", 24), Key: far, ExternalName: "far.example.com"}
	want.Services[headless] = &snapshot.Service{Object: object("Service", "default", "headless", 31), Key: headless, Headless: true}
	cert, settings := snapshot.Key{Namespace: "default", Name: "cert"}, snapshot.Key{Namespace: "default", Name: "settings"}
	want.Secrets[cert] = &snapshot.Secret{
		Object: object("Secret", "default", "cert", 36), Key: cert, Type: "kubernetes.io/tls",
		Data: map[string][]byte{"tls.crt": []byte("cert"), "tls.key": {}, "ca.crt": []byte("authority")},
	}
	want.ConfigMaps[settings] = &snapshot.ConfigMap{
		Object: object("ConfigMap", "default", "settings", 43), Key: settings,
		Data: map[string]string{"proxy-body-size": "8m", "snippet": "\"${host} {{ x }}\"\n"}, Lines: map[string]int{"proxy-body-size": 47, "snippet": 48},
	}
	want.Namespaces["shop"] = true
	want.Gateways = []*snapshot.Gateway{{
		Object: object("Gateway", "istio-system", "edge", 55), Key: snapshot.Key{Namespace: "istio-system", Name: "edge"}, Selector: map[string]string{"istio": "edge"}, Ours: true,
		Servers: []snapshot.Server{{Port: 443, Protocol: "HTTPS", Hosts: []string{"shop/*.example.com"}}, {Port: 80, Protocol: "HTTP", Hosts: []string{"*"}, Redirect: true}},
	}}
	want.DestinationRules = []*snapshot.DestinationRule{{
		Object: object("DestinationRule", "default", "web", 67), Key: web, Host: "web.default.svc.cluster.local", ExportTo: []string{"."}, HasPolicy: true,
	}}
	got := readText(kinds)
	var said []string
	for _, f := range got.Findings.Sorted() {
		said = append(said, f.Message())
	}
	if diff := cmp.Diff([]string{"the rest of the input (Gateway 1) is not a Kubernetes Ingress; skipped"}, said); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	got.Findings = finding.List{}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(finding.List{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestOtherKindsThatCannotBeUsed(t *testing.T) {
	cases := map[string]struct{ in, want string }{
		"a Service port that is none":     {"apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: 0}]}\n", "InvalidObject 4 Service default/a spec.ports[0]\n"},
		"a Secret that is no base64":      {"apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {b: '*'}\n", "InvalidObject 4 Secret default/a data.b\n"},
		"a setting that is no string":     {"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {use-http2: true}\n", "InvalidObject 4 ConfigMap default/a data.use-http2\n"},
		"a class without a controller":    {"apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: a}\n", "InvalidObject 1 IngressClass a spec.controller\n"},
		"a namespace with a strange name": {"apiVersion: v1\nkind: Namespace\nmetadata: {name: A}\n", "InvalidObject 3 Namespace A metadata.name\n"},
		"a Gateway port that is text":     {"apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: a}\nspec: {servers: [{port: {number: x}}]}\n", "InvalidObject 4 Gateway default/a spec.servers[0].port.number\n"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := readText(c.in)
			if diff := cmp.Diff("read 0 failed 0\n"+c.want, outcome(s)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if len(s.Services)+len(s.Secrets)+len(s.ConfigMaps)+len(s.Classes)+len(s.Namespaces)+len(s.Gateways) > 0 {
				t.Error("the object is there all the same")
			}
		})
	}
}

// A Secret whose content is not there yet exists all the same: what refers to it must not be taken for broken.
func TestSecretsOfUnknownContent(t *testing.T) {
	for name, c := range map[string]struct{ data, want string }{
		"encrypted": {"data: {a: 'ENC[AES256_GCM,data:x]'}\nsops: {}\n", "Encrypted"},
		"variable":  {"data: {a: '${CERT}'}\n", "UnexpandedVariable"},
		"text":      {"stringData: {a: '${CERT}', b: 'it costs ${x}'}\n", "UnexpandedVariable"},
	} {
		s := readText("apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n" + c.data)
		secret := s.Secrets[snapshot.Key{Namespace: "default", Name: "a"}]
		if secret == nil || secret.Data != nil {
			t.Errorf("%s: the Secret is %+v", name, secret)
		}
		if all := s.Findings.Sorted(); len(all) != 1 || all[0].Code.Entry().Name != c.want {
			t.Errorf("%s: findings %v", name, all)
		}
	}
}

func TestKindsThatAreNotReadAreCounted(t *testing.T) {
	in := strings.Repeat("---\nkind: Pod\napiVersion: v1\n---\nkind: IngressRoute\napiVersion: traefik.io/v1alpha1\n", 2) + "---\nkind: a b\napiVersion: v1\n---\n" + good
	for i := range 3 * maxKinds {
		in += fmt.Sprintf("---\nkind: Kind%03d\napiVersion: v1\n", i)
	}
	s := readText(in)
	message := s.Findings.Sorted()[0].Message()
	for _, want := range []string{"IngressRoute 2, ", "Pod 2, ", oddKind + " 64"} {
		if !strings.Contains(message, want) {
			t.Errorf("%q does not say %q", message, want)
		}
	}
	if n := strings.Count(message, ","); n > maxKinds || s.Read != 1 {
		t.Errorf("%d kinds: %q", n, message)
	}
}
