package manifest

import (
	"fmt"
	"io"
	"testing"

	istionet "istio.io/api/networking/v1alpha3"
)

// fourKilobytes is a VirtualService of some 4 KB of YAML.
func fourKilobytes(n int) *Object {
	vs := &istionet.VirtualService{Hosts: []string{fmt.Sprintf("h%d.test", n)}, Gateways: []string{"istio-system/i2g-http"}, ExportTo: []string{"istio-system"}}
	for i := range 11 {
		vs.Http = append(vs.Http, &istionet.HTTPRoute{
			Name: fmt.Sprintf("team/web/h%d.test/%d", n, i),
			Match: []*istionet.HTTPMatchRequest{
				{Uri: &istionet.StringMatch{MatchType: &istionet.StringMatch_Exact{Exact: fmt.Sprintf("/path/%d", i)}}},
				{Uri: &istionet.StringMatch{MatchType: &istionet.StringMatch_Prefix{Prefix: fmt.Sprintf("/path/%d/", i)}}},
			},
			Headers: &istionet.Headers{Request: &istionet.Headers_HeaderOperations{Set: map[string]string{"X-Original-Uri": "%REQ(:PATH)%"}}},
			Route:   []*istionet.HTTPRouteDestination{{Destination: &istionet.Destination{Host: fmt.Sprintf("svc-%d.team.svc.cluster.local", i), Port: &istionet.PortSelector{Number: 8080}}}},
			Retries: &istionet.HTTPRetry{Attempts: 2, RetryOn: "connect-failure"},
		})
	}
	return &Object{APIVersion: "networking.istio.io/v1", Kind: "VirtualService", Namespace: "team", Name: fmt.Sprintf("h%d", n), Spec: vs}
}

func BenchmarkTenThousandVirtualServices(b *testing.B) {
	objects := make([]*Object, 10_000)
	for i := range objects {
		objects[i] = fourKilobytes(i)
	}
	for name, write := range map[string]func(io.Writer, ...*Object) error{"yaml": WriteYAML, "json": WriteJSON} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var n counter
				if err := write(&n, objects...); err != nil {
					b.Fatal(err)
				}
				b.SetBytes(int64(n))
			}
		})
	}
}

type counter int

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}
