package incremental

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	networking "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/operator/apply"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// gatewayOf is the content of a Gateway with one server, which is how all of ours are.
func gatewayOf(o *manifest.Object) (*networking.Gateway, bool) {
	if o.Kind != "Gateway" {
		return nil, false
	}
	spec := o.Spec
	if p, ok := spec.(manifest.Packed); ok {
		spec = p.Message()
	}
	g, ok := spec.(*networking.Gateway)
	return g, ok && len(g.Servers) == 1
}

// withHosts gives a Gateway with the hosts of another; nil if it has them. false if they differ in anything else.
func withHosts(have, more *manifest.Object) (*manifest.Object, bool) {
	a, okA := gatewayOf(have)
	b, okB := gatewayOf(more)
	if !okA || !okB {
		return nil, false
	}
	hosts := a.Servers[0].Hosts
	var missing []string
	for _, h := range b.Servers[0].Hosts {
		namespace, bare, _ := strings.Cut(h, "/")
		if _, there := slices.BinarySearch(hosts, h); there {
			continue
		}
		if _, all := slices.BinarySearch(hosts, namespace+"/*"); all {
			continue // so that none of its hosts stands alone
		}
		if bare == "*" {
			return nil, false
		}
		missing = append(missing, h)
	}
	b = proto.Clone(b).(*networking.Gateway)
	b.Servers[0].Hosts = hosts
	if !proto.Equal(a, b) {
		return nil, false
	}
	if len(missing) == 0 {
		return nil, true
	}
	all := slices.Concat(hosts, missing)
	slices.Sort(all)
	return serving(have, all), true
}

// serving is a Gateway with other hosts.
func serving(o *manifest.Object, hosts []string) *manifest.Object {
	g, _ := gatewayOf(o)
	g = proto.Clone(g).(*networking.Gateway)
	g.Servers[0].Hosts = hosts
	c := *o
	c.Spec = manifest.Pack(g)
	return &c
}

// hostsWithin tells whether one Gateway has all hosts of another.
func hostsWithin(some, all *manifest.Object) bool {
	a, okA := gatewayOf(some)
	b, okB := gatewayOf(all)
	return okA && okB && !slices.ContainsFunc(a.Servers[0].Hosts, func(h string) bool { return !slices.Contains(b.Servers[0].Hosts, h) })
}

// bare is a host of a server without its namespace.
func bare(h string) string {
	_, name, _ := strings.Cut(h, "/")
	return name
}

// tlsHosts are the hosts that a Gateway alone may serve by TLS; none if it serves all that others do not.
func tlsHosts(o *manifest.Object) []string {
	if o == nil {
		return nil
	}
	g, ok := gatewayOf(o)
	if !ok || g.Servers[0].Tls == nil || slices.ContainsFunc(g.Servers[0].Hosts, func(h string) bool { return bare(h) == "*" }) {
		return nil
	}
	return g.Servers[0].Hosts
}

// server gives the Gateway that serves a host by TLS.
func (e *Edge) server(host string) (apply.Ref, bool) {
	if e.secured == nil {
		e.secured = map[string]apply.Ref{}
		for ref, x := range e.objects {
			if ref.Kind == "Gateway" {
				e.secure(ref, x.object)
			}
		}
	}
	ref, ok := e.secured[host]
	return ref, ok
}

func (e *Edge) secure(ref apply.Ref, o *manifest.Object) {
	for _, h := range tlsHosts(o) {
		e.secured[bare(h)] = ref
	}
}

func (e *Edge) unsecure(ref apply.Ref, o *manifest.Object) {
	for _, h := range tlsHosts(o) {
		if e.secured[bare(h)] == ref {
			delete(e.secured, bare(h))
		}
	}
}

// gateway sees to it that a Gateway serves the hosts of another of its name.
func (g *growth) gateway(ref apply.Ref, o *manifest.Object) string {
	have := g.object(ref)
	next := o
	var hosts []string
	if have == nil {
		w, ok := gatewayOf(o)
		if !ok || slices.ContainsFunc(w.Servers[0].Hosts, func(h string) bool { return bare(h) == "*" }) {
			return NotThere
		}
	} else {
		var ok bool
		if next, ok = withHosts(have, o); !ok {
			return NotThere
		}
		hosts = tlsHosts(have)
	}
	if next == nil {
		return nothingWrong
	}
	for _, h := range tlsHosts(next) {
		if slices.Contains(hosts, h) {
			continue
		}
		if other, ok := g.e.server(bare(h)); ok && other != ref && !g.take(other, bare(h)) {
			return Moved
		}
	}
	g.set(ref, next)
	return nothingWrong
}

// leave takes those hosts from a Gateway that are no longer served by TLS there: clients would go on to get its certificate, or be asked for
// theirs.
func (g *growth) leave(ref apply.Ref) string {
	is := tlsHosts(g.now[ref].object)
	for _, h := range tlsHosts(g.old[ref].object) {
		if !slices.Contains(is, h) && !g.take(ref, bare(h)) {
			return Moved
		}
	}
	return nothingWrong
}

// take takes a host from the Gateway that serves it by TLS: two that serve one would take the whole port down. It says false if others
// may need it there.
func (g *growth) take(from apply.Ref, host string) bool {
	have := g.object(from)
	if have == nil {
		return true
	}
	was, is := tlsHosts(g.old[from].object), tlsHosts(g.now[from].object)
	left := slices.Clone(tlsHosts(have))
	for _, h := range tlsHosts(have) {
		if bare(h) != host {
			continue
		}
		if !slices.Contains(was, h) || slices.Contains(is, h) {
			return false
		}
		left = slices.DeleteFunc(left, func(x string) bool { return x == h })
	}
	switch len(left) {
	case len(tlsHosts(have)):
	case 0:
		g.remove(from)
	default: // the filters of a server name one of its hosts, and it may be this one
		return false
	}
	return true
}
