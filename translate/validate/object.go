package validate

import (
	"cmp"
	"slices"

	istionet "istio.io/api/networking/v1alpha3"
	istiocfg "istio.io/api/networking/v1beta1"
	istiosec "istio.io/api/security/v1beta1"
	istiotel "istio.io/api/telemetry/v1alpha1"

	"google.golang.org/protobuf/proto"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// view is what the checks of the set know of an object. Its specification is let go.
type view struct {
	obj     *manifest.Object
	broken  bool                     // of an Istio kind, but nobody should look at its specification
	servers []*server                // of a Gateway
	uses    *uses                    // of a VirtualService
	routes  *istionet.VirtualService // if it has to do with delegates
	defines []string                 // of a DestinationRule
}

const (
	// maxObjectBytes is how much JSON a specification may be; metadata and field managers need some of the 1.5 MiB that etcd
	// stores at most.
	maxObjectBytes = 1_450_000
	// jsonOverhead is by how much JSON is longer than the wire form at the most; smaller objects need not be written.
	jsonOverhead = 8
)

// object checks one object by itself. packed is its specification once more, packed if it can be.
func (c *check) object(o *manifest.Object, packed any) view {
	c.obj = o
	c.meta(o)
	v := view{obj: o}
	c.patchValues = nil
	var spec proto.Message
	empty, known := istioType(o)
	switch {
	case known:
		spec = c.message(o.Spec, empty)
		v.broken = spec == nil
	default:
		c.foreign(o)
	}
	if spec == nil {
		return v
	}
	if size := jsonSize(o, packed, spec); size > maxObjectBytes {
		c.bad(&specPlace, "", "%d bytes: the API server stores no object of that size", size)
	}
	before := len(c.problems)
	if p, ok := packed.(manifest.Packed); ok && !p.HasZero() {
		c.beyondText(&specPlace, spec.ProtoReflect())
	} else {
		c.values(&specPlace, spec.ProtoReflect())
	}
	if len(c.problems) > before {
		// Fields of a message come in no certain order.
		slices.SortFunc(c.problems[before:], func(a, b Problem) int { return cmp.Or(cmp.Compare(a.Field, b.Field), cmp.Compare(a.Reason, b.Reason)) })
		v.broken = true // may hold nil where a message belongs
		return v
	}
	switch spec := spec.(type) {
	case *istionet.Gateway:
		c.gateway(spec)
		v.servers = serversOf(spec, o)
	case *istionet.VirtualService:
		c.virtualService(spec)
		if v.uses = c.usesOf(spec, o); delegating(spec) {
			v.routes = spec
		}
	case *istionet.DestinationRule:
		c.destinationRule(spec)
		v.defines = subsetsOf(spec, o)
	case *istionet.ServiceEntry:
		c.serviceEntry(spec)
	case *istionet.EnvoyFilter:
		c.envoyFilter(spec)
	case *istiosec.AuthorizationPolicy:
		c.authorizationPolicy(spec)
	case *istiotel.Telemetry:
		c.telemetry(spec)
	case *istiocfg.ProxyConfig:
		c.proxyConfig(spec)
	}
	return v
}

// jsonSize is the size of a specification as an API server stores it; 0 where that is far from its limit.
func jsonSize(o *manifest.Object, packed any, spec proto.Message) int {
	size := 0
	switch p := packed.(type) {
	case manifest.Packed:
		size = p.Size()
	default:
		size = max(proto.Size(spec), leastSize(o.Spec))
	}
	if size*jsonOverhead < maxObjectBytes {
		return 0
	}
	text, err := manifest.JSON(o.Spec)
	if err != nil {
		return 0 // said where it is written
	}
	return len(text)
}

// leastSize is what a tree has at least, without writing it: the values of patches are not part of the message.
func leastSize(tree any) int {
	size := 0
	switch v := tree.(type) {
	case manifest.Packed:
		return v.Size()
	case manifest.Map:
		for _, f := range v {
			size += len(f.Key) + leastSize(f.Value)
		}
	case []any:
		for _, x := range v {
			size += leastSize(x)
		}
	case string:
		return len(v)
	}
	return size
}

// istioType gives an empty specification for the Istio kinds, and whether o is of one.
func istioType(o *manifest.Object) (proto.Message, bool) {
	switch o.APIVersion {
	case "networking.istio.io/v1", "networking.istio.io/v1beta1", "networking.istio.io/v1alpha3":
		return networkingType(o)
	case "security.istio.io/v1", "security.istio.io/v1beta1":
		if o.Kind == "AuthorizationPolicy" {
			return &istiosec.AuthorizationPolicy{}, true
		}
	case "telemetry.istio.io/v1", "telemetry.istio.io/v1alpha1":
		if o.Kind == "Telemetry" {
			return &istiotel.Telemetry{}, true
		}
	}
	return nil, false
}

func networkingType(o *manifest.Object) (proto.Message, bool) {
	switch o.Kind {
	case "Gateway":
		return &istionet.Gateway{}, true
	case "VirtualService":
		return &istionet.VirtualService{}, true
	case "DestinationRule":
		return &istionet.DestinationRule{}, true
	case "ServiceEntry":
		return &istionet.ServiceEntry{}, true
	case "EnvoyFilter":
		// Published in this version only.
		if o.APIVersion == "networking.istio.io/v1alpha3" {
			return &istionet.EnvoyFilter{}, true
		}
	case "ProxyConfig":
		if o.APIVersion == "networking.istio.io/v1beta1" {
			return &istiocfg.ProxyConfig{}, true
		}
	}
	return nil, false
}

// message gives the typed form of a specification: a message of the right type as it is, a tree decoded strictly.
func (c *check) message(spec any, empty proto.Message) proto.Message {
	want := empty.ProtoReflect().Descriptor()
	switch spec := spec.(type) {
	case nil:
		return empty
	case manifest.Packed:
		return c.message(spec.Message(), empty)
	case proto.Message:
		if got := spec.ProtoReflect().Descriptor(); got.FullName() != want.FullName() {
			c.bad(&specPlace, "", "is a %s, not a %s", got.FullName(), want.FullName())
			return nil
		}
		if !spec.ProtoReflect().IsValid() {
			return empty
		}
		return spec
	}
	if m, ok := spec.(manifest.Map); ok && want == (&istionet.EnvoyFilter{}).ProtoReflect().Descriptor() {
		spec = c.stripFilter(m)
	}
	plain, err := manifest.Plain(spec)
	tree, ok := plain.(manifest.Map)
	if err != nil || !ok {
		c.bad(&specPlace, "", "%s is no specification", form(plain))
		return nil
	}
	if !c.decode(&specPlace, tree, empty) {
		return nil
	}
	return empty
}
