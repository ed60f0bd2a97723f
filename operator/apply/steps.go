package apply

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// What a route needs must be there before the route, and stay until the proxy has forgotten it. So changes go in steps:
//
//  1. what routes need grows: new filters, patches, subsets and hosts, beside the old ones;
//  2. on the way, TLS hosts that move leave one Gateway and join the other, one right after the other;
//  3. hosts leave that go altogether; then routes change, delegates before those that name them; then routes that are no longer
//     wanted go, in reverse;
//  4. what nothing needs any more goes.

// grown gives the object that serves the old routes and the new ones; wanted itself if that does. keep tells what of the old is
// needed.
func grown(live, wanted *unstructured.Unstructured, keep func(id string) bool) *unstructured.Unstructured {
	needed := func(id string) string {
		if id == "" || !keep(id) {
			return ""
		}
		return id
	}
	switch wanted.GetKind() {
	case "DestinationRule":
		return withOld(live, wanted, []string{"spec", "subsets"}, func(x any) string { return needed("subset " + text(x, "name")) })
	case "EnvoyFilter":
		return announcing(live, withOld(live, wanted, []string{"spec", "configPatches"}, func(x any) string { return needed(patched(x)) }))
	}
	return wanted
}

func whatever(string) bool { return true }

// announcing lets the filter that tells routes which others are there tell of those, too, that only old routes need. Without that they
// would be closed.
func announcing(live, grown *unstructured.Unstructured) *unstructured.Unstructured {
	was, now := announced(live), announced(grown)
	old, _ := was["value"].(string)
	value, _ := now["value"].(string)
	token, names, ok := strings.Cut(old, ",")
	if !ok || old == value || !strings.HasPrefix(value, token+",") {
		return grown
	}
	u := grown.DeepCopy()
	announced(u)["value"] = value + names // a route looks for its own in order, among others
	return u
}

// announced is the header in which an EnvoyFilter names its filters; nil if there is none.
func announced(u *unstructured.Unstructured) map[string]any {
	list, _, _ := unstructured.NestedFieldNoCopy(u.Object, "spec", "configPatches")
	patches, _ := list.([]any)
	for _, p := range patches {
		if text(p, "patch", "value", "name") != guardFilter {
			continue
		}
		m, _ := p.(map[string]any)
		mutations, _, _ := unstructured.NestedFieldNoCopy(m, "patch", "value", "typed_config", "mutations", "request_mutations")
		all, _ := mutations.([]any)
		for _, x := range all {
			m, _ := x.(map[string]any)
			header, _, _ := unstructured.NestedFieldNoCopy(m, "append", "header")
			if h, ok := header.(map[string]any); ok && h["key"] == guardHeader {
				return h
			}
		}
	}
	return nil
}

// What announces filters; the translation makes it so.
const (
	guardFilter = "i2g.guard"
	guardHeader = "x-i2g-chain"
)

// withOld appends the elements of a list that wanted has no more. id is what tells elements apart; "" drops one.
func withOld(live, wanted *unstructured.Unstructured, path []string, id func(any) string) *unstructured.Unstructured {
	old, _, _ := unstructured.NestedFieldNoCopy(live.Object, path...)
	now, _, _ := unstructured.NestedFieldNoCopy(wanted.Object, path...)
	oldList, _ := old.([]any)
	nowList, _ := now.([]any)
	seen := map[string]bool{}
	for _, x := range nowList {
		seen[id(x)] = true
	}
	out := slices.Clone(nowList)
	for _, x := range oldList {
		if k := id(x); k != "" && !seen[k] {
			out = append(out, x)
		}
	}
	if len(out) == len(nowList) {
		return wanted
	}
	u := wanted.DeepCopy()
	if err := unstructured.SetNestedSlice(u.Object, out, path...); err != nil {
		return wanted
	}
	return u
}

// patched is what a patch of an EnvoyFilter is about, if it can stay beside others for a while: a route by its name, or a filter.
// A second patch of the same thing would be merged with the first.
func patched(x any) string {
	switch kind := text(x, "applyTo"); kind {
	case "HTTP_ROUTE":
		return kind + " " + text(x, "match", "routeConfiguration", "vhost", "route", "name")
	case "HTTP_FILTER":
		if strings.HasPrefix(text(x, "patch", "operation"), "INSERT") {
			return kind + " " + text(x, "patch", "value", "name")
		}
	case "NETWORK_FILTER": // a merge of what it is already, as long as it is for the same SNI
		if sni := text(x, "match", "listener", "filterChain", "sni"); sni != "" {
			return kind + " " + sni
		}
	case "CLUSTER":
		if text(x, "patch", "operation") == "ADD" {
			return kind + " " + text(x, "patch", "value", "name")
		}
	}
	return ""
}

func text(x any, path ...string) string {
	m, ok := x.(map[string]any)
	if !ok {
		return ""
	}
	s, _, _ := unstructured.NestedString(m, path...)
	return s
}
