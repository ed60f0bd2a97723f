package validate

import (
	"strings"

	clusterv3 "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	listenerv3 "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	hcmv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	istionet "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/translate/manifest"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// patch is what is known of the value of a patch, whatever object it stands in.
type patch struct {
	problems []valueProblem
	filter   *filterRef           // the HTTP filter that it is
	perRoute map[string]filterRef // what it configures of HTTP filters, by their names
}

// patchKey tells patches apart that have to be decoded each.
type patchKey struct {
	applyTo istionet.EnvoyFilter_ApplyTo
	merge   bool
	content string // the value as JSON, or Packed
}

type valueProblem struct{ field, reason string }

// filterRef is an HTTP filter by name and type of its configuration.
type filterRef struct{ name, typeURL string }

// patchValue checks the value of a patch. Equal values are decoded once.
func (c *check) patchValue(p *at, cp *istionet.EnvoyFilter_EnvoyConfigObjectPatch, value any) {
	op := cp.Patch.Operation
	merge := op == istionet.EnvoyFilter_Patch_MERGE || op == istionet.EnvoyFilter_Patch_MERGE_AND_REPLACE_LIST
	key := patchKey{applyTo: cp.ApplyTo, merge: merge}
	packed, typed := value.(manifest.Packed)
	if typed {
		key.content = packed.Key()
	} else {
		text, err := compact(value)
		if err != nil {
			c.bad(p, "value", "%v", err)
			return
		}
		key.content = string(text)
	}
	known := c.patches[key]
	if known == nil {
		if typed {
			known = c.typedPatch(cp.ApplyTo, merge, packed)
		} else {
			known = c.decodePatch(cp.ApplyTo, merge, []byte(key.content))
		}
		c.patches[key] = known
	}
	for _, problem := range known.problems {
		c.bad(p, "value"+problem.field, "%s", problem.reason)
	}
	where := p.String() + ".value"
	if known.filter != nil && !merge {
		c.insert(p, *known.filter)
	}
	for _, name := range sortedKeys(known.perRoute) {
		c.filters.configure(c.obj, where, known.perRoute[name])
	}
}

// envoyType gives an empty message of what a patch applies to.
func envoyType(to istionet.EnvoyFilter_ApplyTo) proto.Message {
	switch to {
	case istionet.EnvoyFilter_LISTENER:
		return &listenerv3.Listener{}
	case istionet.EnvoyFilter_FILTER_CHAIN:
		return &listenerv3.FilterChain{}
	case istionet.EnvoyFilter_LISTENER_FILTER:
		return &listenerv3.ListenerFilter{}
	case istionet.EnvoyFilter_NETWORK_FILTER:
		return &listenerv3.Filter{}
	case istionet.EnvoyFilter_HTTP_FILTER:
		return &hcmv3.HttpFilter{}
	case istionet.EnvoyFilter_ROUTE_CONFIGURATION:
		return &routev3.RouteConfiguration{}
	case istionet.EnvoyFilter_VIRTUAL_HOST:
		return &routev3.VirtualHost{}
	case istionet.EnvoyFilter_HTTP_ROUTE:
		return &routev3.Route{}
	case istionet.EnvoyFilter_CLUSTER:
		return &clusterv3.Cluster{}
	case istionet.EnvoyFilter_EXTENSION_CONFIG:
		return &corev3.TypedExtensionConfig{}
	}
	return nil
}

func (c *check) decodePatch(to istionet.EnvoyFilter_ApplyTo, merge bool, value []byte) *patch {
	m := envoyType(to)
	if m == nil {
		return &patch{problems: []valueProblem{{"", "patches of " + to.String() + " are not emitted by this program"}}}
	}
	if err := (protojson.UnmarshalOptions{Resolver: resolver{protoregistry.GlobalTypes}}).Unmarshal(value, m); err != nil {
		return &patch{problems: []valueProblem{{"", "Envoy cannot read this: " + plainError(err)}}}
	}
	return c.walkPatch(m, merge)
}

// typedPatch is decodePatch for a value that is a message already: what is written of it, Envoy reads.
func (c *check) typedPatch(to istionet.EnvoyFilter_ApplyTo, merge bool, value manifest.Packed) *patch {
	m := value.Message()
	if want := envoyType(to); want == nil || want.ProtoReflect().Descriptor() != m.ProtoReflect().Descriptor() {
		return &patch{problems: []valueProblem{{"", "a " + string(m.ProtoReflect().Descriptor().FullName()) + " does not patch a " + to.String()}}}
	}
	return c.walkPatch(m, merge)
}

func (c *check) walkPatch(m proto.Message, merge bool) *patch {
	known := &patch{perRoute: map[string]filterRef{}}
	w := &walk{check: c, patch: known, types: resolver{protoregistry.GlobalTypes}}
	w.message("", m.ProtoReflect(), merge)
	if filter, ok := m.(*hcmv3.HttpFilter); ok {
		known.filter = &filterRef{filter.Name, filter.GetTypedConfig().GetTypeUrl()}
	}
	return known
}

// plainError takes the parts out of an error of the protobuf library that differ from build to build.
func plainError(err error) string {
	text := strings.ReplaceAll(err.Error(), "\u00a0", " ")
	text = strings.TrimPrefix(text, "proto: ")
	if i := strings.Index(text, "): "); strings.HasPrefix(text, "(line ") && i > 0 {
		text = text[i+3:]
	}
	return text
}
