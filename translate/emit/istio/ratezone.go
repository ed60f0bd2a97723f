package istio

import (
	"strconv"

	"github.com/ingress2gw/ingress2gw/translate/model"
)

// limitZones says who shares a count. A zone that lies within one VirtualService is told by that, whose name istiod writes into
// the metadata of its routes, and by a number within it: so routes of all hosts with equal limits share a name and a patch.
// Any other zone is named in the metadata of its routes, which then have a patch of their own.
type limitZones struct {
	host    map[string]*model.Host // of a zone; nil if it is wide
	current *model.Host            // whose zones are being numbered
	number  map[string]string
}

// firstZone is the number of the only zone that nearly every host has.
const firstZone = "1"

// find notes where the zones lie.
func (z *limitZones) find(hosts []*model.Host) {
	z.host = map[string]*model.Host{}
	for _, h := range hosts {
		whole := inOneService(h)
		for _, rules := range [][]*model.Rule{h.Before, h.Rules} {
			for _, r := range rules {
				if r.RateLimit != nil {
					z.note(r, h, whole)
				}
			}
		}
	}
}

func (z *limitZones) note(r *model.Rule, h *model.Host, whole bool) {
	zone := r.RateLimit.Zone
	old, known := z.host[zone]
	switch {
	case !whole || r.Owner == "" || known && old != h: // without an owner, it may stand in the platform's part
		z.host[zone] = nil
	case !known:
		z.host[zone] = h
	}
}

// inOneService tells whether one VirtualService holds all routes of a host: no further names have copies of them elsewhere.
func inOneService(h *model.Host) bool {
	if h.Name == "*" || short(h.Name) || h.Wildcard() && len(h.Aliases) > 0 {
		return false
	}
	for _, a := range h.Aliases {
		if a.Regex != "" || short(a.Name) || isWildcard(a.Name) {
			return false
		}
	}
	return true
}

// of gives the zone of a rule as its routes name it, and whether it reaches beyond its host.
func (z *limitZones) of(h *model.Host, r *model.Rule) (zone string, wide bool) {
	zone = r.RateLimit.Zone
	if z.host[zone] == nil {
		return zone, true
	}
	if z.current != h {
		z.current, z.number = h, map[string]string{}
	}
	n, ok := z.number[zone]
	if !ok {
		n = strconv.Itoa(len(z.number) + 1)
		z.number[zone] = n
	}
	return n, false
}
