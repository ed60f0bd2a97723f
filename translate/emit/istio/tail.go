package istio

import (
	"slices"

	networking "istio.io/api/networking/v1alpha3"

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

// fallThrough gives wildcard hosts what unknown hosts get: names that are too deep for a wildcard of one label go there.
func (e *emitter) fallThrough(plans []*hostPlan) {
	i := slices.IndexFunc(plans, func(p *hostPlan) bool { return p.host.Name == "*" })
	if i < 0 {
		return
	}
	for _, p := range plans {
		if !p.host.Wildcard() || p.host.Closed != nil {
			continue
		}
		for _, x := range plans[i].entries {
			if x.cond.authority == nil {
				p.tail = append(p.tail, x.clone())
			}
		}
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
	name := e.names.claim("VirtualService", ns, "i2g-"+dnsName(p.host.Name)+"-default", "tail "+p.host.Name, maxName)
	e.add(e.virtualService(ns, name, "", vs, originsOf(p.tail)))
}

// regexAliases gives names that only a pattern describes the rules of their host. nginx tries patterns after exact names
// and wildcards, which is where the routes of unknown hosts stand, so they come first there.
func (e *emitter) regexAliases(plans []*hostPlan) []*hostPlan {
	var front []*entry
	for _, p := range plans {
		for _, a := range p.host.Aliases {
			if a.Regex == "" {
				continue
			}
			authority := regex("(?:" + a.Regex + ")(?::[0-9]+)?")
			for _, x := range slices.Concat(p.entries, p.tail) {
				c := x.clone()
				c.cond.authority = authority
				front = append(front, c)
			}
			rest := &entry{rule: &model.Rule{Origin: a.Origin}, answer: true, name: "i2g/alias-end",
				http: &networking.HTTPRoute{DirectResponse: &networking.HTTPDirectResponse{Status: 404}}}
			rest.cond.authority = authority
			front = append(front, rest)
		}
	}
	if len(front) == 0 {
		return plans
	}
	i := slices.IndexFunc(plans, func(p *hostPlan) bool { return p.host.Name == "*" })
	if i < 0 {
		plans = append(plans, &hostPlan{host: &model.Host{Name: "*", Namespaces: []string{""}, Origin: front[0].rule.Origin}, names: []string{"*"}})
		i = len(plans) - 1
	}
	plans[i].entries = append(front, plans[i].entries...)
	plans[i].owner = ""
	return plans
}
