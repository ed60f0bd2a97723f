package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// RelativeRedirects leaves scheme and host out of the redirects that nginx makes itself: those to a path with its final
// slash, and permanent-redirect to a path.
var RelativeRedirects = annotations.Feature{
	Name: "relative-redirects",
	Keys: []annotations.Key{
		{
			Name: "relative-redirects", Syntax: "true | false", Default: "false", Setting: "relative-redirects", Scope: "location", Risk: "Low",
			Check: boolean, Invalid: annotations.DropIngress, Class: finding.Exact,
			Doc:  "Makes Location relative. false does not take back what the ConfigMap says.",
			Note: "Location is relative, with the query",
		},
	},
}
