package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// RateLimit limits requests per client address. All locations of an Ingress share one count, per gateway pod; limits are
// checked before address lists and authentication.
var RateLimit = annotations.Feature{
	Name: "rate-limit",
	Keys: []annotations.Key{
		{
			Name: "limit-rps", Syntax: "integer, 0 = off", Default: "0", Scope: "ingress", Risk: "Low", Check: integer, Invalid: annotations.DropIngress, Class: finding.Exact,
			Doc:  "Requests per second and client; more are answered with 503, or limit-req-status-code.",
			Note: "a local rate limit with the same rate and burst, counted per gateway pod as before, and per listener",
		},
		{
			Name: "limit-rpm", Syntax: "integer, 0 = off", Default: "0", Scope: "ingress", Risk: "Low", Check: integer, Invalid: annotations.DropIngress, Class: finding.Exact,
			Doc:  "Requests per minute and client, in addition to limit-rps.",
			Note: "a local rate limit with the same rate and burst, counted per gateway pod as before, and per listener",
		},
		{
			Name: "limit-burst-multiplier", Syntax: "integer", Default: "5", Scope: "ingress", Risk: "Low", Check: integer, Class: finding.Exact,
			Doc: "Burst of limit-rps and limit-rpm, in multiples of the limit.", Note: "size of the rate limit's bucket",
		},
		{
			Name: "limit-allowlist", Syntax: "list of networks and addresses", Alias: "limit-whitelist", Scope: "ingress", Risk: "Low",
			Check: cidrs, Invalid: annotations.DropIngress, Class: finding.Exact,
			Doc: "Clients that are not limited.", Note: "these clients are not counted",
		},
		{
			Name: "limit-whitelist", Syntax: "list of networks and addresses", Scope: "ingress", Risk: "Low", Check: cidrs, Invalid: annotations.DropIngress, Class: finding.Exact,
			Doc: "Older name of limit-allowlist, read only while that is absent or empty.", Note: "these clients are not counted",
		},
	},
	Settings: []annotations.Setting{
		{Name: "limit-req-status-code", Syntax: "status from 400 to 599", Default: "503", Check: between(400, 599), Class: finding.Exact,
			Doc: "Status of requests above limit-rps or limit-rpm.", Note: "status of the rate limit; one that Envoy does not know becomes 503"},
		{Name: "limit-conn-zone-variable", Syntax: "nginx variable", Default: "$binary_remote_addr", Class: finding.Exact,
			Doc:  "What requests and connections are counted by.",
			Note: "requests are counted by the same header or address; other variables cannot be translated"},
	},
}
