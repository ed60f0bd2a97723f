package validate

import (
	"fmt"
	"strings"
	"testing"

	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	"github.com/stretchr/testify/require"
	istionet "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// patches is an EnvoyFilter with n patches, whose values are packed as the emitter packs them.
func patches(n int) *manifest.Object {
	var list []any
	for i := range n {
		list = append(list, manifest.Map{
			{Key: "applyTo", Value: "HTTP_ROUTE"},
			{Key: "match", Value: manifest.Map{{Key: "context", Value: "GATEWAY"}}},
			{Key: "patch", Value: manifest.Map{{Key: "operation", Value: "MERGE"}, {Key: "value", Value: manifest.Pack(&routev3.Route{
				ResponseHeadersToRemove: []string{fmt.Sprintf("x-%d-%s", i, strings.Repeat("a", 900))},
			})}}},
		})
	}
	return &manifest.Object{
		APIVersion: "networking.istio.io/v1alpha3", Kind: "EnvoyFilter", Namespace: "istio-system", Name: "big",
		Spec: manifest.Map{{Key: "workloadSelector", Value: manifest.Map{{Key: "labels", Value: map[string]string{"a": "b"}}}}, {Key: "configPatches", Value: list}},
	}
}

// hosts is a VirtualService with n hosts.
func hosts(n int) *manifest.Object {
	vs := &istionet.VirtualService{Gateways: []string{"istio-system/g"}, Http: []*istionet.HTTPRoute{{DirectResponse: &istionet.HTTPDirectResponse{Status: 404}}}}
	for i := range n {
		vs.Hosts = append(vs.Hosts, fmt.Sprintf("h%d.%s.test", i, strings.Repeat("a", 60)))
	}
	return &manifest.Object{APIVersion: "networking.istio.io/v1", Kind: "VirtualService", Namespace: "shop", Name: "big", Spec: vs}
}

func TestObjectsThatNoAPIServerStores(t *testing.T) {
	tests := map[string]struct {
		o    *manifest.Object
		want bool
	}{
		"patches below the limit":       {patches(1000), false},
		"patches above the limit":       {patches(1500), true},
		"a specification below it":      {hosts(15_000), false},
		"a specification above it":      {hosts(25_000), true},
		"the JSON counts, not the wire": {patches(1420), true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			text, err := manifest.JSON(tt.o.Spec)
			require.NoError(t, err)
			got := strings.Contains(strings.Join(reasons(Fast([]*manifest.Object{tt.o})), "\n"), "the API server stores no object of that size")
			require.Equal(t, tt.want, got, "%d bytes", len(text))
		})
	}
}
