package diff

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	sigsyaml "sigs.k8s.io/yaml"
)

// read gives a tree of YAML, the numbers of which are floats as JSON readers have them.
func read(t *testing.T, text string) map[string]any {
	t.Helper()
	if text == "" {
		return nil
	}
	var m map[string]any
	require.NoError(t, sigsyaml.Unmarshal([]byte(text), &m))
	return m
}

func TestFields(t *testing.T) {
	for name, c := range map[string]struct {
		live, wanted string
		want         []string
	}{
		"equal trees do not differ, whoever read the numbers": {"spec: {a: 1, b: [x]}", "spec: {b: [x], a: 1}", nil},
		"a value":                {"spec: {a: 1}", "spec: {a: 2}", []string{"spec.a 1 -> 2"}},
		"a key that comes":       {"spec: {a: 1}", "spec: {a: 1, b: {c: x}}", []string{`spec.b + {"c":"x"}`}},
		"a key that goes":        {"spec: {a: 1, b: true}", "spec: {a: 1}", []string{"spec.b - true"}},
		"keys that are no words": {"a: {x.y/z: 1}", `a: {x.y/z: 2}`, []string{`a["x.y/z"] 1 -> 2`}},
		"another kind of value":  {"spec: {a: {b: 1}}", "spec: {a: [1]}", []string{`spec.a {"b":1} -> [1]`}},
		"plain lists are one value": {
			"hosts: [a, b]", "hosts: [b]", []string{`hosts ["a","b"] -> ["b"]`},
		},
		"an item in the middle of a list is found, not all that follow it": {
			"l: [{a: 1}, {a: 2}, {a: 3}]", "l: [{a: 1}, {a: 9}, {a: 2}, {a: 3}]", []string{`l[1] + {"a":9}`},
		},
		"an item that goes has the index it had": {
			"l: [{a: 1}, {a: 2}, {a: 3}]", "l: [{a: 1}, {a: 3}]", []string{`l[1] - {"a":2}`},
		},
		"an item that changed is compared": {
			"l: [{a: 1, b: 1}, {a: 2, b: 2}]", "l: [{a: 1, b: 7}, {a: 2, b: 2}]", []string{"l[0].b 1 -> 7"},
		},
		"two changes far from each other": {
			"l: [{a: 1}, {a: 2}, {a: 3}, {a: 4}]", "l: [{a: 5}, {a: 2}, {a: 3}, {a: 6}]", []string{"l[0].a 1 -> 5", "l[3].a 4 -> 6"},
		},
		"named items are found by name": {
			"http: [{name: a, x: 1}, {name: b, x: 2}]", "http: [{name: c}, {name: b, x: 3}]",
			[]string{`http[name=c] + {"name":"c"}`, "http[name=b].x 2 -> 3", `http[name=a] - {"name":"a","x":1}`},
		},
		"the order of named items is a difference of its own": {
			"http: [{name: a}, {name: b}]", "http: [{name: b}, {name: a}]", []string{`http ["a","b"] -> ["b","a"]`},
		},
		"names that come twice name nothing": {
			"http: [{name: a, x: 1}, {name: a, x: 2}]", "http: [{name: a, x: 1}, {name: a, x: 3}]", []string{"http[1].x 2 -> 3"},
		},
		"patches of routes are found by the route": {
			"p: [{match: {routeConfiguration: {vhost: {route: {name: r1}}}}, v: 1}, {match: {routeConfiguration: {vhost: {route: {name: r2}}}}, v: 1}]",
			"p: [{match: {routeConfiguration: {vhost: {route: {name: r2}}}}, v: 2}]",
			[]string{"p[name=r2].v 1 -> 2", `p[name=r1] - {"match":{"routeConfiguration":{"vhost":{"route":{"name":"r1"}}}},"v":1}`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, f := range Fields(tidy(read(t, c.live)), tidy(read(t, c.wanted))) {
				switch {
				case !f.LiveThere:
					got = append(got, f.Path.String()+" + "+oneLine(f.Wanted))
				case !f.WantedHere:
					got = append(got, f.Path.String()+" - "+oneLine(f.Live))
				default:
					got = append(got, f.Path.String()+" "+oneLine(f.Live)+" -> "+oneLine(f.Wanted))
				}
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestLongListsAreComparedWithoutLookingForMatches(t *testing.T) {
	list := func(first int) []any {
		out := make([]any, 3000)
		for i := range out {
			out[i] = map[string]any{"n": int64(first + i)}
		}
		return out
	}
	if got := len(Fields(map[string]any{"l": list(0)}, map[string]any{"l": list(1)})); got != 3000 {
		t.Errorf("%d differences, not one for each item", got)
	}
}

const live = `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: web
  namespace: shop
  uid: u
  resourceVersion: "7"
  generation: 3
  creationTimestamp: "2026-01-01T00:00:00Z"
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: "{}"
  labels: {}
  managedFields:
  - manager: ingress2gw
    operation: Apply
    fieldsV1: {"f:spec": {"f:host": {}, "f:trafficPolicy": {"f:loadBalancer": {"f:simple": {}}}, "f:subsets": {}}}
  - manager: mesh
    operation: Update
    fieldsV1: {"f:spec": {"f:trafficPolicy": {".": {}, "f:tls": {"f:mode": {}}}, "f:host": {}}}
  - manager: istiod
    subresource: status
    operation: Update
    fieldsV1: {"f:status": {"f:x": {}}}
spec:
  host: web
  subsets: [{name: a, labels: {v: a}}]
  trafficPolicy: {loadBalancer: {simple: RANDOM}, tls: {mode: SIMPLE}}
status: {x: 1}
`

func TestWhatNobodyWroteIsNoDifference(t *testing.T) {
	wanted := read(t, live)
	wanted["metadata"] = map[string]any{"name": "web", "namespace": "shop", "creationTimestamp": nil}
	delete(wanted, "status")
	c := compare(Pair{Live: read(t, live), Wanted: wanted})
	if c.Action != Unchanged {
		t.Errorf("%s: %v", c.Action, c.Fields)
	}
}

func TestManagersOfFields(t *testing.T) {
	wanted := read(t, strings.NewReplacer("RANDOM", "ROUND_ROBIN", "host: web", "host: web2", "v: a", "v: b").Replace(live))
	c := compare(Pair{Live: read(t, live), Wanted: wanted, Stated: map[string]any{"spec": map[string]any{"host": "web2"}}})
	got := map[string][]string{}
	for _, f := range c.Fields {
		got[f.Path.String()] = f.Managers
	}
	want := map[string][]string{
		"spec.host":                              {"ingress2gw", "mesh"},
		"spec.subsets[name=a].labels.v":          {"ingress2gw"},
		"spec.trafficPolicy.loadBalancer.simple": {"ingress2gw"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"keeps spec.trafficPolicy.tls.mode, managed by mesh and not stated by the translation"}, c.Notices); d != "" {
		t.Error(d)
	}
}

func TestTheManagerOfOursThatIsThereIsUsed(t *testing.T) {
	for manager, want := range map[string]string{"kubectl": "ingress2gw", "ingress2gw": "ingress2gw", "ingress2gw-team": "ingress2gw-team", "ingress2gwx": "ingress2gw"} {
		tree := read(t, "metadata: {managedFields: [{manager: "+manager+", fieldsV1: {}}]}")
		if got := Manager(tree); got != want {
			t.Errorf("%s: %s, not %s", manager, got, want)
		}
	}
}

func TestSecretsAreMasked(t *testing.T) {
	secret := func(text string) map[string]any {
		tree := read(t, text)
		tree["apiVersion"], tree["kind"] = "v1", "Secret"
		return tree
	}
	for name, c := range map[string]struct{ live, wanted, wantLive, wantWanted string }{
		"values that are the same look the same": {"data: {a: U0VDUkVU}", "data: {a: U0VDUkVU}", "data: {a: '***'}", "data: {a: '***'}"},
		"values that differ say so":              {"data: {a: U0VDUkVU}", "data: {a: U0VDUkVUMg==}", "data: {a: '*** (before)'}", "data: {a: '*** (after)'}"},
		"keys that come and go":                  {"data: {a: U0VDUkVU}", "data: {b: U0VDUkVU}", "data: {a: '***'}", "data: {b: '***'}"},
		"plain values, too":                      {"stringData: {a: SECRET}", "stringData: {a: SECRET2}", "stringData: {a: '*** (before)'}", "stringData: {a: '*** (after)'}"},
		"what is no mapping":                     {"data: SECRET", "data: [SECRET]", "data: '***'", "data: '***'"},
		"what kubectl remembers": {
			`metadata: {annotations: {kubectl.kubernetes.io/last-applied-configuration: '{"data":{"a":"SECRET"}}', b: c}}`, "metadata: {annotations: {b: c}}",
			"metadata: {annotations: {b: c}}", "metadata: {annotations: {b: c}}",
		},
	} {
		t.Run(name, func(t *testing.T) {
			ch := compare(Pair{ID: ID{"v1", "Secret", "a", "b"}, Live: secret(c.live), Wanted: secret(c.wanted)})
			if d := cmp.Diff(secret(c.wantLive), ch.Live); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff(secret(c.wantWanted), ch.Wanted); d != "" {
				t.Error(d)
			}
			var out bytes.Buffer
			d := &Diff{Changes: []Change{ch}}
			require.NoError(t, WriteUnified(&out, d, Style{}))
			require.NoError(t, WriteTable(&out, d))
			require.NoError(t, WriteJSON(&out, d))
			if strings.Contains(out.String(), "SECRET") || strings.Contains(out.String(), "U0VDUkVU") {
				t.Errorf("shows the secret:\n%s", out.String())
			}
		})
	}
}

func TestWhatIsPrunedSaysWhereItCameFrom(t *testing.T) {
	tree := read(t, "metadata: {annotations: {ingress2gw.io/origin: 'shop/web, shop/api'}, labels: {ingress2gw.io/migration: all}}")
	c := compare(Pair{ID: ID{"v1", "A", "", "b"}, Live: tree})
	want := []string{"was made from shop/web, shop/api", "the operator keeps it for Migration all"}
	if d := cmp.Diff(want, c.Notices); d != "" || c.Action != Pruned {
		t.Error(c.Action, d)
	}
}

func TestNamesOfFiles(t *testing.T) {
	for want, id := range map[string]ID{
		"networking.istio.io.v1.VirtualService.shop.web": {"networking.istio.io/v1", "VirtualService", "shop", "web"},
		"v1.Secret.shop.tls":                             {"v1", "Secret", "shop", "tls"},
		"v1.Namespace..shop":                             {"v1", "Namespace", "", "shop"},
		"v1.X.a.%2f..%2fetc%1b":                          {"v1", "X", "a", "/../etc\x1b"},
	} {
		if got := id.FileName(); got != want {
			t.Errorf("%s, not %s", got, want)
		}
	}
}

// hostile is an object whose every text wants to be obeyed by a terminal.
func hostile() *Diff {
	const evil = "\x1b]0;owned\x07\u202e\r\n+evil: true"
	return Compare([]Pair{{
		ID: ID{"v1", "Kind" + evil, "ns" + evil, "n" + evil}, Owner: evil,
		Live:      map[string]any{"spec": map[string]any{evil: evil, "l": []any{map[string]any{"name": evil, "x": "1"}}}},
		Wanted:    map[string]any{"spec": map[string]any{evil: evil + "2", "l": []any{map[string]any{"name": evil, "x": "2"}}}},
		Conflicts: []Conflict{{evil, evil}}, Notices: []string{evil},
	}, {ID: ID{"v1", "A", "", "b" + evil}, Reason: evil}})
}

func TestTerminalsObeyNothing(t *testing.T) {
	for name, write := range map[string]func(*bytes.Buffer) error{
		"unified": func(b *bytes.Buffer) error { return WriteUnified(b, hostile(), Style{}) },
		"table":   func(b *bytes.Buffer) error { return WriteTable(b, hostile()) },
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			require.NoError(t, write(&b))
			if strings.ContainsAny(b.String(), "\x1b\x07\r\u202e") || strings.Contains(b.String(), "\n+evil") {
				t.Errorf("%q", b.String())
			}
			if !strings.Contains(b.String(), `\x1b]0;owned`) {
				t.Errorf("does not show it: %q", b.String())
			}
		})
	}
}

func TestColorsAreForTerminals(t *testing.T) {
	d := Compare([]Pair{{ID: ID{"v1", "A", "", "b"}, Live: map[string]any{"a": "x"}, Wanted: map[string]any{"a": "z"}, Notices: []string{"note"}}})
	var plain, colored bytes.Buffer
	require.NoError(t, WriteUnified(&plain, d, Style{}))
	require.NoError(t, WriteUnified(&colored, d, Style{Color: true}))
	want := strings.Join([]string{
		bold + "# configured A b (platform)" + reset, cyan + "#   note" + reset, bold + "--- live/v1.A..b" + reset, bold + "+++ wanted/v1.A..b" + reset,
		cyan + "@@ -1 +1 @@" + reset, red + "-a: x" + reset, green + "+a: z" + reset, "",
	}, "\n")
	if d := cmp.Diff(want, colored.String()); d != "" {
		t.Error(d)
	}
	if strings.Contains(plain.String(), "\x1b") {
		t.Errorf("%q", plain.String())
	}
}

// patch(1) goes by these numbers.
func TestLinesOfHunksAreCounted(t *testing.T) {
	lines := func(changed ...int) string {
		var b strings.Builder
		for i := range 40 {
			if slices.Contains(changed, i) {
				b.WriteString("new\nnewer\n")
				continue
			}
			b.WriteString("line " + string(rune('a'+i%26)) + "\n")
		}
		return b.String()
	}
	text, err := unified("x", lines(), lines(3, 7, 25, 38))
	require.NoError(t, err)
	var got []string
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "@@") {
			got = append(got, strings.TrimSpace(line))
		}
	}
	if d := cmp.Diff([]string{"@@ -1,11 +1,13 @@", "@@ -23,7 +25,8 @@", "@@ -36,5 +39,6 @@"}, got); d != "" {
		t.Error(d)
	}
}
