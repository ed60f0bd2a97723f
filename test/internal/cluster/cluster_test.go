package cluster_test

import (
	"net"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/ingress2gw/ingress2gw/test/internal/backend"
	"github.com/ingress2gw/ingress2gw/test/internal/casefile"
	"github.com/ingress2gw/ingress2gw/test/internal/cluster"
	"github.com/ingress2gw/ingress2gw/test/internal/keys"
)

// network is for these tests alone: two packages may be tested at the same time.
const network cluster.Network = "127.12"

func build(t *testing.T, c *casefile.Case) *cluster.Cluster {
	t.Helper()
	ring, err := keys.Generate(c.PKI)
	if err != nil {
		t.Fatal(err)
	}
	farm := backend.NewFarm(ring)
	t.Cleanup(func() { _ = farm.Close() })
	cl, err := cluster.Build(c, ring, farm, network)
	if err != nil {
		t.Fatal(err)
	}
	return cl
}

// find returns the object of a type and name.
func find[T interface{ GetName() string }](t *testing.T, cl *cluster.Cluster, name string) T {
	t.Helper()
	for _, o := range cl.Objects {
		if x, ok := o.(T); ok && x.GetName() == name {
			return x
		}
	}
	var none T
	t.Fatalf("no %T %s", none, name)
	return none
}

func TestEveryEndpointHasAnAddressOfItsOwn(t *testing.T) {
	c := &casefile.Case{Services: []casefile.Service{
		{Name: "shop/a", Endpoints: make(casefile.Endpoints, 2)},
		{Name: "shop/b", Ports: []casefile.Port{
			{Name: "number", Port: 80, TargetPort: 8080}, {Name: "gateway", Port: 81, TargetPort: 80}, {Name: "named", Port: 82, TargetPort: "web"}, {Name: "none", Port: 83},
		}},
	}}
	cl := build(t, c)
	addresses := func(name string) []string {
		var out []string
		for _, e := range find[*discoveryv1.EndpointSlice](t, cl, name).Endpoints {
			out = append(out, e.Addresses...)
		}
		return out
	}
	if diff := cmp.Diff([]string{"127.12.1.1", "127.12.1.2"}, addresses("a-1")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"127.12.2.1"}, addresses("b-1")); diff != "" {
		t.Error(diff)
	}
	type port struct {
		declared intstr.IntOrString
		bound    int32
	}
	var got []port
	service, slice := find[*corev1.Service](t, cl, "b"), find[*discoveryv1.EndpointSlice](t, cl, "b-1")
	for i, p := range service.Spec.Ports {
		got = append(got, port{p.TargetPort, *slice.Ports[i].Port})
		conn, err := net.Dial("tcp", netip.AddrPortFrom(netip.MustParseAddr("127.12.2.1"), uint16(*slice.Ports[i].Port)).String())
		if err != nil {
			t.Errorf("port %s: %v", p.Name, err)
			continue
		}
		_ = conn.Close()
	}
	want := []port{
		{intstr.FromInt32(8080), 8080}, {intstr.FromInt32(80), 19001}, {intstr.FromString("web"), 19002}, {intstr.FromInt32(19003), 19003},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(port{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"a.shop.svc.cluster.local": "127.12.1.1", "b.shop.svc.cluster.local": "127.12.2.1"}, cl.Names); diff != "" {
		t.Errorf("names, -want +got:\n%s", diff)
	}
}

func TestServicesWithoutEndpoints(t *testing.T) {
	cl := build(t, &casefile.Case{Services: []casefile.Service{{Name: "shop/far", ExternalName: "far.test"}, {Name: "shop/gone", Absent: true}}})
	if got := find[*corev1.Service](t, cl, "far").Spec; got.Type != corev1.ServiceTypeExternalName || got.ExternalName != "far.test" {
		t.Errorf("%+v", got)
	}
	for _, o := range cl.Objects {
		if s, ok := o.(*corev1.Service); ok && s.Name == "gone" {
			t.Error("an absent Service exists")
		}
		if s, ok := o.(*discoveryv1.EndpointSlice); ok && s.Name == "far-1" {
			t.Error("an ExternalName has endpoints")
		}
	}
}

