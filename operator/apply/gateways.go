package apply

import (
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
)

// No two TLS servers may name one host on one port, ever: istiod drops the younger one with all its hosts where the text is the same, and
// Envoy refuses the whole port where only the namespace differs. A host that moves to another Gateway, because its certificate or its
// settings change, leaves the first before it joins the second. Between the two there are a few requests to the API server, less than
// what istiod waits for further changes before it tells the proxy. Meanwhile its routes are bound to both, or it is covered.

// server is a server of a Gateway, as far as hosts are concerned.
type server struct {
	port  int64
	tls   bool
	named bool // it takes TLS connections by the names of its hosts; one with the host "*" takes all that no other does
	mode  string
	hosts []string // as written
}

func serversOf(u *unstructured.Unstructured) (out []server) {
	list, _, _ := unstructured.NestedSlice(u.Object, "spec", "servers")
	for _, x := range list {
		m, _ := x.(map[string]any)
		s := server{tls: m["tls"] != nil, mode: text(m, "tls", "mode")}
		s.port, _, _ = unstructured.NestedInt64(m, "port", "number")
		s.hosts, _, _ = unstructured.NestedStringSlice(m, "hosts")
		s.named = s.tls && !slices.ContainsFunc(s.hosts, func(h string) bool { return h == "*" || strings.HasSuffix(h, "/*") })
		out = append(out, s)
	}
	return out
}

// simple is the mode of a server that asks for no client certificates.
const simple = "SIMPLE"

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
	modes        map[claim]string
	besides      map[Ref]map[claim]bool // TLS hosts that are to be on Gateways which take all others
	moved        map[claim]Ref          // those that another one has now, but where the routes have to change first
}

func newGateways(live, wanted map[Ref]*unstructured.Unstructured) gateways {
	g := gateways{live, wanted, map[claim]Ref{}, map[claim]string{}, map[Ref]map[claim]bool{}, map[claim]Ref{}}
	for _, named := range [...]bool{false, true} { // the server that names a host takes it, and not the one that takes all others
		for _, ref := range sortedRefs(wanted) {
			for _, s := range serversOf(wanted[ref]) {
				if !s.tls || s.named != named {
					continue
				}
				if !named {
					g.besides[ref] = map[claim]bool{}
				}
				for _, c := range s.claims(wanted[ref]) {
					if g.to[c], g.modes[c] = ref, s.mode; !named {
						g.besides[ref][c] = true
					}
				}
			}
		}
	}
	for ref, u := range live {
		for _, s := range serversOf(u) {
			for _, c := range s.claims(u) {
				// Routes that rely on client certificates are not bound to a server that asks for none.
				if to, leaves := g.leaves(ref, c); s.tls && leaves && (s.mode == g.modes[c] || g.modes[c] == "MUTUAL") {
					g.moved[c] = to
				}
			}
		}
	}
	return g
}

// leaves tells whether a TLS host moves from a Gateway to another one, and to which.
func (g gateways) leaves(from Ref, c claim) (Ref, bool) {
	to, known := g.to[c]
	return to, known && to != from && !g.besides[from][c]
}

// shrunk gives the live Gateway without the TLS hosts that move to another one; nil if nothing of it is left, and the live one
// itself if none moves.
func (g gateways) shrunk(ref Ref) *unstructured.Unstructured {
	return filterHosts(g.live[ref], func(c claim, tls bool) bool {
		_, leaves := g.leaves(ref, c)
		return !tls || !leaves
	})
}

