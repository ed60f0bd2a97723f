package istio

import (
	"crypto/sha256"
	"encoding/hex"

	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	"google.golang.org/protobuf/proto"
	networking "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

type hashLB = networking.LoadBalancerSettings_ConsistentHashLB

// balance chooses among endpoints where a rule differs from the edge: by subsets, so that each route keeps its own way.
func balance(e *emitter, _ *model.Host, r *model.Rule, xs []*entry) []*entry {
	if r.Balance == nil || r.Affinity != nil {
		return xs
	}
	for _, x := range xs {
		if x.answer {
			continue
		}
		for _, d := range x.destinations() {
			b := r.Balance
			if e.isCanary(r, d) && r.Canary.Balance != nil {
				b = r.Canary.Balance
			}
			e.algorithm(d, b)
		}
		if r.Balance.Hash != nil {
			e.hash(r, x, r.Balance)
		}
	}
	return xs
}

func (e *emitter) algorithm(d *networking.Destination, b *model.Balance) {
	if b.Hash != nil || b.Algorithm == e.edge.Global.Balance || e.opts.Profile == emit.ProfileNative && b.Algorithm == model.LeastRequest {
		return
	}
	kind, simple := simpleBalancer(b.Algorithm)
	e.subset(d, kind, balancer(&networking.LoadBalancerSettings{LbPolicy: &networking.LoadBalancerSettings_Simple{Simple: simple}}))
}

func simpleBalancer(a model.Algorithm) (kind string, simple networking.LoadBalancerSettings_SimpleLB) {
	if a == model.LeastRequest {
		return "least", networking.LoadBalancerSettings_LEAST_REQUEST
	}
	return "robin", networking.LoadBalancerSettings_ROUND_ROBIN
}

func balancer(lb *networking.LoadBalancerSettings) *networking.TrafficPolicy {
	return &networking.TrafficPolicy{LoadBalancer: lb}
}

func hashBalancer(h *hashLB) *networking.TrafficPolicy {
	return balancer(&networking.LoadBalancerSettings{LbPolicy: &networking.LoadBalancerSettings_ConsistentHash{ConsistentHash: h}})
}

// hash ties requests to endpoints by a value. The DestinationRule has room for one part of it; the proxy mixes in the others,
// and a constant for requests that lack the value, which nginx ties to one endpoint too.
func (e *emitter) hash(r *model.Rule, x *entry, b *model.Balance) {
	key, policies := e.hashParts(r, b.Hash)
	if len(policies) > 0 && !e.withoutEnvoyFilter(b.Origin, "only the first part of the value ties requests to endpoints") {
		a := x.patch.action()
		a.HashPolicy = append(a.HashPolicy, policies...)
		x.patch.label("hash-" + contentHash(&routev3.RouteAction{HashPolicy: policies}))
	}
	if b.Subset > 0 && len(x.http.Route) == 1 && x.standIn == nil && x.fallback == nil {
		e.hashSubset(x, b.Subset, key)
		return
	}
	for _, d := range x.destinations() {
		if !e.isCanary(r, d) || r.Canary.Balance == nil || r.Canary.Balance.Hash != nil {
			e.subset(d, "hash", hashBalancer(proto.Clone(key).(*hashLB)))
		}
	}
}

// tableSizes are primes: tables of different sizes spread a key differently.
var tableSizes = [...]uint64{10007, 10009, 10037, 10039, 10061, 10067, 10069, 10079, 10091, 10093, 10099, 10103, 10111, 10133, 10139, 10141}

// hashSubset lets a key use several endpoints: as many equal destinations with hash tables of their own.
func (e *emitter) hashSubset(x *entry, n int, key *hashLB) {
	first := x.http.Route[0]
	x.http.Route = nil
	for _, size := range tableSizes[:min(n, len(tableSizes))] {
		k := proto.Clone(key).(*hashLB)
		k.HashAlgorithm = &networking.LoadBalancerSettings_ConsistentHashLB_Maglev{Maglev: &networking.LoadBalancerSettings_ConsistentHashLB_MagLev{TableSize: size}}
		d := first.DeepCopy()
		d.Weight = 1
		e.subset(d.Destination, "hash", hashBalancer(k))
		x.http.Route = append(x.http.Route, d)
	}
}

// neverSent is the name of a header that no request has; hashing it changes nothing.
const neverSent = "x-i2g-never-sent"

// hashParts splits a value into what the DestinationRule hashes and what the route's policies add.
func (e *emitter) hashParts(r *model.Rule, v model.Value) (*hashLB, []*routev3.RouteAction_HashPolicy) {
	var key *hashLB
	var policies []*routev3.RouteAction_HashPolicy
	missing := true
	for _, p := range v {
		missing = missing && mayMiss(p.Var)
		if key == nil {
			if key = hashField(r, p); key != nil {
				continue
			}
		}
		if h := hashPolicy(r, p); h != nil {
			policies = append(policies, h)
		}
	}
	if key == nil {
		key = headerHash(neverSent)
	}
	if missing {
		policies = append(policies, rewrittenHeader(":authority", "^.*$", "k"))
	}
	return key, policies
}

func mayMiss(v model.Var) bool {
	switch v {
	case model.VarHeader, model.VarQuery, model.VarCookie, model.VarQueryString, model.VarOptionalQuery, model.VarLiteral:
		return true
	}
	return false
}

func headerHash(name string) *hashLB {
	return &hashLB{HashKey: &networking.LoadBalancerSettings_ConsistentHashLB_HttpHeaderName{HttpHeaderName: name}}
}

// hashField is the part of a value that a DestinationRule can hash; nil if it cannot.
func hashField(r *model.Rule, p model.Part) *hashLB {
	switch p.Var {
	case model.VarQuery:
		return &hashLB{HashKey: &networking.LoadBalancerSettings_ConsistentHashLB_HttpQueryParameterName{HttpQueryParameterName: p.Text}}
	case model.VarCookie:
		return &hashLB{HashKey: &networking.LoadBalancerSettings_ConsistentHashLB_HttpCookie{
			HttpCookie: &networking.LoadBalancerSettings_ConsistentHashLB_HTTPCookie{Name: p.Text},
		}}
	case model.VarRemoteAddress:
		return &hashLB{HashKey: &networking.LoadBalancerSettings_ConsistentHashLB_UseSourceIp{UseSourceIp: true}}
	}
	if name := headerOf(r, p); name != "" {
		return headerHash(name)
	}
	return nil
}

// headerOf is the header that holds a property of a request when the hash is taken, which is after rewrites.
func headerOf(r *model.Rule, p model.Part) string {
	switch p.Var {
	case model.VarHeader:
		return p.Text
	case model.VarRequestURI, model.VarEscapedURI:
		return pathHeader(r)
	case model.VarHost, model.VarAuthority:
		if r.UpstreamHost != nil {
			return "x-forwarded-host"
		}
		return ":authority"
	case model.VarMethod:
		return ":method"
	case model.VarRequestID:
		return "x-request-id"
	case model.VarScheme:
		return "x-forwarded-proto"
	}
	return ""
}

func pathHeader(r *model.Rule) string {
	if r.Rewrite != nil {
		return "x-envoy-original-path"
	}
	return ":path"
}

// hashPolicy is a part of a value as a policy of the route.
func hashPolicy(r *model.Rule, p model.Part) *routev3.RouteAction_HashPolicy {
	switch p.Var {
	case model.VarLiteral:
		return nil
	case model.VarPath: // $uri is the path that the backend sees
		return rewrittenHeader(":path", `\?.*$`, "")
	case model.VarQueryString, model.VarOptionalQuery:
		return rewrittenHeader(pathHeader(r), `^[^?]*`, "")
	case model.VarQuery:
		return &routev3.RouteAction_HashPolicy{PolicySpecifier: &routev3.RouteAction_HashPolicy_QueryParameter_{
			QueryParameter: &routev3.RouteAction_HashPolicy_QueryParameter{Name: p.Text},
		}}
	case model.VarCookie:
		return &routev3.RouteAction_HashPolicy{PolicySpecifier: &routev3.RouteAction_HashPolicy_Cookie_{
			Cookie: &routev3.RouteAction_HashPolicy_Cookie{Name: p.Text},
		}}
	case model.VarRemoteAddress:
		return &routev3.RouteAction_HashPolicy{PolicySpecifier: &routev3.RouteAction_HashPolicy_ConnectionProperties_{
			ConnectionProperties: &routev3.RouteAction_HashPolicy_ConnectionProperties{SourceIp: true},
		}}
	}
	if name := headerOf(r, p); name != "" {
		return &routev3.RouteAction_HashPolicy{PolicySpecifier: &routev3.RouteAction_HashPolicy_Header_{
			Header: &routev3.RouteAction_HashPolicy_Header{HeaderName: name},
		}}
	}
	return nil
}

func rewrittenHeader(name, pattern, substitution string) *routev3.RouteAction_HashPolicy {
	return &routev3.RouteAction_HashPolicy{PolicySpecifier: &routev3.RouteAction_HashPolicy_Header_{
		Header: &routev3.RouteAction_HashPolicy_Header{HeaderName: name, RegexRewrite: rewriteByRegex(pattern, substitution)},
	}}
}

// contentHash is a short name for a message's content.
func contentHash(m proto.Message) string {
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		panic("istio: " + err.Error())
	}
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:4])
}
