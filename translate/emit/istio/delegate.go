package istio

import (
	"fmt"

	"google.golang.org/protobuf/proto"
	networking "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/translate/model"
)

// delegates writes the VirtualServices that say what to do with the requests a root VirtualService matched. They have no
// hosts, no names and no path matches, so that a team can change what happens to its requests and nothing else.
type delegates struct {
	e         *emitter
	plan      *hostPlan
	byContent map[string]string // namespace and content → name
}

// delegate moves what entries of one path do into a VirtualService of the team and returns the root's entry, which matches
// the path.
func (d *delegates) delegate(xs []*entry, team string) *networking.HTTPRoute {
	first := xs[0]
	root := first.clone()
	root.cond = condition{authority: first.cond.authority}
	http := &networking.HTTPRoute{Name: d.e.routes.name(first, d.plan.host), Match: root.matches(true)}
	d.e.tracer.name(http.Name, first.rule)
	vs := &networking.VirtualService{ExportTo: []string{d.e.gatewayNamespace()}}
	for _, x := range xs {
		for _, to := range x.http.Route {
			d.e.destinations.reach(to.Destination)
		}
		leaf := copyHTTP(x.http)
		c := x.cond
		c.authority = nil
		if m := c.match(nil); !isEmptyMatch(m) {
			leaf.Match = []*networking.HTTPMatchRequest{m}
		}
		vs.Http = append(vs.Http, d.e.tracer.entry(leaf, x.rule))
	}
	content, err := proto.MarshalOptions{Deterministic: true}.Marshal(vs)
	if err != nil {
		panic("istio: " + err.Error())
	}
	key := team + "\x00" + string(content)
	name, ok := d.byContent[key]
	if !ok {
		_, ingress := splitRef(first.rule.Ingress)
		base := fmt.Sprintf("i2g-%s-%s-%d", dnsName(d.plan.named()), ingress, first.rule.Index)
		name = d.e.names.claim("VirtualService", team, base, d.plan.named()+"\x00"+key, maxName)
		d.byContent[key] = name
		d.e.add(d.e.virtualService(team, name, team, vs, []model.Origin{{Object: first.rule.Origin.Object}}))
	}
	http.Delegate = &networking.Delegate{Name: name, Namespace: team}
	return d.e.tracer.entry(http, first.rule)
}

func splitRef(ref string) (namespace, name string) {
	for i := range len(ref) {
		if ref[i] == '/' {
			return ref[:i], ref[i+1:]
		}
	}
	return "", ref
}
