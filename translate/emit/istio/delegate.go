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

// delegate moves the action of an entry into a VirtualService of the team and returns the root's entry.
func (d *delegates) delegate(x *entry, http *networking.HTTPRoute, team string) *networking.HTTPRoute {
	leaf := http.DeepCopy()
	leaf.Name, leaf.Match = "", nil
	content, err := proto.MarshalOptions{Deterministic: true}.Marshal(leaf)
	if err != nil {
		panic("istio: " + err.Error())
	}
	key := team + "\x00" + string(content)
	name, ok := d.byContent[key]
	if !ok {
		_, ingress := splitRef(x.rule.Ingress)
		base := fmt.Sprintf("i2g-%s-%s-%d", dnsName(d.plan.host.Name), ingress, x.rule.Index)
		name = d.e.names.claim("VirtualService", team, base, d.plan.host.Name+"\x00"+key, maxName)
		d.byContent[key] = name
		vs := &networking.VirtualService{Http: []*networking.HTTPRoute{leaf}, ExportTo: []string{d.e.gatewayNamespace()}}
		o := d.e.virtualService(team, name, team, vs, []model.Origin{{Object: x.rule.Origin.Object}})
		d.e.add(o)
	}
	return &networking.HTTPRoute{Name: http.Name, Match: http.Match, Delegate: &networking.Delegate{Name: name, Namespace: team}}
}

func splitRef(ref string) (namespace, name string) {
	for i := range len(ref) {
		if ref[i] == '/' {
			return ref[:i], ref[i+1:]
		}
	}
	return "", ref
}