func TestNamespacesExistOnce(t *testing.T) {
	cl := build(t, &casefile.Case{
		Services: []casefile.Service{{Name: "shop/a"}, {Name: "shop/b"}},
		PKI: casefile.PKI{
			Certs:   []casefile.Cert{{Name: "c", CommonName: "c", DNSNames: []string{"c"}}},
			Secrets: []casefile.Secret{{Secret: "vault/c", Cert: "c"}},
		},
	})
	var got []string
	for _, o := range cl.Objects {
		if n, ok := o.(*corev1.Namespace); ok {
			got = append(got, n.Name)
		}
	}
	if diff := cmp.Diff([]string{"istio-system", "default", "shop", "vault"}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestInput(t *testing.T) {
	c := &casefile.Case{
		Controller: casefile.Controller{Config: map[string]string{"use-gzip": "true"}},
		Manifests: "kind: Ingress\nmetadata: {name: first}\n---\nkind: Ingress\nmetadata: {name: second}\n---\n" +
			"kind: Ingress\nmetadata: {name: old, creationTimestamp: '2020-01-01T00:00:00Z', uid: u}\n",
		Services: []casefile.Service{{Name: "shop/a"}},
	}
	text, err := build(t, c).Input(c)
	if err != nil {
		t.Fatal(err)
	}
	docs, err := casefile.Documents(string(text))
	if err != nil {
		t.Fatal(err)
	}
	born := map[string]string{}
	var others []string
	for _, d := range docs {
		if d.Kind() == "Ingress" {
			born[d.String()] = d.Text("metadata", "creationTimestamp") + " " + d.Text("metadata", "uid")
		} else {
			others = append(others, d.String())
		}
	}
	want := map[string]string{
		"Ingress default/first": "2024-01-01T00:00:00Z 00000000-0000-0000-0000-000000000001", "Ingress default/second": "2024-01-01T00:00:01Z 00000000-0000-0000-0000-000000000002",
		"Ingress default/old": "2020-01-01T00:00:00Z u",
	}
	if diff := cmp.Diff(want, born); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	list := strings.Join(others, ", ")
	for _, name := range []string{"IngressClass default/nginx", "Service shop/a", "ConfigMap ingress-nginx/ingress-nginx-controller", "Secret istio-system/i2g-default-certificate"} {
		if !strings.Contains(list, name) {
			t.Errorf("%s is missing in %s", name, list)
		}
	}
	if strings.Contains(list, cluster.GatewayService) {
		t.Errorf("the gateway is none of the converter's business: %s", list)
	}
}

func TestArgs(t *testing.T) {
	tests := map[string]struct {
		c    casefile.Controller
		want []string
	}{
		"defaults": {casefile.Controller{}, nil},
		"a flag":   {casefile.Controller{Flags: []string{"--a", "--b=c"}}, []string{"--controller-args", "--a --b=c"}},
		"settings": {casefile.Controller{Config: map[string]string{"a": "b"}}, []string{"--controller-config", "ingress-nginx/ingress-nginx-controller"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, cluster.Args(&casefile.Case{Controller: tt.c})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCopiesOfSecretsStandBesideTheGateway(t *testing.T) {
	c := &casefile.Case{PKI: casefile.PKI{CAs: []casefile.CA{{Name: "ca", CommonName: "ca"}}, Secrets: []casefile.Secret{{Secret: "shop/ca", CA: "ca"}}}}
	cl := build(t, c)
	cl.CopySecrets()
	var got []string
	for _, o := range cl.Objects {
		if s, ok := o.(*corev1.Secret); ok && s.Name == "ca" && len(s.Data["ca.crt"]) > 0 {
			got = append(got, s.Namespace)
		}
	}
	if diff := cmp.Diff([]string{"shop", cluster.GatewayNamespace}, got); diff != "" {
		t.Error(diff)
	}
}

func TestPrefix(t *testing.T) {
	if got := cluster.Routable.Prefix(); !got.Contains(netip.MustParseAddr("10.10.250.9")) || got.Contains(netip.MustParseAddr("10.11.0.1")) {
		t.Error(got)
	}
}
