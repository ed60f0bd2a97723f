package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// Snippets are raw nginx configuration. By default the admission webhook refuses them and the controller drops Ingresses
// that have them; where they were allowed they may hold anything, protections included.
var Snippets = annotations.Feature{
	Name: "snippets",
	Keys: []annotations.Key{
		{
			Name: "configuration-snippet", Syntax: "nginx configuration", Scope: "location", Risk: "Critical", Protect: true, Class: finding.Refused,
			Doc:  "Directives inside each location of the Ingress.",
			Note: "what it did is lost unless every directive of it is understood; a snippet that may protect the route closes it",
		},
		{
			Name: "server-snippet", Syntax: "nginx configuration", Scope: "host", Risk: "Critical", Protect: true, Class: finding.Refused,
			Doc:  "Directives inside the host's server; that of the oldest Ingress of the host counts.",
			Note: "what it did is lost unless every directive of it is understood; a snippet that may protect the host closes it",
		},
		{
			Name: "stream-snippet", Syntax: "nginx configuration", Scope: "ingress", Risk: "Critical", Class: finding.Refused,
			Doc:  "Directives for TCP and UDP, collected from all Ingresses.",
			Note: "what it did is lost; express it with a TCP server of a Gateway and a VirtualService",
		},
	},
	Settings: []annotations.Setting{
		{Name: "main-snippet", Syntax: "nginx configuration", Class: finding.Refused, Doc: "Directives at the top of nginx's configuration.", Note: snippetLost},
		{Name: "http-snippet", Syntax: "nginx configuration", Class: finding.Refused, Doc: "Directives for all of HTTP.", Note: snippetLost},
		{Name: "server-snippet", Syntax: "nginx configuration", Class: finding.Refused, Doc: "Directives for every host, beside those of annotations.", Note: snippetLost},
		{Name: "location-snippet", Syntax: "nginx configuration", Class: finding.Refused, Doc: "Directives for every location, beside those of annotations.", Note: snippetLost},
		{Name: "stream-snippet", Syntax: "nginx configuration", Class: finding.Refused, Doc: "Directives for TCP and UDP, beside those of annotations.", Note: snippetLost},
	},
}

const snippetLost = "raw nginx configuration is never copied; check whether it protects anything, and express it with Istio resources of the platform"
