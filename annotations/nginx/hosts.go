package nginx

import (
	"slices"
	"strings"

	netv1 "k8s.io/api/networking/v1"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// catchAll is the host of rules without a host: nginx's default server.
const catchAll = "*"

// buildHosts fills e.Hosts and the rules of the model: the locations of every host, over all namespaces, in match order.
func buildHosts(e *annotations.Edge) {
	byName := map[string]*hostBuilder{}
	var order []*hostBuilder
	for _, in := range e.Ingresses {
		if in.Canary {
			continue
		}
		spec := &in.Source.Spec
		if len(spec.Rules) == 0 && spec.DefaultBackend != nil {
			b := hostFor(e, byName, &order, catchAll, in)
			b.catchAllBackend(in)
		}
		for i := range spec.Rules {
			name := strings.ToLower(spec.Rules[i].Host)
			if name == "" {
				name = catchAll
			}
			b := hostFor(e, byName, &order, name, in)
			b.addRule(in, i)
		}
	}
	slices.SortStableFunc(order, func(a, b *hostBuilder) int { return compareHosts(a.host.Name, b.host.Name) })
	mergeCanaries(e, byName)
	for _, b := range order {
		b.finish()
		b.attachUpstreams()
		e.Hosts = append(e.Hosts, b.host)
		e.Model.Hosts = append(e.Model.Hosts, b.host.Model)
	}
}

// compareHosts sorts by name; the catch-all comes last.
func compareHosts(a, b string) int {
	if (a == catchAll) != (b == catchAll) {
		if a == catchAll {
			return 1
		}
		return -1
	}
	return strings.Compare(a, b)
}

func hostFor(e *annotations.Edge, byName map[string]*hostBuilder, order *[]*hostBuilder, name string, in *annotations.Ingress) *hostBuilder {
	b := byName[name]
	if b == nil {
		b = newHostBuilder(e, name, in)
		byName[name] = b
		*order = append(*order, b)
	}
	if n := len(b.host.Ingresses); n == 0 || b.host.Ingresses[n-1] != in {
		b.host.Ingresses = append(b.host.Ingresses, in)
	}
	return b
}

// location is one nginx location while the list of a host is made.
type location struct {
	path      string
	exact     bool
	in        *annotations.Ingress // nil for the default server's own location
	rule, idx int                  // indexes in the Ingress; -1 for defaults
	backend   *netv1.IngressServiceBackend
	isDefault bool
	written   string // path text in the Ingress
}

// hostBuilder collects the locations of one host.
type hostBuilder struct {
	e    *annotations.Edge
	host *annotations.Host
	locs []*location
}

func newHostBuilder(e *annotations.Edge, name string, first *annotations.Ingress) *hostBuilder {
	b := &hostBuilder{e: e, host: &annotations.Host{Edge: e, Name: name, Model: &model.Host{Name: name, Owner: first.Namespace}}}
	b.host.Model.Origin = finding.Origin{Object: first.Object, Field: "spec.rules"}
	// The oldest Ingress that names a host gives it a hidden location / with all its annotations. The default server has
	// had one of its own before, without any.
	d := &location{path: "/", isDefault: true, rule: -1, idx: -1, written: "/"}
	if name != catchAll {
		d.in = first
		if db := first.Source.Spec.DefaultBackend; db != nil {
			d.backend = db.Service
		}
	}
	b.locs = append(b.locs, d)
	return b
}

// catchAllBackend takes the default backend of an Ingress without rules; the oldest wins.
func (b *hostBuilder) catchAllBackend(in *annotations.Ingress) {
	for _, l := range b.locs {
		if l.path == "/" && !l.exact && l.isDefault && l.in == nil {
			l.in, l.backend = in, in.Source.Spec.DefaultBackend.Service
			return
		}
	}
	b.e.Findings.Report(finding.DuplicatePath, finding.Origin{Object: in.Object, Field: "spec.defaultBackend", Line: in.Source.Lines.Spec}, "/", "another Ingress")
}

// addRule adds the paths of one rule.
func (b *hostBuilder) addRule(in *annotations.Ingress, i int) {
	r := &in.Source.Spec.Rules[i]
	if r.HTTP == nil {
		return // the host is served by its default location alone
	}
	for j := range r.HTTP.Paths {
		p := &r.HTTP.Paths[j]
		o := finding.Origin{Object: in.Object, Field: pathField(i, j), Line: in.Source.Lines.Path(i, j)}
		path := p.Path
		if path == "" {
			path = "/"
		}
		if p.Backend.Service == nil {
			b.e.Findings.Report(finding.ResourceBackend, o, path)
			continue
		}
		if b.e.Upstream(in.Namespace, p.Backend.Service).Barred() {
			b.e.Findings.Report(finding.CanaryFirst, o, p.Backend.Service.Name, path)
			continue
		}
		l := &location{path: path, exact: p.PathType != nil && *p.PathType == netv1.PathTypeExact, in: in, rule: i, idx: j, backend: p.Backend.Service, written: p.Path}
		b.add(l, o)
	}
}

// add appends a location unless an older one has the same path and type; a default location gives way.
func (b *hostBuilder) add(l *location, o finding.Origin) {
	for k, old := range b.locs {
		if old.path != l.path || old.exact != l.exact {
			continue
		}
		if old.isDefault {
			b.locs[k] = l
			return
		}
		b.e.Findings.Report(finding.DuplicatePath, o, l.path, old.in.Object.Ref())
		return
	}
	b.locs = append(b.locs, l)
}

func pathField(i, j int) string {
	return "spec.rules[" + itoa(i) + "].http.paths[" + itoa(j) + "]"
}
