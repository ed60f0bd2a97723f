package istio

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/structpb"
)

// patch is what an EnvoyFilter adds to the proxy's routes of an entry.
type patch struct {
	route *routev3.Route // merged into every route of the entry; nil for nothing
	// plain is merged on top, except into the routes of WebSocket upgrades.
	plain *routev3.Route
	// upgrade is merged into the routes of WebSocket upgrades only.
	upgrade *routev3.Route
	// labels describe settings that many Ingresses share; they make the shared name.
	labels []string
	// own is set when the patch holds something that belongs to one Ingress: the name is then the Ingress's.
	own bool
	// mark ends the names of the routes, whatever is merged into them.
	mark string
	// guards are the access filters that must be in place for the route to be open.
	guards []string

	shared bool        // others have the same messages
	state  *patchState // if the patch came about by steps alone
	sealed string      // the key, once it is known
}

// clone gives a copy. Both keep the same messages until one of them is changed.
func (p *patch) clone() patch {
	p.shared = true
	p.labels, p.guards = slices.Clip(p.labels), slices.Clip(p.guards)
	return *p
}

// unshare must come before every change of a message.
func (p *patch) unshare() {
	if p.shared {
		p.route, p.plain, p.upgrade = cloneRoute(p.route), cloneRoute(p.plain), cloneRoute(p.upgrade)
		p.shared = false
	}
	p.state, p.sealed = nil, ""
}

func cloneRoute(r *routev3.Route) *routev3.Route {
	if r == nil {
		return nil
	}
	return proto.Clone(r).(*routev3.Route)
}

func (p *patch) empty() bool { return p.route == nil && p.plain == nil && p.upgrade == nil }

// splitsUpgrades tells whether WebSocket upgrades need routes of their own.
func (p *patch) splitsUpgrades() bool { return p.plain != nil || p.upgrade != nil }

// base gives the route message to change.
func (p *patch) base() *routev3.Route {
	p.unshare()
	if p.route == nil {
		p.route = &routev3.Route{}
	}
	return p.route
}

// action gives the route action to change.
func (p *patch) action() *routev3.RouteAction {
	r := p.base()
	if a, ok := r.Action.(*routev3.Route_Route); ok {
		return a.Route
	}
	a := &routev3.RouteAction{}
	r.Action = &routev3.Route_Route{Route: a}
	return a
}

// filter switches an HTTP filter on for the routes, or configures it.
func (p *patch) filter(name string, config proto.Message) { p.packedFilter(name, pack(config)) }

// packedFilter is filter for a configuration that many routes share.
func (p *patch) packedFilter(name string, config *anypb.Any) { setFilter(p.base(), name, config) }

// plainFilter is filter for everything but WebSocket upgrades.
func (p *patch) plainFilter(name string, config proto.Message) {
	p.packedPlainFilter(name, pack(config))
}

func (p *patch) packedPlainFilter(name string, config *anypb.Any) {
	p.unshare()
	if p.plain == nil {
		p.plain = &routev3.Route{}
	}
	setFilter(p.plain, name, config)
}

func setFilter(r *routev3.Route, name string, config *anypb.Any) {
	if r.TypedPerFilterConfig == nil {
		r.TypedPerFilterConfig = map[string]*anypb.Any{}
	}
	r.TypedPerFilterConfig[name] = config
}

// pack wraps a typed message. The messages are ours, so it cannot fail on input.
func pack(m proto.Message) *anypb.Any {
	a := &anypb.Any{}
	if err := anypb.MarshalFrom(a, m, proto.MarshalOptions{Deterministic: true}); err != nil {
		panic("istio: " + err.Error())
	}
	return a
}

// metadata sets a value in the routes' metadata under our own namespace.
func (p *patch) metadata(key, value string) {
	r := p.base()
	if r.Metadata == nil {
		r.Metadata = newMetadata()
	}
	r.Metadata.FilterMetadata[metadataNamespace].Fields[key] = structpb.NewStringValue(value)
}

const metadataNamespace = "i2g"

// label adds to the shared name.
func (p *patch) label(s string) {
	p.labels = append(slices.Clip(p.labels), s)
	p.state = nil
}

// key identifies the patch's content.
func (p *patch) key() string {
	if p.sealed != "" {
		return p.sealed
	}
	h := sha256.New()
	for _, r := range []*routev3.Route{p.route, p.plain, p.upgrade} {
		if r != nil {
			b, err := proto.MarshalOptions{Deterministic: true}.Marshal(r)
			if err != nil {
				panic("istio: " + err.Error())
			}
			h.Write(b)
		}
		h.Write([]byte{0})
	}
	return string(h.Sum(nil)[:16])
}

// meaning identifies what the patch does, whoever the users are: a change of passwords holds for the routes that are there.
func (p *patch) meaning() string {
	c := patch{route: p.route, plain: p.plain, upgrade: p.upgrade, sealed: p.sealed}
	if p.route != nil && p.route.TypedPerFilterConfig[filterBasic] != nil {
		c.route, c.sealed = cloneRoute(p.route), ""
		setFilter(c.route, filterBasic, &anypb.Any{})
	}
	return hex.EncodeToString([]byte(c.key())[:4])
}

// sharedPrefix begins the names that stand for settings, whoever has them. No namespace may be called so.
const sharedPrefix = "i2g/"

// sharedName is the name of entries whose settings many Ingresses may have: i2g/ and what the settings are.
func (p *patch) sharedName() string {
	if p.empty() {
		return "i2g/plain"
	}
	n := sharedPrefix + strings.Join(p.labels, "+")
	if len(p.labels) == 0 || len(n) > 120 {
		n = sharedPrefix + hex.EncodeToString([]byte(p.key())[:8])
	}
	return n
}
