package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// CustomHeaders sets response headers from a ConfigMap. A missing ConfigMap, a bad header or one that the platform does not
// allow closes the Ingress with 503.
var CustomHeaders = annotations.Feature{
	Name: "custom-headers",
	Keys: []annotations.Key{
		{
			Name: "custom-headers", Syntax: "namespace/name", Scope: "location", Risk: "Medium", Check: basicChars, Invalid: annotations.Ignore, Class: finding.Exact,
			Doc:  "ConfigMap with headers that are set on every response, instead of the backend's. Its names must be listed in global-allowed-response-headers.",
			Note: "response headers of the route, with the values that the ConfigMap has when it is converted",
		},
	},
	Settings: []annotations.Setting{
		{Name: "global-allowed-response-headers", Syntax: "list of header names", Class: finding.Exact,
			Doc: "Header names that custom-headers may set, in this spelling.", Note: "checked when converting"},
	},
}
