package apply

import (
	"cmp"
	"slices"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// kinds is the order in which kinds are applied; they are removed in reverse.
var kinds = [...]string{
	"Secret", "Certificate", "ReferenceGrant", "ServiceEntry", "EnvoyFilter", "AuthorizationPolicy", "Telemetry", "DestinationRule", "Gateway", "VirtualService",
}

func compareRank(a, b Ref) int {
	return cmp.Or(cmp.Compare(slices.Index(kinds[:], a.Kind), slices.Index(kinds[:], b.Kind)), Compare(a, b))
}

// Sort puts a plan into the order in which it is carried out.
func (p *Plan) Sort() {
	slices.SortFunc(p.Changes, func(a, b Change) int { return manifest.Compare(a.object, b.object) })
	byRef := func(a, b Live) int { return Compare(a.Ref, b.Ref) }
	slices.SortFunc(p.Remove, byRef)
	slices.SortFunc(p.Release, byRef)
}

// Protects tells whether an object's absence may leave a route open.
func Protects(r Ref) bool { return r.Kind == "EnvoyFilter" || r.Kind == "AuthorizationPolicy" }

// removals puts objects into the order in which they are removed: routes first, and those that name others before these. Objects
// that are not the operator's are left out.
func (r *run) removals(ls []Live) []Live {
	out := slices.DeleteFunc(slices.Clone(ls), func(l Live) bool { return !l.Ours })
	slices.SortFunc(out, func(a, b Live) int {
		if a.Kind == b.Kind && a.Root != b.Root {
			if a.Root {
				return -1
			}
			return 1
		}
		return -compareRank(a.Ref, b.Ref)
	})
	return out
}
