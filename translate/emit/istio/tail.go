package istio

import (
	"regexp"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// A tail is what the platform answers behind a team's routes of a host. It is a VirtualService of the platform that is
// exported to everybody: istiod puts such routes behind those that name the gateway's namespace in exportTo.

// cutTail moves the final entries that belong to the platform (its default backend) into the tail, so that the rest can
// stay with the team.
func (e *emitter) cutTail(p *hostPlan) {
	if e.opts.Ownership == emit.Platform || p.host.Name == "*" {
		return
	}
	i := len(p.entries)
	for i > 0 && p.entries[i-1].rule != nil && p.entries[i-1].rule.Owner == "" && len(p.entries[i-1].uris) == 0 {
		i--
	}
	if i > 0 {
		p.tail, p.entries = slices.Clone(p.entries[i:]), p.entries[:i]
	}
}

// fallThrough gives a wildcard host what unknown hosts get: names that are too deep for a wildcard of one label go there.
func (p *hostPlan) fallThrough(unknown *hostPlan) {
	if unknown == nil || !p.host.Wildcard() || p.host.Closed != nil {
		return
	}
	before := len(p.tail)
	for _, x := range unknown.entries {
		if x.cond.authority == nil {
			p.tail = append(p.tail, x.clone())
		}
	}
	if len(p.tail) > before { // names of one label end here
		p.entries = append(p.entries, p.silent...)
	}
}

// emitTail writes the platform's VirtualService behind a team's.
func (e *emitter) emitTail(p *hostPlan) {
	if len(p.tail) == 0 {
		return
	}
	ns := e.gatewayNamespace()
	vs := &networking.VirtualService{Hosts: p.names, Gateways: p.gateways, ExportTo: []string{"*"}}
	for _, x := range p.tail {
		vs.Http = append(vs.Http, e.finish(x, p, false))
	}
	name := e.names.claim("VirtualService", ns, "i2g-"+dnsName(p.named())+"-default", "tail "+p.named(), maxName)
	e.add(e.virtualService(ns, name, "", vs, originsOf(p.tail)))
}

// parts are the plan and those of the further names of its host that cannot stand beside it, which get VirtualServices of
// their own: wildcards, because bound to a Gateway together with exact names, a wildcard puts its routes into every host of
// that Gateway that it covers; and all further names of a wildcard, whose entries ask for a name of one label below it.
func (p *hostPlan) parts() []*hostPlan {
	out := []*hostPlan{p}
	var kept, exact []string
	for _, n := range p.names {
		switch {
		case n == p.host.Name:
			kept = append(kept, n)
		case isWildcard(n):
			out = append(out, p.under([]string{n}))
		case p.host.Wildcard():
			exact = append(exact, n)
		default:
			kept = append(kept, n)
		}
	}
	p.names = kept
	if len(exact) > 0 {
		out = append(out, p.under(exact))
	}
	return out
}

// under is the plan for further names of a host.
func (p *hostPlan) under(names []string) *hostPlan {
	q := *p
	q.names, q.title, q.gateways = names, names[0], nil
	q.entries, q.tail, q.silent = cloneEntries(p.entries), cloneEntries(p.tail), cloneEntries(p.silent)
	if p.host.Wildcard() {
		for _, x := range slices.Concat(q.entries, q.tail, q.silent) {
			if x.cond.authority.GetRegex() == wildcardAuthority(p.host.Name) {
				x.cond.authority = nil
			}
		}
	}
	return &q
}

func cloneEntries(xs []*entry) []*entry {
	out := make([]*entry, len(xs))
	for i, x := range xs {
		out[i] = x.clone()
	}
	return out
}

// byAuthority gives names that no Gateway can list the rules of their host: names that only a pattern describes, which nginx
// tries after exact names and wildcards, and names without a dot. They stand in front of the routes of unknown hosts, each
// entry with a match on the Host.
func (e *emitter) byAuthority(p *hostPlan) []*entry {
	var front []*entry
	for _, a := range p.host.Aliases {
		switch {
		case a.Regex != "":
			front = append(front, e.under(p, a.Regex, a.Origin, !a.Uncovered)...)
		case short(a.Name):
			front = append(front, e.under(p, "(?i)"+regexp.QuoteMeta(a.Name), a.Origin, !a.Uncovered)...)
		}
	}
	if short(p.host.Name) {
		e.findings.Report(finding.HostPlatform, p.host.Origin, p.host.Name, "Istio takes no host without a dot, so they stand among those of unknown hosts, and have HTTPS only by the default certificate")
		front = append(front, e.under(p, "(?i)"+regexp.QuoteMeta(p.host.Name), p.host.Origin, true)...)
	}
	p.names = slices.DeleteFunc(p.names, short)
	return front
}

// short tells whether a name has no dot, which Istio takes for the name of a Service.
func short(name string) bool { return name != "*" && !strings.Contains(name, ".") }

// under copies the entries of a host for requests whose Host matches a pattern; what none of them takes is not found. A host
// that asks for client certificates is not served by TLS so: the server does not ask. certified tells whether the
// certificate of the host is for these names.
func (e *emitter) under(p *hostPlan, pattern string, o model.Origin, certified bool) []*entry {
	authority := regex("(?:" + pattern + ")(?::[0-9]+)?")
	var out []*entry
	for _, x := range slices.Concat(p.entries, p.tail) {
		if x.certified && !certified {
			continue
		}
		c := x.clone()
		c.cond.authority = authority
		if e.plainOnly(p.host, c) {
			out = append(out, c)
		}
	}
	end := &entry{rule: &model.Rule{Origin: o}, answer: true, name: "i2g/alias-end",
		http: &networking.HTTPRoute{DirectResponse: &networking.HTTPDirectResponse{Status: 404}}}
	end.cond.authority = authority
	return append(out, end)
}
