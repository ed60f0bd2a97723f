package sync

import (
	"strconv"
	"strings"

	"github.com/ingress2gw/ingress2gw/operator/inputs"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// foreign are the Gateways of others. A TLS host that a Gateway of the edge had before is not theirs: taking it away would do more
// harm than the conflict, which is reported.
func (r *round) foreign(edgeName string) (gateways []*snapshot.Gateway, version string) {
	type claim struct {
		port uint32
		host string
	}
	held := map[claim]*inputs.Gateway{}
	for _, g := range r.in.gateways {
		if g.Migration != r.m.name || g.Edge != edgeName {
			continue
		}
		for _, s := range g.Servers {
			if inputs.TLS(s) {
				for _, h := range s.Hosts {
					held[claim{s.Port, inputs.Bare(h)}] = g
				}
			}
		}
	}
	var b strings.Builder
	for _, g := range r.in.gateways {
		if g.Migration == r.m.name && g.Edge == edgeName {
			continue
		}
		b.WriteString(g.Key.String() + " " + g.Version)
		gateways = append(gateways, g.Without(func(port uint32, host string) bool {
			ours := held[claim{port, host}]
			if ours == nil || !g.Created.After(ours.Created) {
				return false
			}
			b.WriteString(" " + strconv.Itoa(int(port)) + "/" + host)
			return true
		}))
		b.WriteByte('\n')
	}
	return gateways, b.String()
}
