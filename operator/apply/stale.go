package apply

import (
	"context"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// A route that could not be changed or removed is still served, and goes on needing what it needed. So nothing of that may go.

// stale are routes that are still served, with what they name.
type stale map[Ref]*unstructured.Unstructured // nil if it could not be read: it may name anything

// removeRoutes removes routes that are no longer wanted, and gives those that are still served though they should not be.
func (r *run) removeRoutes(ctx context.Context, routes []Change, removals []Live) stale {
	left := stale{}
	for i := range routes {
		if c := &routes[i]; c.Live != nil && c.Live.Hash != c.Hash && r.bad(c.Ref) {
			left[c.Ref] = nil
		}
	}
	for i := range removals {
		l := &removals[i]
		if !l.Root && len(left) > 0 {
			left[l.Ref] = nil // what is still served may delegate to it, so that it is served as well
			continue
		}
		if ctx.Err() == nil {
			r.remove(ctx, l)
		}
		if r.bad(l.Ref) {
			left[l.Ref] = nil
		}
	}
	for ref := range left {
		u := object(ref)
		if err := r.Client.Get(ctx, ref.key(), u); err == nil {
			left[ref] = u
		}
	}
	return left
}

// finish gives the last step of those changes that no stale route keeps from it.
func (r *run) finish(left stale, later []Change, hosts gateways) []Change {
	if len(left) == 0 {
		return later
	}
	names, known := left.names()
	return slices.DeleteFunc(later, func(c Change) bool {
		if r.bad(c.Ref) {
			return false
		}
		kept := !known
		switch wanted := c.tree(); {
		case !known:
		case c.Kind == "Gateway":
			kept = slices.ContainsFunc(hosts.lost(c.Ref), func(h string) bool { return names["host "+h] })
		default:
			kept = grown(r.live[c.Ref], wanted, func(x string) bool {
				kind, _, _ := strings.Cut(x, " ")
				return names[x] || kind != "HTTP_ROUTE" && kind != "subset"
			}) != wanted
		}
		if kept {
			r.set(c.Ref, Result{State: Waits, Message: c.String() + " keeps what " + left.String() + " may need, which is still there"})
		}
		return kept
	})
}

// names are what stale routes need: "HTTP_ROUTE <name>", "subset <name>" and "host <name>".
func (s stale) names() (names map[string]bool, known bool) {
	names = map[string]bool{}
	for _, u := range s {
		if u == nil {
			return nil, false
		}
		hosts, _, _ := unstructured.NestedStringSlice(u.Object, "spec", "hosts")
		for _, h := range hosts {
			names["host "+h] = true
		}
		for _, x := range list(u.Object, "spec", "http") {
			name := text(x, "name")
			names["HTTP_ROUTE "+name] = true
			for _, m := range list(x, "match") {
				names["HTTP_ROUTE "+name+"."+text(m, "name")] = true
			}
			for _, d := range list(x, "route") {
				names["subset "+text(d, "destination", "subset")] = true
			}
		}
	}
	return names, true
}

// String names one of them.
func (s stale) String() string { return sortedRefs(s)[0].String() }

func list(x any, path ...string) []any {
	m, _ := x.(map[string]any)
	v, _, _ := unstructured.NestedFieldNoCopy(m, path...)
	l, _ := v.([]any)
	return l
}

// withoutDelegates holds back routes whose delegates could not be made.
func (r *run) withoutDelegates(routes []Change) {
	if !r.trouble() {
		return
	}
	for i := range routes {
		if c := &routes[i]; !r.bad(c.Ref) {
			if d, ok := r.delegate(c, c.bare()); ok {
				r.set(c.Ref, Result{State: Waits, Message: c.String() + " is held back, because " + d.String() + " is not there"})
			}
		}
	}
}

// trouble tells whether something went wrong with any object.
func (r *run) trouble() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, res := range r.results {
		if res.State != Applied && res.State != Removed {
			return true
		}
	}
	return false
}

// delegate gives what a route delegates to, if that is not there.
func (r *run) delegate(c *Change, u *unstructured.Unstructured) (Ref, bool) {
	for _, x := range list(u.Object, "spec", "http") {
		if name := text(x, "delegate", "name"); name != "" {
			ref := Ref{c.APIVersion, c.Kind, text(x, "delegate", "namespace"), name}
			if d := r.changes[ref]; d != nil && d.Live == nil && r.bad(ref) {
				return ref, true
			}
		}
	}
	return Ref{}, false
}
