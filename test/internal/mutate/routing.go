package mutate

import (
	"slices"
	"strings"

	"github.com/ingress2gw/ingress2gw/test/internal/casefile"
)

// prefixWithoutSegment makes a path prefix one of letters: the slash at the end of a prefix goes, and the end of a
// pattern that wants a slash or nothing.
func prefixWithoutSegment(t *Target) bool {
	done := false
	t.everywhere(func(m map[string]any) {
		if p, ok := m["prefix"].(string); ok && len(p) > 1 && strings.HasSuffix(p, "/") {
			m["prefix"] = strings.TrimSuffix(p, "/")
			done = true
		}
		re, _ := m["regex"].(string)
		for _, end := range []string{"(/.*)?", "(?:/.*)?", "(/.*)?$", "(?:/.*)?$", "(/|$).*", "(?:/|$).*"} {
			if head, ok := strings.CutSuffix(re, end); ok {
				m["regex"] = head + ".*"
				done = true
			}
		}
	})
	return done
}

func orderReversed(t *Target) bool {
	done := false
	for _, vs := range t.kinds("VirtualService") {
		if l, _ := vs.At("spec", "http").([]any); len(l) > 1 {
			slices.Reverse(l)
			done = true
		}
	}
	return done
}

func exactBecomesPrefix(t *Target) bool {
	done := false
	for _, e := range t.entries() {
		for _, m := range e.Items("match") {
			uri, _ := m["uri"].(map[string]any)
			if p, ok := uri["exact"]; ok {
				m["uri"] = map[string]any{"prefix": p}
				done = true
			}
		}
	}
	return done
}

func patternCaseSensitive(t *Target) bool {
	done := false
	for _, e := range t.entries() {
		if replace(map[string]any(e), "regex", func(old any) (any, bool) {
			s, _ := old.(string)
			cut := strings.ReplaceAll(s, "(?i)", "")
			return cut, cut != s
		}) {
			done = true
		}
	}
	return done
}

// hostLost renames the hosts of all VirtualServices that have some.
func hostLost(t *Target) bool {
	done := false
	for _, vs := range t.kinds("VirtualService") {
		spec, _ := vs.At("spec").(map[string]any)
		if l, _ := spec["hosts"].([]any); len(l) > 0 {
			spec["hosts"] = []any{"lost.invalid"}
			done = true
		}
	}
	return done
}

// backendsSwapped sends to each Service what belongs to the next one.
func backendsSwapped(t *Target) bool {
	var hosts []any
	for _, e := range t.entries() {
		for _, r := range e.Items("route") {
			if h := r.At("destination", "host"); h != nil && !slices.Contains(hosts, h) {
				hosts = append(hosts, h)
			}
		}
	}
	for _, e := range t.entries() {
		for _, r := range e.Items("route") {
			d, _ := r.At("destination").(map[string]any)
			if i := slices.Index(hosts, d["host"]); i >= 0 {
				d["host"] = hosts[(i+1)%len(hosts)]
			}
		}
	}
	return len(hosts) > 1
}

// delegateLost removes the first VirtualService that another one delegates to.
func delegateLost(t *Target) bool {
	for _, e := range t.entries() {
		name, namespace := e.Text("delegate", "name"), e.Text("delegate", "namespace")
		before := len(t.Docs)
		t.Docs = slices.DeleteFunc(t.Docs, func(d casefile.Object) bool {
			return name != "" && d.Kind() == "VirtualService" && d.Name() == name && (namespace == "" || d.Namespace() == namespace)
		})
		if len(t.Docs) < before {
			return true
		}
	}
	return false
}

func rewriteLost(t *Target) bool {
	done := false
	for _, e := range t.entries() {
		done = drop(map[string]any(e), "rewrite") || done
	}
	for _, ef := range t.kinds("EnvoyFilter") {
		done = drop(ef["spec"], "regexrewrite", "prefixrewrite", "pathrewrite", "pathrewritepolicy") || done
	}
	return done
}

// weighted calls f for every list of destinations with weights, a VirtualService's or Envoy's own; what f returns takes
// its place.
func (t *Target) weighted(f func(l []map[string]any) []map[string]any) bool {
	done := false
	t.everywhere(func(m map[string]any) {
		for k, v := range m {
			l, _ := v.([]any)
			var destinations []map[string]any
			weighted := false
			for _, e := range l {
				if d, ok := e.(map[string]any); ok {
					destinations = append(destinations, d)
					weighted = weighted || d["weight"] != nil
				}
			}
			if !weighted || len(destinations) < 2 {
				continue
			}
			var out []any
			for _, d := range f(destinations) {
				out = append(out, d)
			}
			m[k] = out
			done = true
		}
	})
	return done
}

// weightLost gives everything to the first destination.
func weightLost(t *Target) bool {
	return t.weighted(func(l []map[string]any) []map[string]any {
		total := 0.0
		for _, d := range l {
			w, _ := d["weight"].(float64)
			total += w
		}
		l[0]["weight"] = total
		return l[:1]
	})
}

// weightsReversed gives the first destination the weight of the last, and so on.
func weightsReversed(t *Target) bool {
	return t.weighted(func(l []map[string]any) []map[string]any {
		for i, j := 0, len(l)-1; i < j; i, j = i+1, j-1 {
			l[i]["weight"], l[j]["weight"] = orZero(l[j]["weight"]), orZero(l[i]["weight"])
		}
		return l
	})
}

func orZero(v any) any {
	if v == nil {
		return 0
	}
	return v
}

func canaryHeaderLost(t *Target) bool {
	done := false
	for _, e := range t.entries() {
		for _, m := range e.Items("match") {
			if _, ok := m["headers"]; ok {
				delete(m, "headers")
				done = true
			}
		}
	}
	return done
}

func normalisationLost(t *Target) bool {
	if len(t.Mesh) == 0 {
		return false
	}
	t.Mesh = nil
	return true
}

// lastEntryLost removes the last entry of every VirtualService.
func lastEntryLost(t *Target) bool {
	done := false
	for _, vs := range t.kinds("VirtualService") {
		spec, _ := vs.At("spec").(map[string]any)
		if l, _ := spec["http"].([]any); len(l) > 0 {
			spec["http"] = l[:len(l)-1]
			done = true
		}
	}
	t.dropEmpty()
	return done
}

func isRedirect(e casefile.Object) bool {
	if e["redirect"] != nil {
		return true
	}
	status, _ := e.At("directResponse", "status").(float64)
	return status >= 300 && status < 400
}

// redirect301 turns every 308 into a 301.
func redirect301(t *Target) bool {
	done := false
	change := func(old any) (any, bool) {
		switch old {
		case float64(308):
			return 301, true
		case "PERMANENT_REDIRECT":
			return "MOVED_PERMANENTLY", true
		}
		return nil, false
	}
	for _, d := range t.Docs {
		for _, name := range []string{"redirectcode", "status", "responsecode"} {
			done = replace(d["spec"], name, change) || done
		}
	}
	return done
}

func redirectDropped(t *Target) bool {
	done := t.keepEntries(func(e casefile.Object) bool { return !isRedirect(e) })
	for _, g := range t.kinds("Gateway") {
		done = drop(g["spec"], "httpsredirect") || done
	}
	return done
}

func mirrorLost(t *Target) bool {
	done := false
	for _, d := range t.Docs {
		done = drop(d["spec"], "mirror", "mirrors", "requestmirrorpolicies") || done
	}
	return done
}
