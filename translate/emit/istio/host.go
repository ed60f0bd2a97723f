package istio

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	networking "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// hostPlan is one host on its way to VirtualServices.
type hostPlan struct {
	host    *model.Host
	names   []string // exact or wildcard names that share the rules
	title   string   // what the VirtualServices are named after; "" for the host
	entries []*entry // in match order
	tail    []*entry // of the platform, behind the entries
	silent  []*entry // that say no more than no entry at all, as long as nothing stands behind them
	owner   string   // namespace that holds all; "" for a root of the platform with delegates
	// gateways are the "namespace/name" of the Gateways that the routes bind to.
	gateways []string
}

// planHost makes the entries of a host.
func (e *emitter) planHost(h *model.Host) *hostPlan {
	e.checkClientCerts(h)
	p := &hostPlan{host: h, names: namesOf(h)}
	if h.Closed != nil {
		p.entries = []*entry{{answer: true, name: "i2g/closed", http: &networking.HTTPRoute{DirectResponse: &networking.HTTPDirectResponse{Status: uint32(h.Closed.Status)}}}}
		e.withoutHSTS(p.entries...)
	} else {
		p.entries = e.certGuards(h)
		for _, r := range h.Before {
			p.entries = append(p.entries, e.ruleEntries(h, r)...)
		}
		e.withoutHSTS(p.entries...)
		for _, r := range h.Rules {
			p.entries = append(p.entries, e.ruleEntries(h, r)...)
		}
		p.entries = reachable(p.entries)
	}
	if h.Wildcard() {
		one := regex(wildcardAuthority(h.Name))
		for _, x := range p.entries {
			if x.cond.authority == nil {
				x.cond.authority = one
			}
		}
	}
	p.entries, p.silent = cutSilent(p.entries)
	for _, x := range p.entries {
		e.routes.seal(&x.patch)
	}
	e.cutTail(p)
	p.owner = e.ownerOf(p)
	return p
}

// namesOf are the names of a host that are no patterns.
func namesOf(h *model.Host) []string {
	names := []string{h.Name}
	for _, a := range h.Aliases {
		if a.Name != "" {
			names = append(names, a.Name)
		}
	}
	return names
}

// cutSilent leaves out a final 404 that nothing hangs on: no route at all answers the same.
func cutSilent(xs []*entry) (kept, silent []*entry) {
	end := len(xs)
	for end > 0 {
		x := xs[end-1]
		d := x.http.DirectResponse
		if d == nil || d.Status != 404 || d.Body != nil || !x.patch.empty() || x.http.Headers != nil || x.rule == nil || x.rule.Closed != nil {
			break
		}
		if _, all := x.rule.Match.Path.(model.AnyPath); !all {
			break
		}
		end--
	}
	return xs[:end:end], xs[end:]
}

// ownerOf decides who holds the routes of a host: the team, if all is its own, else the platform.
func (e *emitter) ownerOf(p *hostPlan) string {
	if e.opts.Ownership == emit.Platform || p.host.Name == "*" && len(p.host.Namespaces) != 1 {
		return ""
	}
	if e.heldByPlatform(p) {
		return ""
	}
	owner := ""
	for _, x := range p.entries {
		if x.answer {
			continue
		}
		if x.rule.Owner == "" || e.foreign(x, x.rule.Owner) || (owner != "" && owner != x.rule.Owner) {
			return ""
		}
		owner = x.rule.Owner
	}
	if len(p.host.Namespaces) > 1 {
		return ""
	}
	return p.host.Namespaces[0]
}

// foreign tells whether an entry reaches Services outside a namespace.
func (e *emitter) foreign(x *entry, namespace string) bool {
	for _, d := range x.http.Route {
		if e.destinations.namespaceOf(d.Destination.Host) != namespace {
			return true
		}
	}
	for _, m := range x.http.Mirrors {
		if e.destinations.namespaceOf(m.Destination.Host) != namespace {
			return true
		}
	}
	return false
}

// emitHost writes the VirtualServices of a host.
func (e *emitter) emitHost(p *hostPlan) {
	if len(p.gateways) == 0 {
		return // without a Gateway the routes would hold inside the mesh; what is missing was reported
	}
	e.emitTail(p)
	if len(p.entries) == 0 {
		return
	}
	if p.owner != "" {
		e.teamService(p)
		return
	}
	e.rootService(p)
}

// teamService is one VirtualService of the team that owns the host.
func (e *emitter) teamService(p *hostPlan) {
	vs := &networking.VirtualService{Hosts: p.names, Gateways: p.gateways, ExportTo: []string{e.gatewayNamespace()}}
	for _, x := range p.entries {
		vs.Http = append(vs.Http, e.finish(x, p, false))
	}
	e.claimHosts(p.owner, vs)
	e.add(p.publish(e.virtualService(p.owner, e.serviceName(p, p.owner), p.owner, vs, originsOf(p.entries))))
}

