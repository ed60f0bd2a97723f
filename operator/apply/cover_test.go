package apply

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// tls makes Gateways of the servers that they have.
func tls(t *testing.T, servers map[string]string) map[Ref]*unstructured.Unstructured {
	t.Helper()
	out := map[Ref]*unstructured.Unstructured{}
	for name, s := range servers {
		mode, hosts, _ := strings.Cut(s, " ")
		out[Ref{"networking.istio.io/v1", "Gateway", "edge", name}] = parse(t, `{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {namespace: edge, name: `+name+
			`, labels: {of: m}}, spec: {selector: {istio: edge}, servers: [{port: {number: 443, name: https, protocol: HTTPS}, tls: {mode: `+mode+`, credentialName: `+name+`}, hosts: `+hosts+`}]}}`)
	}
	return out
}

// table is a patch that gives the server of a name the table of routes.
func table(t *testing.T, sni string) any {
	t.Helper()
	return parse(t, `{applyTo: NETWORK_FILTER, match: {listener: {filterChain: {sni: `+sni+`}}}, patch: {operation: MERGE, value: {rds: routes}}}`).Object
}

// covering tells in short what covers a Gateway.
func covering(gateway string, objects []*unstructured.Unstructured) (out []string) {
	_, server := coversOf(Ref{"networking.istio.io/v1", "Gateway", "edge", gateway})
	short := func(host string) string {
		return strings.ReplaceAll(host, server.Name+"."+parkedHost, "cover of "+gateway)
	}
	for _, u := range objects {
		for _, p := range patchesOf(u) {
			sni := short(text(p, "match", "listener", "filterChain", "sni"))
			names := "the table"
			if text(p, "applyTo") == "FILTER_CHAIN" {
				m, _ := p.(map[string]any)
				hosts, _, _ := unstructured.NestedStringSlice(m, "patch", "value", "filter_chain_match", "server_names")
				names = strings.Join(hosts, " ")
			}
			out = append(out, sni+" has "+names)
		}
		for _, s := range list(u.Object, "spec", "servers") {
			m, _ := s.(map[string]any)
			hosts, _, _ := unstructured.NestedStringSlice(m, "hosts")
			out = append(out, fmt.Sprintf("certificate %s for %s", text(s, "tls", "credentialName"), short(strings.Join(hosts, " "))))
		}
	}
	return out
}

