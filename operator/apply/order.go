package apply

import (
	"cmp"
	"context"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

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

// leaving are those of the routes to be removed whose hosts nobody takes over. They go before what they name comes to belong to another
// gateway, or goes: the host would answer 503 for a moment.
func (r *run) leaving(ctx context.Context, removals []Live, routes []Change) (out []Live) {
	if !slices.ContainsFunc(removals, func(l Live) bool { return l.Root }) {
		return nil
	}
	taken := map[string]bool{}
	for i := range routes {
		for _, h := range hostsOf(routes[i].bare()) {
			taken[routes[i].Edge()+" "+h] = true
		}
	}
	for _, l := range removals {
		if !l.Root {
			continue
		}
		u := object(l.Ref)
		if err := r.Client.Get(ctx, l.key(), u); err != nil {
			continue // it goes with the others
		}
		if !slices.ContainsFunc(hostsOf(u), func(h string) bool { return taken[l.Edge+" "+h] }) {
			out = append(out, l)
		}
	}
	return out
}

func hostsOf(u *unstructured.Unstructured) []string {
	hosts, _, err := unstructured.NestedStringSlice(u.Object, "spec", "hosts")
	if err != nil {
		return nil
	}
	return hosts
}

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