// rootService is a VirtualService of the platform that holds all matches of a host in order; what is to be done is
// delegated to VirtualServices of the namespaces that state it. With --ownership platform nothing is delegated.
func (e *emitter) rootService(p *hostPlan) {
	ns := e.gatewayNamespace()
	vs := &networking.VirtualService{Hosts: p.names, Gateways: p.gateways, ExportTo: []string{"."}}
	d := delegates{e: e, plan: p, byContent: map[string]*delegated{}}
	for i := 0; i < len(p.entries); {
		x := p.entries[i]
		team := e.teamOf(x)
		if team == "" {
			vs.Http = append(vs.Http, e.finish(x, p, true))
			i++
			continue
		}
		n := e.sameDelegate(p, i)
		vs.Http = append(vs.Http, d.delegate(p.entries[i:i+n], team))
		i += n
		// Behind a rule that takes part of a path's requests comes the rule that takes the others.
		if m := &x.rule.Match; i < len(p.entries) && p.entries[i].rule != x.rule && len(m.Headers)+len(m.Methods) == 0 && m.Scheme == "" {
			vs.Http = append(vs.Http, e.tracer.entry(guardEntry(x), x.rule))
		}
	}
	d.end()
	if p.host.Wildcard() || p.host.Name == "*" {
		if last := p.entries[len(p.entries)-1]; len(last.uris) > 0 && p.host.Wildcard() {
			vs.Http = append(vs.Http, &networking.HTTPRoute{Match: []*networking.HTTPMatchRequest{{Uri: regex("/.*")}}, DirectResponse: &networking.HTTPDirectResponse{Status: 404}})
		}
	}
	if len(p.host.Namespaces) > 1 && e.opts.Ownership != emit.Platform {
		e.findings.Report(finding.HostShared, p.host.Origin, p.host.Name, strings.Join(p.host.Namespaces, ", "))
	}
	e.claimHosts(ns, vs)
	e.add(p.publish(e.virtualService(ns, e.serviceName(p, ns), "", vs, originsOf(p.entries))))
}

// teamOf is the namespace that an entry of a shared host is delegated to; "" if the platform keeps it.
func (e *emitter) teamOf(x *entry) string {
	if e.opts.Ownership == emit.Platform || x.answer || x.rule == nil || x.rule.Owner == "" || e.foreign(x, x.rule.Owner) {
		return ""
	}
	return x.rule.Owner
}

// sameDelegate counts the entries from i on that differ only in what a delegate may decide itself: methods, headers and
// ports within one path.
func (e *emitter) sameDelegate(p *hostPlan, i int) int {
	first := p.entries[i]
	name, team := e.routes.name(first, p.host), e.teamOf(first)
	n := 1
	for ; i+n < len(p.entries); n++ {
		x := p.entries[i+n]
		if x.rule != first.rule || e.teamOf(x) != team || !proto.Equal(x.cond.authority, first.cond.authority) || e.routes.name(x, p.host) != name {
			break
		}
	}
	return n
}

// guardEntry answers where a lost delegate would let the request fall to the next entry.
func guardEntry(x *entry) *networking.HTTPRoute {
	g := &entry{uris: x.uris, cond: condition{authority: x.cond.authority}, rule: x.rule}
	return &networking.HTTPRoute{Name: "i2g/guard", Match: g.matches(true), DirectResponse: &networking.HTTPDirectResponse{Status: 503}}
}

// leads notes where an entry leads to, and which Ingress it is of.
func (e *emitter) leads(x *entry) {
	for _, d := range x.http.Route {
		e.destinations.reach(d.Destination)
		if x.rule != nil {
			e.destinations.from(d.Destination, x.rule.Origin)
		}
	}
}

// finish gives an entry its name and matches.
func (e *emitter) finish(x *entry, p *hostPlan, root bool) *networking.HTTPRoute {
	e.leads(x)
	x.http.Name = e.routes.name(x, p.host)
	e.tracer.name(x.http.Name, x.rule)
	x.http.Match = x.matches(root)
	return e.tracer.entry(x.http, x.rule)
}

func (e *emitter) serviceName(p *hostPlan, namespace string) string {
	return e.names.claim("VirtualService", namespace, "i2g-"+dnsName(p.named()), p.named(), maxName)
}

func (e *emitter) virtualService(namespace, name, owner string, vs *networking.VirtualService, origins []model.Origin) *manifest.Object {
	stage := 0
	if len(vs.Hosts) > 0 {
		stage = 1
	}
	o := &manifest.Object{
		APIVersion: "networking.istio.io/v1", Kind: "VirtualService", Namespace: namespace, Name: name, Stage: stage,
		Annotations: originAnnotation(origins), Spec: vs, Owner: owner, Origins: origins,
	}
	e.tracer.service(o, vs)
	return o
}

// named is what the VirtualServices of a plan are named after.
func (p *hostPlan) named() string { return cmp.Or(p.title, p.host.Name) }

// publish gives a host's VirtualService the annotations by which external-dns publishes its names.
func (p *hostPlan) publish(o *manifest.Object) *manifest.Object {
	if len(p.host.DNS) > 0 {
		o.Annotations = maps.Clone(o.Annotations)
		if o.Annotations == nil {
			o.Annotations = map[string]string{}
		}
		maps.Copy(o.Annotations, p.host.DNS)
	}
	return o
}

// originsOf lists where entries come from, each once, in order.
func originsOf(xs []*entry) []model.Origin {
	var out []model.Origin
	for _, x := range xs {
		if x.rule == nil || x.rule.Origin.Object == nil {
			continue
		}
		if !slices.ContainsFunc(out, func(o model.Origin) bool { return o.Object == x.rule.Origin.Object }) {
			out = append(out, model.Origin{Object: x.rule.Origin.Object})
		}
	}
	return out
}

// originAnnotation names the Ingresses of an object; of many, the first ones and how many there are.
func originAnnotation(os []model.Origin) map[string]string {
	if len(os) == 0 {
		return nil
	}
	var refs []string
	for _, o := range os {
		refs = append(refs, o.Object.Namespace+"/"+o.Object.Name)
	}
	slices.Sort(refs)
	refs = slices.Compact(refs)
	const most = 20
	if n := len(refs); n > most {
		refs = append(refs[:most], fmt.Sprintf("and %d more", n-most))
	}
	return map[string]string{annotationOrigin: strings.Join(refs, ", ")}
}
