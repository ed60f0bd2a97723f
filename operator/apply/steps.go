package apply

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
)

// What a route needs must be there before the route, and stay until the proxy has forgotten it. So changes go in steps:
//
//  1. TLS hosts leave the Gateways that lose them to others: no two servers may name one host on one port, ever;
//  2. what routes need grows: new filters, patches, subsets and hosts, beside the old ones;
//  3. hosts leave that go altogether; then routes change, delegates before those that name them; then routes that are no longer
//     wanted go, in reverse;
//  4. what nothing needs any more goes.

// grown gives the object that serves the old routes and the new ones; wanted itself if that does. keep tells what of the old is
// needed.
func grown(live, wanted *unstructured.Unstructured, keep func(id string) bool) *unstructured.Unstructured {
	needed := func(id string) string {
		if id == "" || !keep(id) {
			return ""
		}
		return id
	}
	switch wanted.GetKind() {
	case "DestinationRule":
		return withOld(live, wanted, []string{"spec", "subsets"}, func(x any) string { return needed("subset " + text(x, "name")) })
	case "EnvoyFilter":
		return announcing(live, withOld(live, wanted, []string{"spec", "configPatches"}, func(x any) string { return needed(patched(x)) }))
	}
	return wanted
}

func whatever(string) bool { return true }

// announcing lets the filter that tells routes which others are there tell of those, too, that only old routes need. Without that they
// would be closed.
func announcing(live, grown *unstructured.Unstructured) *unstructured.Unstructured {
	was, now := announced(live), announced(grown)
	old, _ := was["value"].(string)
	value, _ := now["value"].(string)
	token, names, ok := strings.Cut(old, ",")
	if !ok || old == value || !strings.HasPrefix(value, token+",") {
		return grown
	}
	u := grown.DeepCopy()
	announced(u)["value"] = value + names // a route looks for its own in order, among others
	return u
}

// announced is the header in which an EnvoyFilter names its filters; nil if there is none.
func announced(u *unstructured.Unstructured) map[string]any {
	list, _, _ := unstructured.NestedFieldNoCopy(u.Object, "spec", "configPatches")
	patches, _ := list.([]any)
	for _, p := range patches {
		if text(p, "patch", "value", "name") != guardFilter {
			continue
		}
		m, _ := p.(map[string]any)
		mutations, _, _ := unstructured.NestedFieldNoCopy(m, "patch", "value", "typed_config", "mutations", "request_mutations")
		all, _ := mutations.([]any)
		for _, x := range all {
			m, _ := x.(map[string]any)
			header, _, _ := unstructured.NestedFieldNoCopy(m, "append", "header")
			if h, ok := header.(map[string]any); ok && h["key"] == guardHeader {
				return h
			}
		}
	}
	return nil
}

// What announces filters; the translation makes it so.
const (
	guardFilter = "i2g.guard"
	guardHeader = "x-i2g-chain"
)

// withOld appends the elements of a list that wanted has no more. id is what tells elements apart; "" drops one.
func withOld(live, wanted *unstructured.Unstructured, path []string, id func(any) string) *unstructured.Unstructured {
	old, _, _ := unstructured.NestedFieldNoCopy(live.Object, path...)
	now, _, _ := unstructured.NestedFieldNoCopy(wanted.Object, path...)
	oldList, _ := old.([]any)
	nowList, _ := now.([]any)
	seen := map[string]bool{}
	for _, x := range nowList {
		seen[id(x)] = true
	}
	out := slices.Clone(nowList)
	for _, x := range oldList {
		if k := id(x); k != "" && !seen[k] {
			out = append(out, x)
		}
	}
	if len(out) == len(nowList) {
		return wanted
	}
	u := wanted.DeepCopy()
	if err := unstructured.SetNestedSlice(u.Object, out, path...); err != nil {
		return wanted
	}
	return u
}

// patched is what a patch of an EnvoyFilter is about, if it can stay beside others for a while: a route by its name, or a filter.
// A second patch of the same thing would be merged with the first.
func patched(x any) string {
	switch kind := text(x, "applyTo"); kind {
	case "HTTP_ROUTE":
		return kind + " " + text(x, "match", "routeConfiguration", "vhost", "route", "name")
	case "HTTP_FILTER":
		if strings.HasPrefix(text(x, "patch", "operation"), "INSERT") {
			return kind + " " + text(x, "patch", "value", "name")
		}
	case "CLUSTER":
		if text(x, "patch", "operation") == "ADD" {
			return kind + " " + text(x, "patch", "value", "name")
		}
	}
	return ""
}

func text(x any, path ...string) string {
	m, ok := x.(map[string]any)
	if !ok {
		return ""
	}
	s, _, _ := unstructured.NestedString(m, path...)
	return s
}

// server is a server of a Gateway, as far as hosts are concerned.
type server struct {
	port  int64
	tls   bool
	hosts []string // as written
}

func serversOf(u *unstructured.Unstructured) (out []server) {
	list, _, _ := unstructured.NestedSlice(u.Object, "spec", "servers")
	for _, x := range list {
		m, _ := x.(map[string]any)
		s := server{tls: m["tls"] != nil}
		s.port, _, _ = unstructured.NestedInt64(m, "port", "number")
		s.hosts, _, _ = unstructured.NestedStringSlice(m, "hosts")
		out = append(out, s)
	}
	return out
}

