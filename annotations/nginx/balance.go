package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// Balance chooses among the endpoints of a Service and port. The oldest Ingress that uses them decides, canaries included.
// A session cookie beats hashing, and hashing beats the algorithm.
var Balance = annotations.Feature{
	Name: "balance",
	Keys: []annotations.Key{
		{
			Name: "load-balance", Syntax: "round_robin | ewma", Default: "round_robin", Setting: "load-balance", Scope: "upstream", Risk: "Low",
			Check:   oneOf("round_robin", "chash", "chashsubset", "sticky_balanced", "sticky_persistent", "ewma"),
			Invalid: annotations.DropIngress, Class: finding.Approximate,
			Doc:  "How endpoints are chosen: in turn, or by measured latency (ewma).",
			Note: "round_robin stays, ewma becomes least request, which counts requests in flight instead of measuring latency",
		},
		{
			Name: "upstream-hash-by", Syntax: "text with variables", Scope: "upstream", Risk: "High",
			Check: variables, Invalid: annotations.DropIngress, Class: finding.Approximate,
			Doc:  "Requests with the same text go to the same endpoint (consistent hashing).",
			Note: "consistent hash of the same values; the ring differs, so keys move once",
		},
		{
			Name: "upstream-hash-by-subset", Syntax: "true | false", Default: "false", Scope: "upstream", Risk: "Low",
			Check: boolean, Invalid: annotations.DropIngress, Class: finding.Approximate,
			Doc:  "The hash chooses a group of endpoints, and each request one of the group.",
			Note: "several consistent hashes of equal weight; a key uses at most that many endpoints, sometimes fewer",
		},
		{
			Name: "upstream-hash-by-subset-size", Syntax: "integer", Default: "3", Scope: "upstream", Risk: "Low",
			Check: integer, Invalid: annotations.DropIngress, Class: finding.Approximate,
			Doc:  "Size of the groups of upstream-hash-by-subset; 0 means 3.",
			Note: "number of consistent hashes; a key uses at most that many endpoints, sometimes fewer",
		},
	},
	Settings: []annotations.Setting{
		{Name: "upstream-hash-by", Syntax: "text with variables", Class: finding.Noop,
			Doc: "Part of the controller's configuration that nothing reads.", Note: unread},
		{Name: "upstream-hash-by-subset", Syntax: "true | false", Class: finding.Noop,
			Doc: "Part of the controller's configuration that nothing reads.", Note: unread},
		{Name: "upstream-hash-by-subset-size", Syntax: "integer", Class: finding.Noop,
			Doc: "Part of the controller's configuration that nothing reads.", Note: unread},
	},
}

// unread is the note of settings that the controller accepts and never looks at.
const unread = "the controller accepts it but never uses it; only the annotation works"
