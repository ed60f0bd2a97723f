package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// LocationRewrite replaces the beginning of Location and Refresh headers of backends. Both keys are needed; off and default
// switch the pair off.
var LocationRewrite = annotations.Feature{
	Name: "location-rewrite",
	Keys: []annotations.Key{
		{
			Name: "proxy-redirect-from", Syntax: "off | default | text", Default: "off", Setting: "proxy-redirect-from", Scope: "location", Risk: "Medium", Check: urlChars, Class: finding.Exact,
			Doc: "Beginning of Location and Refresh that is replaced.", Note: "replaced in responses of the route",
		},
		{
			Name: "proxy-redirect-to", Syntax: "off | text", Default: "off", Setting: "proxy-redirect-to", Scope: "location", Risk: "Medium", Check: urlChars, Class: finding.Exact,
			Doc: "What it is replaced by.", Note: "put into responses of the route",
		},
	},
}
