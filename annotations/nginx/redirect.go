package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
	"strings"
)

// Redirect answers with a fixed Location, without the request's path and query. It comes before redirects to HTTPS, address
// lists, authentication, limits and missing endpoints, all of which are dead then. temporal-redirect beats
// permanent-redirect; if its URL is not http or https, ingress-nginx skips all redirect annotations of the Ingress.
var Redirect = annotations.Feature{
	Name: "redirect",
	Keys: []annotations.Key{
		{
			Name: "permanent-redirect", Syntax: "URL or path", Scope: "location", Risk: "Medium", Check: chars(urlSet), Invalid: annotations.DropIngress, Class: finding.Exact,
			Doc: "Redirects to this address with 301.", Note: "a fixed answer on both ports, before everything that protects the route",
		},
		{
			Name: "permanent-redirect-code", Syntax: "300 to 308", Default: "301", Scope: "location", Risk: "Low", Check: integer, Invalid: annotations.DropIngress, Class: finding.Exact,
			Doc: "Status of permanent-redirect; anything outside the range means 301. With 300 and 304 to 306 nginx sends no Location but the address as text.", Note: "status of the redirect",
		},
		{
			Name: "temporal-redirect", Syntax: "http or https URL", Scope: "location", Risk: "Medium", Check: chars(urlSet), Invalid: annotations.DropIngress, Class: finding.Exact,
			Doc: "Redirects to this address with 302.", Note: "a fixed answer on both ports, before everything that protects the route",
		},
		{
			Name: "temporal-redirect-code", Syntax: "300 to 307", Default: "302", Scope: "location", Risk: "Low", Needs: "temporal-redirect",
			Check: integer, Invalid: annotations.DropIngress, Class: finding.Exact,
			Doc: "Status of temporal-redirect; anything outside the range means 302. With 300 and 304 to 306 nginx sends no Location but the address as text.", Note: "status of the redirect",
		},
	},
	Route: redirect,
}

// redirect makes the route a fixed answer.
func redirect(r *annotations.Route) {
	if r.SlashRedirect || catchAllOnly(r) {
		return
	}
	key, codeKey, low, high, fallback := "temporal-redirect", "temporal-redirect-code", 300, 307, 302
	if !r.Has(key) {
		key, codeKey, low, high, fallback = "permanent-redirect", "permanent-redirect-code", 300, 308, 301
		if !r.Has(key) {
			return
		}
	}
	if why := redirectsSkipped(r.Ingress); why != "" {
		for _, k := range []string{"temporal-redirect", "permanent-redirect"} {
			r.Overruled(k, why)
		}
		return
	}
	target := r.Text(key)
	if key == "temporal-redirect" {
		r.Overruled("permanent-redirect", "temporal-redirect goes before it")
	}
	code := r.Int(codeKey)
	if code < low || code > high {
		code = fallback
	}
	r.Model.Action = fixedRedirect(code, location302(r, target), target)
}

// fixedRedirect is what nginx answers: with a status that it does not redirect by, the address is the body.
func fixedRedirect(code int, location model.Value, target string) model.Redirect {
	switch code {
	case 301, 302, 303, 307, 308:
		return model.Redirect{Code: code, Location: location}
	}
	return model.Redirect{Code: code, Text: target}
}

// location302 is the Location of a fixed redirect: nginx makes a path absolute, unless relative-redirects is on.
func location302(r *annotations.Route, target string) model.Value {
	if !strings.HasPrefix(target, "/") || relative(r.Ingress) {
		return model.Text(target)
	}
	return append(hostAddress(r), model.Part{Text: target})
}

// hostAddress is scheme and host of the request, as nginx writes them in front of a path.
func hostAddress(r *annotations.Route) model.Value {
	v := model.Value{{Var: model.VarScheme}, {Text: "://"}}
	if oneName(r.Host) {
		return append(v, model.Part{Text: r.Host.Name})
	}
	return append(v, model.Part{Var: model.VarAuthority})
}

// catchAllOnly tells whether a route is the catch-all that a default backend without rules makes: the controller applies
// neither redirects nor rewrites to it.
func catchAllOnly(r *annotations.Route) bool { return r.Host.Name == catchAll && r.Default }
