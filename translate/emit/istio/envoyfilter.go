package istio

import (
	"cmp"
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// envoyPatch is one config patch of an EnvoyFilter. Values are Envoy's own typed messages, never text: istiod drops a
// misspelt field silently, and an invalid value takes a whole port down.
type envoyPatch struct {
	applyTo   string
	match     manifest.Map
	operation string
	value     proto.Message
	routes    string // the name of the VirtualServices' entries that it is for; "" for none
}

func (p *envoyPatch) tree() manifest.Map {
	return manifest.Map{
		{Key: "applyTo", Value: p.applyTo},
		{Key: "match", Value: p.match},
		{Key: "patch", Value: manifest.Map{{Key: "operation", Value: p.operation}, {Key: "value", Value: manifest.Pack(p.value)}}},
	}
}

// sortPatches puts patches that do not depend on each other into an order that does not depend on who needs them first.
func sortPatches(ps []*envoyPatch) {
	text := make(map[*envoyPatch]string, len(ps))
	for _, p := range ps {
		if out, err := manifest.JSON(p.tree()); err == nil { // else it is reported where it is written
			text[p] = string(out)
		}
	}
	slices.SortStableFunc(ps, func(a, b *envoyPatch) int { return cmp.Compare(text[a], text[b]) })
}

// envoyFilter makes an object of the platform that patches the gateway. Lower priorities are applied earlier.
func (e *emitter) envoyFilter(name string, priority int, ps []*envoyPatch) *manifest.Object {
	patches := make([]any, len(ps))
	for i, p := range ps {
		patches[i] = p.tree()
	}
	var spec manifest.Map
	if priority != 0 {
		spec = append(spec, manifest.Field{Key: "priority", Value: priority})
	}
	spec = append(spec,
		manifest.Field{Key: "workloadSelector", Value: manifest.Map{{Key: "labels", Value: e.opts.Gateway.Selector}}},
		manifest.Field{Key: "configPatches", Value: patches})
	return &manifest.Object{APIVersion: "networking.istio.io/v1alpha3", Kind: "EnvoyFilter", Namespace: e.gatewayNamespace(), Name: name, Spec: spec}
}

const hcmName = "envoy.filters.network.http_connection_manager"

// matchHCM is the gateway's connection manager in every filter chain; with sub, one of its filters.
func matchHCM(sub string) manifest.Map {
	f := manifest.Map{{Key: "name", Value: hcmName}}
	if sub != "" {
		f = append(f, manifest.Field{Key: "subFilter", Value: manifest.Map{{Key: "name", Value: sub}}})
	}
	return manifest.Map{
		{Key: "context", Value: "GATEWAY"},
		{Key: "listener", Value: manifest.Map{{Key: "filterChain", Value: manifest.Map{{Key: "filter", Value: f}}}}},
	}
}

// matchSNI is the connection manager of one TLS chain.
func matchSNI(sni string) manifest.Map {
	return manifest.Map{
		{Key: "context", Value: "GATEWAY"},
		{Key: "listener", Value: manifest.Map{{Key: "filterChain", Value: manifest.Map{
			{Key: "sni", Value: sni},
			{Key: "filter", Value: manifest.Map{{Key: "name", Value: hcmName}}},
		}}}},
	}
}