// receivers are the Gateways that get TLS hosts from one.
func (g gateways) receivers(from Ref) (refs []Ref) {
	for _, s := range serversOf(g.live[from]) {
		for _, c := range s.claims(g.live[from]) {
			if to, leaves := g.leaves(from, c); s.tls && leaves && !slices.Contains(refs, to) {
				refs = append(refs, to)
			}
		}
	}
	return refs
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

// planGateways says which hosts move.
func (r *run) planGateways(changes []Change) gateways {
	live, wanted := map[Ref]*unstructured.Unstructured{}, map[Ref]*unstructured.Unstructured{}
	for i := range changes {
		if c := &changes[i]; c.Kind == "Gateway" && !r.bad(c.Ref) {
			wanted[c.Ref] = c.tree()
		}
	}
	for ref, u := range r.live {
		if ref.Kind == "Gateway" {
			live[ref] = u
		}
	}
	return newGateways(live, wanted)
}

// move begins to move TLS hosts: they leave the Gateways that have them. It gives what covers them meanwhile.
func (r *run) move(ctx context.Context, p *Plan, routes []Change, g gateways) ([]Ref, error) {
	r.bindToBoth(ctx, routes, g)
	covers, err := r.cover(ctx, p, g)
	if err == nil {
		r.trimGateways(ctx, p, g)
	}
	return covers, err
}

// bindToBoth lets the routes of hosts that move be served by the Gateway that gets them, too.
func (r *run) bindToBoth(ctx context.Context, routes []Change, g gateways) {
	if len(g.moved) == 0 {
		return
	}
	to := map[string][]string{}
	for c, ref := range g.moved {
		key := c.edge + " " + c.host
		to[key] = append(to[key], ref.Namespace+"/"+ref.Name)
	}
	r.each(ctx, routes, func(c *Change) {
		bare := c.bare()
		wanted, _, _ := unstructured.NestedStringSlice(bare.Object, "spec", "gateways")
		var more []string
		for _, h := range hostsOf(bare) {
			for _, name := range to[c.Edge()+" "+strings.ToLower(h)] {
				if slices.Contains(wanted, name) {
					more = append(more, name)
				}
			}
		}
		if c.Live == nil || len(more) == 0 {
			return
		}
		live := object(c.Ref)
		if err := r.Client.Get(ctx, c.key(), live); err != nil || !isOurs(live.GetManagedFields()) {
			return // it changes later, if it can
		}
		bound, _, _ := unstructured.NestedStringSlice(live.Object, "spec", "gateways")
		all := slices.Clone(bound)
		for _, name := range more {
			if !slices.Contains(all, name) {
				all = append(all, name)
			}
		}
		own := c.tree()
		own.Object["spec"] = live.Object["spec"]
		if err := unstructured.SetNestedStringSlice(own.Object, all, "spec", "gateways"); err == nil && len(all) > len(bound) {
			r.apply(ctx, c, own)
		}
	})
}

// trimGateways takes TLS hosts from Gateways that lose them to others.
func (r *run) trimGateways(ctx context.Context, p *Plan, g gateways) {
	var emptied []Ref // that lose all they have, and are to have something else
	for _, ref := range sortedRefs(g.live) {
		small := g.shrunk(ref)
		if small == g.live[ref] {
			continue
		}
		i := slices.IndexFunc(p.Remove, func(l Live) bool { return l.Ref == ref })
		switch c := r.changes[ref]; {
		case i >= 0: // it goes anyway, and what it has left is nobody's
			r.remove(ctx, &p.Remove[i])
		case c == nil || r.bad(ref): // nothing that could be applied
		case small == nil:
			emptied = append(emptied, ref)
			continue
		default:
			r.between(ctx, c, small.Object["spec"])
		}
		r.holdBack(g, ref)
	}
	for len(emptied) > 0 {
		i := slices.IndexFunc(emptied, func(ref Ref) bool {
			return !slices.ContainsFunc(emptied, func(from Ref) bool { return from != ref && slices.Contains(g.receivers(from), ref) })
		})
		switch alone := i >= 0; {
		case r.bad(emptied[max(0, i)]): // somebody has still what it is to have
			i = max(0, i)
		case alone:
			r.apply(ctx, r.changes[emptied[i]], nil)
		default: // they exchange what they have: one gives first
			i = 0
			r.between(ctx, r.changes[emptied[i]], parked(g.live[emptied[i]]).Object["spec"])
		}
		r.holdBack(g, emptied[i])
		emptied = slices.Delete(emptied, i, i+1)
	}
}

// between applies an object with another specification, on its way.
func (r *run) between(ctx context.Context, c *Change, spec any) {
	own := c.tree()
	own.Object["spec"] = spec
	r.apply(ctx, c, own)
}

// holdBack keeps hosts from those that are to get them if the first has them still: two servers of one host would take the port down.
func (r *run) holdBack(g gateways, loser Ref) {
	if !r.bad(loser) {
		return
	}
	for _, other := range g.receivers(loser) {
		r.set(other, Result{State: Waits, Message: other.String() + " is held back, because " + loser.String() + " still has one of its hosts"})
	}
}

// parkedHost is the domain of hosts of servers that have none for a moment; nobody asks for it.
const parkedHost = "moving.i2g.internal"

// parked is a Gateway without its hosts. A server needs one, of its own.
func parked(live *unstructured.Unstructured) *unstructured.Unstructured {
	out, name := live.DeepCopy(), fnv.New64a()
	_, _ = io.WriteString(name, live.GetName())
	servers, _, _ := unstructured.NestedSlice(out.Object, "spec", "servers")
	if first, ok := servers[0].(map[string]any); ok {
		first["hosts"] = []any{fmt.Sprintf("%s/%x.%s", live.GetNamespace(), name.Sum64(), parkedHost)}
	}
	if err := unstructured.SetNestedSlice(out.Object, servers[:1], "spec", "servers"); err != nil {
		return live
	}
	return out
}