func TestHostsAreCoveredWhileTheyMove(t *testing.T) {
	for name, tt := range map[string]struct {
		live, wanted map[string]string
		tables       []string // names by which servers have the table
		want         []string
	}{
		"a host that gets another certificate": {
			live:   map[string]string{"a": "SIMPLE [edge/x.test, edge/y.test]", "b": "SIMPLE [edge/z.test]"},
			wanted: map[string]string{"a": "SIMPLE [edge/x.test]", "b": "SIMPLE [edge/Y.test, edge/z.test]"},
			tables: []string{"x.test", "z.test"},
			want:   []string{"cover of b has y.test", "cover of b has the table", "certificate b for edge/cover of b"},
		},
		"one for which there is no server yet, and whose old one goes": {
			live:   map[string]string{"a": "SIMPLE [edge/x.test]"},
			wanted: map[string]string{"b": "SIMPLE [edge/x.test]"},
			tables: []string{"x.test"},
			want:   []string{"cover of b has x.test", "cover of b has the table", "certificate b for edge/cover of b"},
		},
		"all that two servers have": {
			live:   map[string]string{"a": "SIMPLE [edge/x.test]", "b": "SIMPLE [edge/y.test, edge/z.test]"},
			wanted: map[string]string{"a": "SIMPLE [edge/y.test, edge/z.test]", "b": "SIMPLE [edge/x.test]"},
			tables: []string{"x.test", "y.test"},
			want: []string{
				"cover of a has y.test z.test", "cover of a has the table", "certificate a for edge/cover of a",
				"cover of b has x.test", "cover of b has the table", "certificate b for edge/cover of b",
			},
		},
		"hosts that stay, and have the table by the name of one that leaves": {
			live:   map[string]string{"a": "SIMPLE [edge/x.test, edge/y.test]", "b": "SIMPLE [edge/z.test]"},
			wanted: map[string]string{"a": "SIMPLE [edge/y.test, edge/z.test]", "b": "SIMPLE [edge/x.test]"},
			tables: []string{"x.test", "z.test"},
			want: []string{
				"cover of a has z.test", "cover of a has the table", "y.test has the table", "certificate a for edge/cover of a",
				"cover of b has x.test", "cover of b has the table", "certificate b for edge/cover of b",
			},
		},
		"not where servers have tables of their own": {
			live:   map[string]string{"a": "SIMPLE [shop/x.test, shop/y.test]", "b": "SIMPLE [shop/z.test]"},
			wanted: map[string]string{"a": "SIMPLE [shop/x.test]", "b": "SIMPLE [shop/y.test, shop/z.test]"},
		},
		"nor what asks for client certificates, or did": {
			live:   map[string]string{"a": "SIMPLE [edge/x.test]", "b": "MUTUAL [shop/y.test]"},
			wanted: map[string]string{"a": "SIMPLE [edge/y.test]", "b": "MUTUAL [shop/x.test]"},
			tables: []string{"x.test", "y.test"},
		},
		"nor a host that comes, or goes": {
			live:   map[string]string{"a": "SIMPLE [edge/x.test, edge/old.test]", "b": "SIMPLE [edge/z.test]"},
			wanted: map[string]string{"a": "SIMPLE [edge/x.test]", "b": "SIMPLE [edge/new.test, edge/z.test]"},
			tables: []string{"x.test", "z.test"},
		},
		"nor one that gets the default certificate": {
			live:   map[string]string{"a": "SIMPLE [edge/x.test, edge/y.test]", "b": `SIMPLE ["edge/*", shop/x.test, shop/y.test]`},
			wanted: map[string]string{"a": "SIMPLE [edge/x.test]", "b": `SIMPLE ["edge/*", shop/x.test, shop/y.test, shop/new.test]`},
			tables: []string{"x.test"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGateways(tls(t, tt.live), tls(t, tt.wanted))
			var tables []any
			for _, sni := range tt.tables {
				tables = append(tables, table(t, sni))
			}
			moves, got := g.recertified(), []string(nil)
			for _, ref := range sortedRefs(g.wanted) {
				got = append(got, covering(ref.Name, g.cover(ref, moves[ref], tables))...)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for ref, u := range tls(t, tt.wanted) {
				if diff := cmp.Diff(u.Object, g.wanted[ref].Object); diff != "" {
					t.Errorf("what is wanted of %s was changed:\n%s", ref, diff)
				}
			}
		})
	}
}

func TestACoverIsTwoObjects(t *testing.T) {
	g := newGateways(tls(t, map[string]string{"a": "SIMPLE [edge/x.test]"}), tls(t, map[string]string{"b": "SIMPLE [edge/x.test]"}))
	to := Ref{"networking.istio.io/v1", "Gateway", "edge", "b"}
	var got []any
	for _, u := range g.cover(to, []string{"x.test"}, []any{table(t, "x.test")}) {
		got = append(got, u.Object)
	}
	const name = "moving-i2g-f1dee7b435324cd1"
	want := []any{
		parse(t, `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {namespace: edge, name: `+name+`, labels: {of: m}}
spec:
  workloadSelector: {labels: {istio: edge}}
  configPatches:
  - applyTo: FILTER_CHAIN
    match: {context: GATEWAY, listener: {filterChain: {sni: `+name+`.moving.i2g.internal}}}
    patch: {operation: MERGE, value: {filter_chain_match: {server_names: [x.test], transport_protocol: tls}}}
  - applyTo: NETWORK_FILTER
    match: {listener: {filterChain: {sni: `+name+`.moving.i2g.internal}}}
    patch: {operation: MERGE, value: {rds: routes}}
`).Object,
		parse(t, `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {namespace: edge, name: `+name+`, labels: {of: m}}
spec:
  selector: {istio: edge}
  servers:
  - port: {number: 443, name: https, protocol: HTTPS}
    tls: {mode: SIMPLE, credentialName: b}
    hosts: [edge/`+name+`.moving.i2g.internal]
`).Object,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	p := Plan{Changes: []Change{{Desired: &Desired{Ref: to}}, {Desired: &Desired{Ref: Ref{Kind: "VirtualService"}}}}}
	refs := []Ref{{"networking.istio.io/v1alpha3", "EnvoyFilter", "edge", name}, {"networking.istio.io/v1", "Gateway", "edge", name}}
	if diff := cmp.Diff(refs, p.Covers()); diff != "" {
		t.Errorf("what a plan may make (-want +got):\n%s", diff)
	}
}
