package incremental

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	networking "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// cover sees to what all have a part in: Gateways, filters, lists. What some Ingresses need of it must be there. What is only a longer
// list is made so. debt says that something may not be needed any more.
func (e *Edge) cover(old, now *part) (grown []entry, debt bool, why string) {
	for ref, x := range now.shared {
		before, known := old.shared[ref]
		if known && before.sum == x.sum {
			continue
		}
		have, there := e.objects[ref]
		if x.object.Kind != "EnvoyFilter" && !there {
			return nil, false, NotThere
		}
		if there && have.sum == x.sum {
			debt = debt || known
			continue
		}
		switch x.object.Kind {
		case "EnvoyFilter":
			if !e.hasPatches(x.object) {
				return nil, false, NotThere
			}
			debt = debt || known
		case "Gateway":
			o, ok := withHosts(have.object, x.object)
			if !ok {
				return nil, false, NotThere
			}
			if o != nil {
				if e.conflict(have.object, x.object) {
					return nil, false, Moved
				}
				grown = append(grown, entry{o, Of(o)})
			}
			debt = debt || known && !hostsWithin(before.object, x.object)
		case "ConfigMap":
			o, ok := withLines(have.object, x.object)
			if !ok {
				return nil, false, NotThere
			}
			if o != nil {
				grown = append(grown, entry{o, Of(o)})
			}
			debt = debt || known && !linesWithin(before.object, x.object)
		default:
			return nil, false, NotThere
		}
	}
	for ref := range old.shared {
		if _, ok := now.shared[ref]; !ok {
			debt = true
		}
	}
	return grown, debt, nothingWrong
}

// gatewayOf is the content of a Gateway with one server, which is how all of ours are.
func gatewayOf(o *manifest.Object) (*networking.Gateway, bool) {
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
	a = proto.Clone(a).(*networking.Gateway)
	a.Servers[0].Hosts = slices.Concat(hosts, missing)
	slices.Sort(a.Servers[0].Hosts)
	o := *have
	o.Spec = manifest.Pack(a)
	return &o, true
}

// hostsWithin tells whether one Gateway has all hosts of another.
func hostsWithin(some, all *manifest.Object) bool {
	a, okA := gatewayOf(some)
	b, okB := gatewayOf(all)
	return okA && okB && !slices.ContainsFunc(a.Servers[0].Hosts, func(h string) bool { return !slices.Contains(b.Servers[0].Hosts, h) })
}

// conflict tells whether a host that a Gateway is to serve by TLS in addition is served so by another already: the two would take the
// whole port down.
func (e *Edge) conflict(have, more *manifest.Object) bool {
	a, _ := gatewayOf(have)
	b, _ := gatewayOf(more)
	if b.Servers[0].Tls == nil {
		return false
	}
	if e.secured == nil {
		e.secured = map[string]bool{}
		for _, x := range e.objects {
			if g, ok := gatewayOf(x.object); ok && g.Servers[0].Tls != nil {
				for _, h := range g.Servers[0].Hosts {
					e.secured[bare(h)] = true
				}
			}
		}
	}
	return slices.ContainsFunc(b.Servers[0].Hosts, func(h string) bool {
		return !slices.Contains(a.Servers[0].Hosts, h) && e.secured[bare(h)]
	})
}

// bare is a host of a server without its namespace.
func bare(h string) string {
	_, name, _ := strings.Cut(h, "/")
	return name
}

// linesOf are the lines of a list of hosts, in order.
func linesOf(o *manifest.Object) (manifest.Map, bool) {
	data, _ := o.Fields.Get("data")
	lines, _ := data.(manifest.Map)
	return lines, o.Spec == nil && len(o.Fields) <= 1
}

// mostLines keeps a list below the size that it may have.
const mostLines = 10_000

// withLines gives a list with the lines of another; nil if it has them. false if they say different things of a host.
func withLines(have, more *manifest.Object) (*manifest.Object, bool) {
	a, okA := linesOf(have)
	b, okB := linesOf(more)
	if !okA || !okB {
		return nil, false
	}
	var missing manifest.Map
	for _, f := range b {
		i, there := slices.BinarySearchFunc(a, f.Key, byKey)
		switch {
		case !there:
			missing = append(missing, f)
		case a[i].Value != f.Value:
			return nil, false
		}
	}
	if len(missing) == 0 || len(a)+len(missing) > mostLines {
		return nil, len(missing) == 0
	}
	o := *have
	all := slices.Concat(a, missing)
	slices.SortFunc(all, func(x, y manifest.Field) int { return byKey(x, y.Key) })
	o.Fields = manifest.Map{{Key: "data", Value: all}}
	return &o, true
}

func byKey(f manifest.Field, key string) int { return strings.Compare(f.Key, key) }

// linesWithin tells whether all lines of one list are in another.
func linesWithin(some, all *manifest.Object) bool {
	o, ok := withLines(all, some)
	return o == nil && ok
}