// claim is a host on a port of a gateway.
type claim struct {
	edge string
	port int64
	host string // without its namespace
}

// claims are those of a server of a Gateway.
func (s *server) claims(of *unstructured.Unstructured) (out []claim) {
	for _, h := range s.hosts {
		if _, bare, ok := strings.Cut(h, "/"); ok {
			h = bare
		}
		out = append(out, claim{of.GetLabels()[v1alpha1.LabelEdge], s.port, strings.ToLower(h)})
	}
	return out
}

// gateways plans a change of Gateways.
type gateways struct {
	live, wanted map[Ref]*unstructured.Unstructured
	to           map[claim]Ref // which Gateway a TLS host is to have
}

func newGateways(live, wanted map[Ref]*unstructured.Unstructured) gateways {
	g := gateways{live, wanted, map[claim]Ref{}}
	for ref, u := range wanted {
		for _, s := range serversOf(u) {
			if s.tls {
				for _, c := range s.claims(u) {
					g.to[c] = ref
				}
			}
		}
	}
	return g
}

// shrunk gives the live Gateway without the TLS hosts that move to another one; nil if nothing of it is left, and the live one
// itself if none moves.
func (g gateways) shrunk(ref Ref) *unstructured.Unstructured {
	return filterHosts(g.live[ref], func(c claim, tls bool) bool {
		other, moves := g.to[c]
		return !tls || !moves || other == ref
	})
}

// receivers are the Gateways that get TLS hosts from one.
func (g gateways) receivers(from Ref) (refs []Ref) {
	for _, s := range serversOf(g.live[from]) {
		for _, c := range s.claims(g.live[from]) {
			if to, moves := g.to[c]; s.tls && moves && to != from && !slices.Contains(refs, to) {
				refs = append(refs, to)
			}
		}
	}
	return refs
}

// receives tells whether a Gateway gets TLS hosts from another.
func (g gateways) receives(ref Ref) bool {
	return slices.ContainsFunc(sortedRefs(g.live), func(from Ref) bool { return slices.Contains(g.receivers(from), ref) })
}

// lost are the hosts of a Gateway, without their namespaces, that it is to have no more.
func (g gateways) lost(ref Ref) (hosts []string) {
	wanted := map[string]bool{}
	if g.wanted[ref] == nil || g.live[ref] == nil {
		return nil
	}
	for _, s := range serversOf(g.wanted[ref]) {
		for _, c := range s.claims(g.wanted[ref]) {
			wanted[c.host] = true
		}
	}
	for _, s := range serversOf(g.live[ref]) {
		for _, c := range s.claims(g.live[ref]) {
			if !wanted[c.host] {
				hosts = append(hosts, c.host)
			}
		}
	}
	return hosts
}

// grown gives the wanted Gateway with the hosts of the live one that no other gets.
func (g gateways) grown(ref Ref) *unstructured.Unstructured {
	live, wanted := g.live[ref], g.wanted[ref]
	if live == nil {
		return wanted
	}
	left, now := serversOf(live), serversOf(wanted)
	if len(left) != 1 || len(now) != 1 || left[0].port != now[0].port || left[0].tls != now[0].tls {
		return wanted
	}
	hosts := slices.Clone(now[0].hosts)
	for i, c := range left[0].claims(live) {
		if _, moved := g.to[c]; (!moved || !left[0].tls) && !slices.Contains(hosts, left[0].hosts[i]) {
			hosts = append(hosts, left[0].hosts[i])
		}
	}
	if len(hosts) == len(now[0].hosts) {
		return wanted
	}
	slices.Sort(hosts)
	u := wanted.DeepCopy()
	list, _, _ := unstructured.NestedSlice(u.Object, "spec", "servers")
	if err := unstructured.SetNestedStringSlice(list[0].(map[string]any), hosts, "hosts"); err != nil {
		return wanted
	}
	if err := unstructured.SetNestedSlice(u.Object, list, "spec", "servers"); err != nil {
		return wanted
	}
	return u
}

// filterHosts keeps some hosts of a Gateway's servers.
func filterHosts(u *unstructured.Unstructured, keep func(c claim, tls bool) bool) *unstructured.Unstructured {
	list, _, _ := unstructured.NestedSlice(u.Object, "spec", "servers")
	var servers []any
	changed := false
	for i, s := range serversOf(u) {
		var hosts []any
		for j, c := range s.claims(u) {
			if keep(c, s.tls) {
				hosts = append(hosts, s.hosts[j])
			}
		}
		if len(hosts) < len(s.hosts) {
			changed = true
		}
		if len(hosts) > 0 {
			m, _ := list[i].(map[string]any)
			m["hosts"] = hosts
			servers = append(servers, m)
		}
	}
	switch {
	case !changed:
		return u
	case len(servers) == 0:
		return nil
	}
	out := u.DeepCopy()
	if err := unstructured.SetNestedSlice(out.Object, servers, "spec", "servers"); err != nil {
		return u
	}
	return out
}
