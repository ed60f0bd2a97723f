package istio

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	networking "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/translate/model"
)

// delegates writes the VirtualServices that say what to do with the requests a root VirtualService matched. They have no
// hosts, no names and no path matches, so that a team can change what happens to its requests and nothing else.
type delegates struct {
	e         *emitter
	plan      *hostPlan
	byContent map[string]*delegated // by namespace and content
	all       []*delegated
}

// delegated is one of them, with the root's entries that name it.
type delegated struct {
	team, content string
	base          string
	service       *networking.VirtualService
	origins       []model.Origin
	named         []*networking.Delegate
	// requests are those that come to it.
	requests []string
}

// delegate moves what entries of one path do into a VirtualService of the team and returns the root's entry, which matches
// the path.
func (d *delegates) delegate(xs []*entry, team string) *networking.HTTPRoute {
	first := xs[0]
	root := first.clone()
	root.cond = condition{authority: first.cond.authority}
	http := &networking.HTTPRoute{Name: d.e.routes.name(first, d.plan.host), Match: root.matches(true), Delegate: &networking.Delegate{Namespace: team}}
	d.e.tracer.name(http.Name, first.rule)
	vs := &networking.VirtualService{ExportTo: []string{d.e.gatewayNamespace()}}
	var requests string
	for _, m := range (&entry{uris: root.uris, cond: root.cond}).matches(true) {
		requests += hashOf(m)
	}
	for _, x := range xs {
		d.e.leads(x)
		leaf := copyHTTP(x.http)
		c := x.cond
		c.authority = nil
		if m := c.match(nil); !isEmptyMatch(m) {
			leaf.Match = []*networking.HTTPMatchRequest{m}
			requests += "\x00" + hashOf(m)
		}
		if leaf.Fault != nil {
			requests += "\x00guarded"
		}
		vs.Http = append(vs.Http, d.e.tracer.entry(leaf, x.rule))
	}
	content, err := proto.MarshalOptions{Deterministic: true}.Marshal(vs)
	if err != nil {
		panic("istio: " + err.Error())
	}
	key := team + "\x00" + string(content)
	to := d.byContent[key]
	if to == nil {
		_, ingress := splitRef(first.rule.Ingress)
		to = &delegated{
			team: team, content: key, base: fmt.Sprintf("i2g-%s-%s", dnsName(d.plan.named()), ingress), service: vs,
		}
		d.byContent[key] = to
		d.all = append(d.all, to)
	}
	if of := first.rule.Origin.Object; !slices.ContainsFunc(to.origins, func(o model.Origin) bool { return o.Object == of }) {
		to.origins = append(to.origins, model.Origin{Object: of})
	}
	to.named, to.requests = append(to.named, http.Delegate), append(to.requests, requests)
	return d.e.tracer.entry(http, first.rule)
}

// end names the delegates after the requests that come to them: one that is changed does not get others while its root still is what
// it was.
func (d *delegates) end() {
	for _, to := range d.all {
		slices.Sort(to.requests)
		base := to.base + "-" + shortHash(strings.Join(to.requests, "\x01"))
		name := d.e.names.claim("VirtualService", to.team, base, d.plan.named()+"\x00"+to.content, maxName)
		for _, n := range to.named {
			n.Name = name
		}
		d.e.add(d.e.virtualService(to.team, name, to.team, to.service, to.origins))
	}
}

func splitRef(ref string) (namespace, name string) {
	for i := range len(ref) {
		if ref[i] == '/' {
			return ref[:i], ref[i+1:]
		}
	}
	return "", ref
}
