package nginx

import (
	"strings"

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
	Route: fastCGI,
}

// fastCGI says where the keys have no effect, and where the controller answers 503 because of them.
func fastCGI(r *annotations.Route) {
	if r.Has("fastcgi-params-configmap") && missingParams(r) {
		return
	}
	if strings.EqualFold(r.Text("backend-protocol"), "FCGI") {
		return
	}
	for _, key := range [...]string{"fastcgi-index", "fastcgi-params-configmap"} {
		r.Overruled(key, "backend-protocol is not FCGI")
	}
}

// missingParams closes the location when the ConfigMap cannot be found, whatever the protocol is. Its namespace is always
// that of the Ingress; another one makes the controller look at no parameters at all.
func missingParams(r *annotations.Route) bool {
	const key = "fastcgi-params-configmap"
	ns, name, both := strings.Cut(r.Text(key), "/")
	if !both {
		ns, name = r.Namespace, ns
	}
	if strings.Contains(name, "/") {
		r.Answers503(key, annotations.Quote(r.Text(key))+" is not of the form namespace/name")
		return true
	}
	if ns != r.Namespace && !r.Edge.SettingBool("allow-cross-namespace-resources") {
		return false
	}
	if _, found := r.Edge.Lookup.ConfigMap(r.Namespace, name); found {
		return false
	}
	r.Answers503(key, "ConfigMap "+r.Namespace+"/"+name+" is not in the input")
	return true
}
