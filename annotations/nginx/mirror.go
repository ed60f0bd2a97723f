package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// Mirror copies requests to another server and ignores its answers.
var Mirror = annotations.Feature{
	Name: "mirror",
	Keys: []annotations.Key{
		{
			Name: "mirror-target", Syntax: "URL, usually ending in $request_uri", Scope: "location", Risk: "High", Check: serverName, Invalid: annotations.Ignore, Class: finding.Exact,
			Doc:  "URL that gets a copy of each request. A slow answer holds the client's connection.",
			Note: "requests are mirrored to the Service; a slow mirror no longer delays clients",
		},
		{
			Name: "mirror-host", Syntax: "host", Scope: "location", Risk: "High", Needs: "mirror-target", Check: serverName, Class: finding.Exact,
			Doc: "Host of the copy; without it the host of mirror-target.", Note: "Host of the copy",
		},
		{
			Name: "mirror-request-body", Syntax: "on | off", Default: "on", Scope: "location", Risk: "Low", Needs: "mirror-target", Check: onOffSpaced, Class: finding.Approximate,
			Doc: "off leaves the body out of the copy.", Note: "the copy always has the body",
		},
	},
}
