package nginx

import (
	"maps"
	"slices"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// CustomHeaders sets response headers from a ConfigMap. A missing ConfigMap, a bad header or one that the platform does not
// allow closes the Ingress with 503.
var CustomHeaders = annotations.Feature{
	Name: "custom-headers",
	Keys: []annotations.Key{
		{
			Name: "custom-headers", Syntax: "namespace/name", Scope: "location", Risk: "Medium", Check: basicChars, Invalid: annotations.Ignore, Class: finding.Exact,
			Doc:  "ConfigMap with headers that are set on every response, instead of the backend's. Its names must be listed in global-allowed-response-headers.",
			Note: "response headers of the route, with the values that the ConfigMap has when it is converted",
		},
	},
	Settings: []annotations.Setting{
		{Name: "global-allowed-response-headers", Syntax: "list of header names", Class: finding.Exact,
			Doc: "Header names that custom-headers may set, in this spelling.", Note: "checked when converting"},
	},
	Route: customHeaders,
}

// customHeaders fills Rule.ResponseHeaders from the ConfigMap. Dollar signs are literal.
func customHeaders(r *annotations.Route) {
	ref := r.Text("custom-headers")
	if r.SlashRedirect || ref == "" {
		return
	}
	ns, name, ok := cutRef(ref)
	if !ok {
		r.Answers503("custom-headers", annotations.Quote(ref)+" is not namespace/name")
		return
	}
	data, found := r.Edge.Lookup.ConfigMap(ns, name)
	if !found {
		r.Answers503("custom-headers", "ConfigMap "+ref+" is not in the input")
		return
	}
	names := slices.Sorted(maps.Keys(data))
	allowed := annotations.SplitList(r.Edge.SettingText("global-allowed-response-headers"))
	for _, n := range names {
		if why := refusedHeader(n, data[n], allowed); why != "" {
			r.Answers503("custom-headers", "ConfigMap "+ref+": "+why)
			return
		}
	}
	for _, n := range names {
		r.Model.ResponseHeaders = append(r.Model.ResponseHeaders, model.HeaderOp{Name: n, Value: model.Text(data[n]), Origin: r.Origin("custom-headers")})
	}
}

// refusedHeader tells why the controller refuses a custom header; "" if it does not.
func refusedHeader(name, value string, allowed []string) string {
	switch {
	case name == "" || chars(wordSet)(name) != nil:
		return annotations.Quote(name) + " is not a header name"
	case value == "" || chars(headerValueSet)(value) != nil:
		return "the value of " + name + " holds characters that the controller refuses"
	case !slices.Contains(allowed, name):
		return "the header " + name + " is not listed in global-allowed-response-headers"
	}
	return ""
}

// headerValueSet are the characters of custom header values, beside ASCII letters and digits.
const headerValueSet = "_ :;.,\\/\"'?!(){}[]@<>=-+*#$&`|~^%"
