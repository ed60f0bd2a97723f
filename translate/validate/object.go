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

// view is an object with its decoded specification.
type view struct {
	obj    *manifest.Object
	spec   proto.Message // nil for objects that are not Istio's, for those that are broken, and where uses are enough
	uses   *uses         // of a VirtualService
	broken bool          // of an Istio kind, but nobody should look at its specification
}

// maxObjectBytes leaves room for JSON's spelling and for the field managers in the 1.5 MiB that etcd stores at most.
const maxObjectBytes = 9 << 17

// object checks one object by itself.
func (c *check) object(o *manifest.Object) view {
	c.obj = o
	c.meta(o)
	v := view{obj: o}
	c.patchValues = nil
	empty, known := istioType(o)
	switch {
	case known:
		v.spec = c.message(o.Spec, empty)
		v.broken = v.spec == nil
	default:
		c.foreign(o)
	}
	if v.spec == nil {
		return v
	}
	if size := specSize(o.Spec, v.spec); size > maxObjectBytes {
		c.bad(&specPlace, "", "%d bytes: the API server stores no object of that size", size)
	}
	before := len(c.problems)
	if p, ok := o.Spec.(manifest.Packed); ok && !p.HasZero() {
		c.beyondText(&specPlace, v.spec.ProtoReflect())
	} else {
		c.values(&specPlace, v.spec.ProtoReflect())
	}
	if len(c.problems) > before {
		// Fields of a message come in no certain order.
		slices.SortFunc(c.problems[before:], func(a, b Problem) int { return cmp.Or(cmp.Compare(a.Field, b.Field), cmp.Compare(a.Reason, b.Reason)) })
		v.spec, v.broken = nil, true // may hold nil where a message belongs
		return v
	}
	switch spec := v.spec.(type) {
	case *istionet.Gateway:
		c.gateway(spec)
	case *istionet.VirtualService:
		c.virtualService(spec)
		if v.uses = c.usesOf(spec, o); !delegating(spec) {
			v.spec = nil
		}
	case *istionet.DestinationRule:
		c.destinationRule(spec)
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

func specSize(written any, spec proto.Message) int {
	if p, ok := written.(manifest.Packed); ok {
		return p.Size()
	}
	return proto.Size(spec)
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
	plain, err := manifest.Plain(spec)
	tree, ok := plain.(manifest.Map)
	if err != nil || !ok {
		c.bad(&specPlace, "", "%s is no specification", form(plain))
		return nil
	}
	if filter, ok := empty.(*istionet.EnvoyFilter); ok {
		if !c.filterTree(tree, filter) {
			return nil
		}
		return filter
	}
	if !c.decode(&specPlace, tree, empty) {
		return nil
	}
	return empty
}
