package validate

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	istionet "istio.io/api/networking/v1alpha3"
	istiosec "istio.io/api/security/v1beta1"
	istiotel "istio.io/api/telemetry/v1alpha1"
	"sigs.k8s.io/yaml"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// message reads YAML text into a message.
func message(t *testing.T, text string, into proto.Message) proto.Message {
	t.Helper()
	text = strings.ReplaceAll(text, "\t", "  ")
	j, err := yaml.YAMLToJSON([]byte(text))
	require.NoError(t, err)
	require.NoError(t, protojson.Unmarshal(j, into))
	return into
}

// object reads YAML text as the specification of an object in istio-system; id is "Kind name" or "Kind namespace/name".
func object(t *testing.T, id, text string) *manifest.Object {
	t.Helper()
	kind, name, _ := strings.Cut(id, " ")
	o := &manifest.Object{APIVersion: "networking.istio.io/v1", Kind: kind, Namespace: "istio-system", Name: name}
	if ns, rest, ok := strings.Cut(name, "/"); ok {
		o.Namespace, o.Name = ns, rest
	}
	var into proto.Message
	switch kind {
	case "Gateway":
		into = &istionet.Gateway{}
	case "VirtualService":
		into = &istionet.VirtualService{}
	case "DestinationRule":
		into = &istionet.DestinationRule{}
	case "ServiceEntry":
		into = &istionet.ServiceEntry{}
	case "EnvoyFilter":
		o.APIVersion, into = "networking.istio.io/v1alpha3", &istionet.EnvoyFilter{}
	case "AuthorizationPolicy":
		o.APIVersion, into = "security.istio.io/v1", &istiosec.AuthorizationPolicy{}
	case "Telemetry":
		o.APIVersion, into = "telemetry.istio.io/v1", &istiotel.Telemetry{}
	default:
		require.Fail(t, "no such kind", kind)
	}
	o.Spec = message(t, text, into)
	return o
}

// tree reads YAML text as an ordered tree, by way of the order in which JSON gives it.
func tree(t *testing.T, text string) manifest.Map {
	t.Helper()
	var v map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(text), &v))
	plain, err := manifest.Plain(v)
	require.NoError(t, err)
	return plain.(manifest.Map)
}

// reasons are the problems as "field: reason".
func reasons(problems []Problem) []string {
	var out []string
	for _, p := range problems {
		out = append(out, strings.TrimPrefix(p.Field+": "+p.Reason, ": "))
	}
	return out
}

type specCase struct {
	spec string
	want []string
}

// run checks one object a case; what follows the cases stands beside it in the set.
func run(t *testing.T, id string, cases map[string]specCase, beside ...*manifest.Object) {
	t.Helper()
	for name, tt := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, reasons(Fast(append([]*manifest.Object{object(t, id, tt.spec)}, beside...)))); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

// leaf is a VirtualService that others may delegate to.
func leaf(t *testing.T, id string) *manifest.Object {
	return object(t, "VirtualService "+id, `http: [{route: [{destination: {host: app.shop.svc.cluster.local}}]}]`)
}
