package mutate_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ingress2gw/ingress2gw/test/internal/casefile"
	"github.com/ingress2gw/ingress2gw/test/internal/mutate"
)

func TestEveryMutationHasItsCases(t *testing.T) {
	cases, err := casefile.LoadAll([]string{"../../conformance/cases", "../../conformance/composition"})
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, c := range cases {
		known[c.Name] = true
	}
	seen := map[string]bool{}
	for _, m := range mutate.All() {
		if seen[m.Name] || m.Why == "" || len(m.Cases) == 0 || m.Break == nil {
			t.Errorf("%s: repeated or incomplete", m.Name)
		}
		seen[m.Name] = true
		for _, c := range m.Cases {
			if !known[c] {
				t.Errorf("%s: no case %s", m.Name, c)
			}
		}
	}
	if len(seen) < 20 {
		t.Errorf("%d mutations, want at least 20", len(seen))
	}
}

func TestMutations(t *testing.T) {
	tests := map[string]struct{ mutation, before, after string }{
		"a prefix loses its slash": {
			"prefix-without-segment",
			"kind: VirtualService\nspec: {http: [{match: [{uri: {prefix: /toys/}}]}]}",
			"kind: VirtualService\nspec: {http: [{match: [{uri: {prefix: /toys}}]}]}",
		},
		"the root prefix stays": {
			"prefix-without-segment",
			"kind: VirtualService\nspec: {http: [{match: [{uri: {prefix: /}}]}]}",
			"",
		},
		"header operations of either kind go": {
			"hsts-lost",
			"kind: VirtualService\nspec: {http: [{headers: {response: {set: {Strict-Transport-Security: x, a: b}}}}]}\n---\n" +
				"kind: EnvoyFilter\nspec: {configPatches: [{mutations: [{append: {header: {key: strict-transport-security, value: x}}}, {remove: b}]}]}",
			"kind: VirtualService\nspec: {http: [{headers: {response: {set: {a: b}}}}]}\n---\n" +
				"kind: EnvoyFilter\nspec: {configPatches: [{mutations: [{remove: b}]}]}",
		},
		"what a filter is told for a route goes with the filter": {
			"basic-auth-open",
			"kind: EnvoyFilter\nspec: {configPatches: [{applyTo: HTTP_FILTER, patch: {value: {typed_config: {'@type': a.v3.BasicAuth}}}}, " +
				"{applyTo: HTTP_ROUTE, patch: {value: {typed_per_filter_config: {x: {'@type': a.v3.BasicAuthPerRoute}, y: {'@type': a.v3.Other}}}}}]}",
			"kind: EnvoyFilter\nspec: {configPatches: [{applyTo: HTTP_ROUTE, patch: {value: {typed_per_filter_config: {y: {'@type': a.v3.Other}}}}}]}",
		},
		"the first network of each list goes, whatever the spelling": {
			"address-list-entry-lost",
			"kind: EnvoyFilter\nspec: {ids: [{remote_ip: {address_prefix: 10.0.0.0}}, {remoteIp: {addressPrefix: 10.1.0.0}}]}\n---\nkind: AuthorizationPolicy\nspec: {notRemoteIpBlocks: [10.0.0.0/8, 11.0.0.0/8]}",
			"kind: EnvoyFilter\nspec: {ids: [{remoteIp: {addressPrefix: 10.1.0.0}}]}\n---\nkind: AuthorizationPolicy\nspec: {notRemoteIpBlocks: [11.0.0.0/8]}",
		},
		"a VirtualService without entries goes whole": {
			"redirect-dropped",
			"kind: VirtualService\nspec: {http: [{redirect: {redirectCode: 308}}, {directResponse: {status: 301}}]}\n---\nkind: Gateway\nspec: {}",
			"kind: Gateway\nspec: {}",
		},
		"an answer that is no redirect stays": {
			"redirect-dropped",
			"kind: VirtualService\nspec: {http: [{directResponse: {status: 404}}]}",
			"",
		},
		"backends are swapped among each other": {
			"backends-swapped",
			"kind: VirtualService\nspec: {http: [{route: [{destination: {host: a}}]}, {route: [{destination: {host: b}}]}]}",
			"kind: VirtualService\nspec: {http: [{route: [{destination: {host: b}}]}, {route: [{destination: {host: a}}]}]}",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m, ok := mutate.Find(tt.mutation)
			if !ok {
				t.Fatalf("no mutation %s", tt.mutation)
			}
			got, _, changed := m.Apply(documents(t, tt.before), nil)
			if changed != (tt.after != "") {
				t.Fatalf("changed: %v", changed)
			}
			if !changed {
				return
			}
			if diff := cmp.Diff(documents(t, tt.after), got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func documents(t *testing.T, text string) []casefile.Object {
	t.Helper()
	docs, err := casefile.Documents(text)
	if err != nil {
		t.Fatal(err)
	}
	return docs
}
