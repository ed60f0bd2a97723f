package istio

import (
	"net/netip"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	rbacv3 "github.com/envoyproxy/go-control-plane/envoy/config/rbac/v3"
	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	matcherv3 "github.com/envoyproxy/go-control-plane/envoy/type/matcher/v3"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// cidr reads a network in canonical form, as the model holds it.
func cidr(s string) *corev3.CidrRange {
	p, err := netip.ParsePrefix(s)
	if err != nil {
		panic("istio: " + err.Error())
	}
	return &corev3.CidrRange{AddressPrefix: p.Addr().String(), PrefixLen: wrapperspb.UInt32(uint32(p.Bits()))}
}

func cidrRanges(list []string) []*corev3.CidrRange {
	out := make([]*corev3.CidrRange, len(list))
	for i, s := range list {
		out[i] = cidr(s)
	}
	return out
}

// remoteIn matches the client's address: the peer's, or what believed headers say.
func remoteIn(c string) *rbacv3.Principal {
	return &rbacv3.Principal{Identifier: &rbacv3.Principal_RemoteIp{RemoteIp: cidr(c)}}
}

func anyRemote(list []string) *rbacv3.Principal {
	var ids []*rbacv3.Principal
	for _, c := range list {
		ids = append(ids, remoteIn(c))
	}
	return anyPrincipal(ids)
}

// directIn matches the peer's own address.
func directIn(list []string) *rbacv3.Principal {
	var ids []*rbacv3.Principal
	for _, c := range list {
		ids = append(ids, &rbacv3.Principal{Identifier: &rbacv3.Principal_DirectRemoteIp{DirectRemoteIp: cidr(c)}})
	}
	return anyPrincipal(ids)
}

func anyPrincipal(ids []*rbacv3.Principal) *rbacv3.Principal {
	return &rbacv3.Principal{Identifier: &rbacv3.Principal_OrIds{OrIds: &rbacv3.Principal_Set{Ids: ids}}}
}

func allPrincipals(ids ...*rbacv3.Principal) *rbacv3.Principal {
	return &rbacv3.Principal{Identifier: &rbacv3.Principal_AndIds{AndIds: &rbacv3.Principal_Set{Ids: ids}}}
}

func notPrincipal(id *rbacv3.Principal) *rbacv3.Principal {
	return &rbacv3.Principal{Identifier: &rbacv3.Principal_NotId{NotId: id}}
}

// headerPrincipal matches the whole value of a request header by a pattern.
func headerPrincipal(name, re string) *rbacv3.Principal {
	return &rbacv3.Principal{Identifier: &rbacv3.Principal_Header{Header: &routev3.HeaderMatcher{
		Name: name,
		HeaderMatchSpecifier: &routev3.HeaderMatcher_StringMatch{StringMatch: &matcherv3.StringMatcher{
			MatchPattern: &matcherv3.StringMatcher_SafeRegex{SafeRegex: &matcherv3.RegexMatcher{Regex: re}},
		}},
	}}}
}

// chained matches requests that came over a chain of trusted proxies. The source looks for the client further back in the
// chain, the gateway believes one hop: such a request is refused, because a list would judge it by the inner proxy. Where the
// edge-wide filters rewrite the header, they keep what was received under another name.
func chained(trusted []string) *rbacv3.Principal {
	return allPrincipals(directIn(trusted), anyRemote(trusted), anyPrincipal([]*rbacv3.Principal{
		headerPrincipal("x-original-forwarded-for", ".*,.*"), headerPrincipal("x-forwarded-for", ".*,.*"),
	}))
}
