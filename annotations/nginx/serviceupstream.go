package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// ServiceUpstream sends requests to the Service's own address instead of its endpoints.
var ServiceUpstream = annotations.Feature{
	Name: "service-upstream",
	Keys: []annotations.Key{
		{
			Name: "service-upstream", Syntax: "true | false", Default: "false", Setting: "service-upstream", Scope: "upstream", Risk: "Low",
			Check: boolean, Class: finding.Noop,
			Doc:  "Leaves balancing to the Service's cluster IP. The oldest Ingress that uses the Service and port decides.",
			Note: "the gateway balances over the endpoints itself; session affinity of the Service does not apply",
		},
	},
	Edge: serviceUpstream,
}

// serviceUpstream has nothing to fill; it says where the annotation had no effect on the controller either.
func serviceUpstream(e *annotations.Edge) {
	for _, u := range e.Upstreams() {
		overruleOthers(u, []string{"service-upstream"})
	}
}
