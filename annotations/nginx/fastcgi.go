package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// FastCGI passes requests to a FastCGI process (backend-protocol FCGI).
var FastCGI = annotations.Feature{
	Name: "fastcgi",
	Keys: []annotations.Key{
		{
			Name: "fastcgi-index", Syntax: "file name", Scope: "location", Risk: "Medium",
			Check: unspaced(chars(fileSet)), Invalid: annotations.DropIngress, Class: finding.Manual,
			Doc:  "File that FastCGI serves for a path that ends in a slash.",
			Note: "Envoy does not speak FastCGI; put an HTTP server in front of the FastCGI process and set it there",
		},
		{
			Name: "fastcgi-params-configmap", Syntax: "name or namespace/name", Scope: "location", Risk: "Medium",
			Check: basicChars, Invalid: annotations.DropIngress, Class: finding.Manual,
			Doc:  "ConfigMap with FastCGI parameters, always of the Ingress's own namespace. If it is missing the Ingress answers 503.",
			Note: "Envoy does not speak FastCGI; put an HTTP server in front of the FastCGI process and set the parameters there",
		},
	},
}
