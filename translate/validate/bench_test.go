package validate

import (
	"fmt"
	"testing"

	"google.golang.org/protobuf/types/known/durationpb"
	istionet "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// fleet is a translation of n Ingresses with three paths each.
func fleet(n int) []*manifest.Object {
	var objs []*manifest.Object
	gateway := &istionet.Gateway{Selector: map[string]string{"istio": "ingressgateway"}, Servers: []*istionet.Server{{
		Port: &istionet.Port{Number: 80, Name: "http", Protocol: "HTTP"},
	}}}
	objs = append(objs, &manifest.Object{APIVersion: "networking.istio.io/v1", Kind: "Gateway", Namespace: "istio-system", Name: "i2g-http", Spec: gateway})
	for i := range n {
		ns, host := fmt.Sprintf("team-%d", i%100), fmt.Sprintf("h%d.example.com", i)
		gateway.Servers[0].Hosts = append(gateway.Servers[0].Hosts, ns+"/"+host)
		vs := &istionet.VirtualService{Hosts: []string{host}, Gateways: []string{"istio-system/i2g-http"}, ExportTo: []string{"istio-system"}}
		for j := range 3 {
			path := fmt.Sprintf("/service-%d", j)
			vs.Http = append(vs.Http, &istionet.HTTPRoute{
				Name: "i2g/default",
				Match: []*istionet.HTTPMatchRequest{
					{Uri: &istionet.StringMatch{MatchType: &istionet.StringMatch_Exact{Exact: path}}},
					{Uri: &istionet.StringMatch{MatchType: &istionet.StringMatch_Prefix{Prefix: path + "/"}}},
				},
				Route: []*istionet.HTTPRouteDestination{{Destination: &istionet.Destination{
					Host: fmt.Sprintf("app-%d.%s.svc.cluster.local", j, ns), Port: &istionet.PortSelector{Number: 80},
				}}},
				Headers: &istionet.Headers{Request: &istionet.Headers_HeaderOperations{Set: map[string]string{"X-Original-URI": "%REQ(:PATH)%"}}},
				Retries: &istionet.HTTPRetry{Attempts: 2, PerTryTimeout: durationpb.New(60e9), RetryOn: "connect-failure,refused-stream,reset"},
			})
		}
		objs = append(objs, &manifest.Object{
			APIVersion: "networking.istio.io/v1", Kind: "VirtualService", Namespace: ns, Name: "h" + fmt.Sprint(i), Spec: vs,
			Labels: map[string]string{"app.kubernetes.io/managed-by": "ingress2gw", "ingress2gw.io/owner": ns},
		})
	}
	return objs
}

func TestAFleetIsAccepted(t *testing.T) {
	if got := Fast(fleet(100)); len(got) > 0 {
		t.Errorf("problems: %v", got)
	}
}

func BenchmarkTenThousandVirtualServices(b *testing.B) {
	objs := fleet(10_000)
	b.ReportAllocs()
	for b.Loop() {
		Fast(objs)
	}
}

// BenchmarkThousandPatches checks one EnvoyFilter of a thousand equal patches, as a tree.
func BenchmarkThousandPatches(b *testing.B) {
	patch := manifest.Map{
		{Key: "applyTo", Value: "HTTP_ROUTE"},
		{Key: "match", Value: manifest.Map{{Key: "context", Value: "GATEWAY"}}},
		{Key: "patch", Value: manifest.Map{{Key: "operation", Value: "MERGE"}, {Key: "value", Value: manifest.Map{
			{Key: "typed_per_filter_config", Value: manifest.Map{{Key: "envoy.filters.http.fault", Value: manifest.Map{
				{Key: "@type", Value: tf + "fault.v3.HTTPFault"}, {Key: "abort", Value: manifest.Map{{Key: "http_status", Value: 503}}},
			}}}},
		}}}},
	}
	var patches []any
	for range 1000 {
		patches = append(patches, patch)
	}
	o := &manifest.Object{
		APIVersion: "networking.istio.io/v1alpha3", Kind: "EnvoyFilter", Namespace: "istio-system", Name: "i2g-routes",
		Spec: manifest.Map{{Key: "configPatches", Value: patches}},
	}
	for b.Loop() {
		if got := Fast([]*manifest.Object{o}); len(got) > 0 {
			b.Fatal(got)
		}
	}
}
