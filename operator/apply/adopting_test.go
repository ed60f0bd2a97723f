package apply

import "testing"

func TestWhatATakenOverObjectWouldLose(t *testing.T) {
	for name, tt := range map[string]struct{ kind, live, wanted, want string }{
		"a host of a Gateway":         {"Gateway", `{servers: [{hosts: [shop/a.test, blog/B.test]}]}`, `{servers: [{hosts: [edge/a.test]}]}`, "host b.test"},
		"no host":                     {"Gateway", `{servers: [{hosts: [shop/a.test]}]}`, `{servers: [{hosts: ["*/a.test"]}, {hosts: [c.test]}]}`, ""},
		"a host of a VirtualService":  {"VirtualService", `{hosts: [a.test, b.test]}`, `{hosts: [a.test]}`, "host b.test"},
		"a subset":                    {"DestinationRule", `{subsets: [{name: x}, {name: y}]}`, `{subsets: [{name: y}]}`, "subset x"},
		"no subset":                   {"DestinationRule", `{}`, `{subsets: [{name: y}]}`, ""},
		"the patch of a route":        {"EnvoyFilter", `{configPatches: [{applyTo: HTTP_ROUTE, match: {routeConfiguration: {vhost: {route: {name: r}}}}}]}`, `{configPatches: []}`, "HTTP_ROUTE r"},
		"a filter":                    {"EnvoyFilter", `{configPatches: [{applyTo: HTTP_FILTER, patch: {operation: INSERT_BEFORE, value: {name: f}}}]}`, `{configPatches: []}`, "HTTP_FILTER f"},
		"a setting that is otherwise": {"EnvoyFilter", `{configPatches: [{applyTo: ROUTE_CONFIGURATION, patch: {operation: MERGE, value: {x: 1}}}]}`, `{configPatches: []}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			live, wanted := parse(t, "{kind: "+tt.kind+", spec: "+tt.live+"}"), parse(t, "{kind: "+tt.kind+", spec: "+tt.wanted+"}")
			if got := uncovered(live, wanted); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
