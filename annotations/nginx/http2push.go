package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// HTTP2Push is dead: nginx dropped server push, and browsers did before.
var HTTP2Push = annotations.Feature{
	Name: "http2-push",
	Keys: []annotations.Key{
		{
			Name: "http2-push-preload", Syntax: "true | false", Default: "false", Scope: "location", Risk: "Low", Check: boolean, Invalid: annotations.DropIngress, Class: finding.Noop,
			Doc: "Pushed what Link headers name; nginx ignores it since 1.25.", Note: "server push is gone from nginx and from browsers",
		},
	},
}
