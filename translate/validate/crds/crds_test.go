package crds

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

func TestTheKindsThatAreEmittedHaveSchemas(t *testing.T) {
	files, err := Read()
	require.NoError(t, err)
	got := map[string]bool{}
	for _, f := range files {
		for _, k := range f.Kinds {
			for _, v := range k.Versions {
				got[k.Group+"/"+v.Name+" "+k.Kind] = k.Namespaced
			}
		}
	}
	for _, want := range []string{
		"networking.istio.io/v1 Gateway", "networking.istio.io/v1 VirtualService", "networking.istio.io/v1 DestinationRule",
		"networking.istio.io/v1 ServiceEntry", "networking.istio.io/v1alpha3 EnvoyFilter", "networking.istio.io/v1beta1 ProxyConfig",
		"security.istio.io/v1 AuthorizationPolicy", "telemetry.istio.io/v1 Telemetry", "gateway.networking.k8s.io/v1beta1 ReferenceGrant",
		"gateway.networking.k8s.io/v1 HTTPRoute", "gateway.networking.k8s.io/v1 Gateway",
	} {
		if namespaced, ok := got[want]; !ok || !namespaced {
			t.Errorf("no namespaced %s", want)
		}
	}
}

// The schemas are those of the types that this program is built with.
func TestTheSchemasAreOfTheVersionsInUse(t *testing.T) {
	text, err := os.ReadFile("../../../go.mod")
	require.NoError(t, err)
	files, err := Read()
	require.NoError(t, err)
	var missing []string
	for _, f := range files {
		if module, _, _ := strings.Cut(f.Source, " "); strings.Contains(string(text), module+" v") && !strings.Contains(string(text), f.Source) {
			missing = append(missing, f.Source)
		}
	}
	if diff := cmp.Diff([]string(nil), missing); diff != "" {
		t.Errorf("run go generate: (-want +got)\n%s", diff)
	}
}
