package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// ErrorPages lets another Service answer instead of listed statuses: that of default-backend, else the controller's default
// backend. A list of the annotation replaces the ConfigMap's, and disable-proxy-intercept-errors of each place speaks only for
// the list of the same place.
var ErrorPages = annotations.Feature{
	Name: "error-pages",
	Keys: []annotations.Key{
		{
			Name: "custom-http-errors", Syntax: "list of statuses from 400 to 599", Setting: "custom-http-errors", Scope: "location", Risk: "Low",
			Check: statusList, Invalid: annotations.DropIngress, Class: finding.Approximate,
			Doc:  "Statuses that are answered by the error service, which sees the original one in X-Code.",
			Note: "the gateway asks the error service in the same way; request bodies that are chunked or above 64 KiB are not repeated to it",
		},
		{
			Name: "disable-proxy-intercept-errors", Syntax: "true | false", Default: "false", Scope: "location", Risk: "Low", Needs: "custom-http-errors",
			Check: boolean, Class: finding.Approximate,
			Doc:  "true replaces only errors that nginx makes itself; the backend's own pass.",
			Note: "only errors that the gateway makes itself are replaced; request bodies that are chunked or above 64 KiB are not repeated to the error service",
		},
	},
	Settings: []annotations.Setting{
		{Name: "disable-proxy-intercept-errors", Syntax: "true | false", Default: "false", Check: boolean, Class: finding.Approximate,
			Doc:  "disable-proxy-intercept-errors for the ConfigMap's own list of statuses.",
			Note: "only errors that the gateway makes itself are replaced"},
	},
}
