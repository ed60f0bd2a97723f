package apply

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
)

func specOf(t *testing.T, u *unstructured.Unstructured) string {
	t.Helper()
	if u == nil {
		return "none"
	}
	data, err := yaml.Marshal(u.Object["spec"])
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func same(t *testing.T, want string, got *unstructured.Unstructured) {
	t.Helper()
	if want != "none" {
		want = specOf(t, parse(t, "{spec: "+want+"}"))
	}
	if diff := cmp.Diff(want, specOf(t, got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWhatOldRoutesNeedStaysForAWhile(t *testing.T) {
	const route = `{applyTo: HTTP_ROUTE, match: {routeConfiguration: {vhost: {route: {name: NAME}}}}, patch: {operation: MERGE, value: VALUE}}`
	patch := func(name, value string) string {
		return strings.NewReplacer("NAME", name, "VALUE", value).Replace(route)
	}
	guard := func(value string) string {
		return `{applyTo: HTTP_FILTER, patch: {operation: INSERT_FIRST, value: {name: i2g.guard, typed_config: {mutations: {request_mutations: [` +
			`{append: {header: {key: other, value: x}}}, {append: {header: {key: x-i2g-chain, value: "` + value + `"}}}]}}}}}`
	}
	for name, tt := range map[string]struct{ kind, live, wanted, want string }{
		"subsets": {
			"DestinationRule", `{host: a, subsets: [{name: old}, {name: both, x: 1}]}`, `{host: a, subsets: [{name: both, x: 2}, {name: new}]}`,
			`{host: a, subsets: [{name: both, x: 2}, {name: new}, {name: old}]}`,
		},
		"patches of route names that are no longer used": {
			"EnvoyFilter", `{configPatches: [` + patch("old", "1") + `,` + patch("both", "1") + `]}`, `{configPatches: [` + patch("both", "2") + `]}`,
			`{configPatches: [` + patch("both", "2") + `,` + patch("old", "1") + `]}`,
		},
		"filters, but no second one of a name": {
			"EnvoyFilter",
			`{configPatches: [{applyTo: HTTP_FILTER, patch: {operation: INSERT_FIRST, value: {name: a, x: 1}}}, {applyTo: HTTP_FILTER, patch: {operation: INSERT_BEFORE, value: {name: b}}}]}`,
			`{configPatches: [{applyTo: HTTP_FILTER, patch: {operation: INSERT_FIRST, value: {name: a, x: 2}}}]}`,
			`{configPatches: [{applyTo: HTTP_FILTER, patch: {operation: INSERT_FIRST, value: {name: a, x: 2}}}, {applyTo: HTTP_FILTER, patch: {operation: INSERT_BEFORE, value: {name: b}}}]}`,
		},
		"what tells of filters tells of the old ones, too": {
			"EnvoyFilter",
			`{configPatches: [` + guard("secret,i2g.ip,i2g.basic,") + `, {applyTo: HTTP_FILTER, patch: {operation: INSERT_BEFORE, value: {name: i2g.ip}}}]}`,
			`{configPatches: [` + guard("secret,i2g.basic,i2g.ext,") + `]}`,
			`{configPatches: [` + guard("secret,i2g.basic,i2g.ext,i2g.ip,i2g.basic,") + `, {applyTo: HTTP_FILTER, patch: {operation: INSERT_BEFORE, value: {name: i2g.ip}}}]}`,
		},
		"but not to routes of another secret": {
			"EnvoyFilter", `{configPatches: [` + guard("old,i2g.ip,") + `]}`, `{configPatches: [` + guard("secret,i2g.basic,") + `]}`, `{configPatches: [` + guard("secret,i2g.basic,") + `]}`,
		},
		"merges into a route table do not add up": {
			"EnvoyFilter", `{configPatches: [{applyTo: ROUTE_CONFIGURATION, patch: {operation: MERGE, value: {x: 1}}}]}`, `{configPatches: []}`, `{configPatches: []}`,
		},
		"routes are what they are": {"VirtualService", `{hosts: [a]}`, `{hosts: [b]}`, `{hosts: [b]}`},
	} {
		t.Run(name, func(t *testing.T) {
			live, wanted := parse(t, "{kind: "+tt.kind+", spec: "+tt.live+"}"), parse(t, "{kind: "+tt.kind+", spec: "+tt.wanted+"}")
			before := specOf(t, wanted)
			same(t, tt.want, grown(live, wanted, whatever))
			if diff := cmp.Diff(before, specOf(t, wanted)); diff != "" {
				t.Errorf("what is wanted was changed:\n%s", diff)
			}
		})
	}
}

func TestNoTwoServersNameOneHost(t *testing.T) {
	gateway := func(hosts string) *unstructured.Unstructured {
		return parse(t, `{kind: Gateway, spec: {servers: [{port: {number: 443}, tls: {mode: SIMPLE}, hosts: `+hosts+`}]}}`)
	}
	spec := func(hosts string) string {
		return `{servers: [{port: {number: 443}, tls: {mode: SIMPLE}, hosts: ` + hosts + `}]}`
	}
	ref := func(name string) Ref { return Ref{Kind: "Gateway", Namespace: "edge", Name: name} }
	a, b, c := ref("a"), ref("b"), ref("c")
	g := newGateways(
		map[Ref]*unstructured.Unstructured{a: gateway(`[s/x.test, s/y.test, s/old.test]`), b: gateway(`[s/z.test]`), c: gateway(`[s/w.test]`)},
		map[Ref]*unstructured.Unstructured{a: gateway(`[s/y.test, s/z.test]`), b: gateway(`[t/X.test, s/w.test]`)},
	)
	same(t, spec(`[s/y.test, s/old.test]`), g.shrunk(a))
	same(t, "none", g.shrunk(b)) // its host moves to a
	same(t, "none", g.shrunk(c))
	same(t, spec(`[s/old.test, s/y.test, s/z.test]`), g.grown(a))
	same(t, spec(`[t/X.test, s/w.test]`), g.grown(b))

	at := func(edge string) *unstructured.Unstructured {
		u := gateway(`[s/x.test]`)
		u.SetLabels(map[string]string{v1alpha1.LabelEdge: edge})
		return u
	}
	shadow := at("shadow")
	g = newGateways(map[Ref]*unstructured.Unstructured{a: shadow}, map[Ref]*unstructured.Unstructured{b: at("live")})
	if g.shrunk(a) != shadow {
		t.Error("a host was taken from a gateway before its routes, because another gateway gets it")
	}

	all := gateway(`[edge/*, s/x.test, s/y.test]`) // whatever no other server names; and routes of x.test are bound to it, too
	g = newGateways(
		map[Ref]*unstructured.Unstructured{a: gateway(`[edge/x.test]`), c: all},
		map[Ref]*unstructured.Unstructured{a: gateway(`[edge/x.test, edge/new.test]`), b: gateway(`[edge/y.test]`), c: gateway(`[edge/*, s/x.test, s/new.test]`)},
	)
	same(t, spec(`[edge/x.test]`), g.shrunk(a))
	same(t, spec(`[edge/*, s/x.test]`), g.shrunk(c))

	plain := parse(t, `{kind: Gateway, spec: {servers: [{port: {number: 80}, hosts: [s/x.test, s/gone.test]}]}}`)
	wanted := parse(t, `{kind: Gateway, spec: {servers: [{port: {number: 80}, hosts: [s/x.test]}]}}`)
	g = newGateways(map[Ref]*unstructured.Unstructured{a: plain}, map[Ref]*unstructured.Unstructured{a: wanted})
	if g.shrunk(a) != plain {
		t.Error("a plain host was taken away before its routes")
	}
	same(t, `{servers: [{port: {number: 80}, hosts: [s/gone.test, s/x.test]}]}`, g.grown(a))
	if g.grown(b) != nil {
		t.Error("there is something where nothing is wanted")
	}
}

func TestRoutesGoFirst(t *testing.T) {
	live := func(kind, name string, root, ours bool) Live {
		return Live{Ref: Ref{Kind: kind, Namespace: "a", Name: name}, Root: root, Ours: ours}
	}
	r := &run{}
	var got []string
	for _, l := range r.removals([]Live{
		live("EnvoyFilter", "f", false, true), live("VirtualService", "delegate", false, true), live("Gateway", "g", false, true), live("VirtualService", "root", true, true),
		live("Gateway", "foreign", false, false), live("Secret", "s", false, true), live("DestinationRule", "d", false, true),
	}) {
		got = append(got, l.Kind+" "+l.Name)
	}
	want := []string{"VirtualService root", "VirtualService delegate", "Gateway g", "DestinationRule d", "EnvoyFilter f", "Secret s"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
