package nginx

import (
	"errors"
	"strings"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// Canary sends part of a Service's traffic to another one. The canary Ingress is no server of its own: it is tied to the main
// Ingress of the same host, path and path type, in whatever namespace, and from there to the Service and port, so that every
// path and host of that Service is split. The checks run in the order header, cookie, weight.
var Canary = annotations.Feature{
	Name: "canary",
	Keys: []annotations.Key{
		{
			Name: "canary", Syntax: "true | false", Default: "false", Scope: "upstream", Risk: "Low", Check: boolean, Class: finding.Exact,
			Doc:  "Makes the Ingress a canary. Of its other annotations only those of balancing and affinity-canary-behavior count.",
			Note: "routes and weights beside those of the main Ingress, on every route of the same Service; if the canary has no endpoints, all goes to the main",
		},
		{
			Name: "canary-by-header", Syntax: "header name", Scope: "upstream", Risk: "Medium", Needs: "canary", Check: basicChars, Invalid: annotations.Ignore, Class: finding.Exact,
			Doc: "The header's value always goes to the canary, never to the main; anything else falls through.", Note: "header matches of the routes",
		},
		{
			Name: "canary-by-header-value", Syntax: "text", Scope: "upstream", Risk: "Medium", Needs: "canary", Check: basicChars, Invalid: annotations.Ignore, Class: finding.Exact,
			Doc:  "Value of canary-by-header that goes to the canary, instead of always; never loses its meaning.",
			Note: "an exact header match of the route",
		},
		{
			Name: "canary-by-header-pattern", Syntax: "regular expression", Scope: "upstream", Risk: "Medium", Needs: "canary",
			Check: chars(regexSet), Invalid: annotations.Ignore, Class: finding.Exact,
			Doc:  "Pattern found anywhere in the value of canary-by-header. canary-by-header-value beats it.",
			Note: "a header match by regular expression",
		},
		{
			Name: "canary-by-cookie", Syntax: "cookie name", Scope: "upstream", Risk: "Medium", Needs: "canary", Check: basicChars, Invalid: annotations.Ignore, Class: finding.Exact,
			Doc: "The cookie's value always goes to the canary, never to the main; anything else falls through.", Note: "cookie matches of the routes",
		},
		{
			Name: "canary-weight", Syntax: "integer", Default: "0", Scope: "upstream", Risk: "Low", Needs: "canary", Check: integer, Class: finding.Exact,
			Doc: "Share of the remaining requests that goes to the canary, drawn for each request.", Note: "weights of the route",
		},
		{
			Name: "canary-weight-total", Syntax: "integer", Default: "100", Scope: "upstream", Risk: "Low", Needs: "canary", Check: integer, Class: finding.Exact,
			Doc: "What canary-weight is a share of; below 100 it means 100.", Note: "sum of the weights of the route",
		},
	},
	Edge: canaries,
}

// countsOnCanary tells whether the controller reads an annotation of a canary Ingress.
func countsOnCanary(key string) bool {
	switch key {
	case "load-balance", "service-upstream", "affinity-canary-behavior":
		return true
	}
	return key == "canary" || strings.HasPrefix(key, "canary-") || strings.HasPrefix(key, "upstream-hash-by") || strings.HasPrefix(key, "auth-tls-")
}

// canaries fills Rule.Canary of every route whose Service has a canary, and says of the canary Ingresses' annotations what
// has no effect.
func canaries(e *annotations.Edge) {
	used := map[*annotations.Ingress]bool{}
	for _, main := range e.Upstreams() {
		alt := main.Alternative
		if alt == nil {
			continue
		}
		c := canaryOf(alt, main)
		if c != nil {
			used[alt.Decider] = true
		}
		for _, r := range main.Routes {
			if _, ok := r.Model.Action.(model.Forward); ok {
				r.Model.Canary = c
			}
		}
	}
	for _, in := range e.Ingresses {
		if in.Canary {
			overruledOnCanary(in, used[in])
		}
	}
}

// canaryOf reads how a canary's Service takes part. It is the oldest Ingress that references the Service that says so; if
// that is no canary, none of the requests ever goes there.
func canaryOf(alt, main *annotations.Upstream) *model.Canary {
	in := alt.Decider
	for _, other := range alt.Ingresses {
		if other == in || !other.Canary {
			continue
		}
		for _, key := range []string{"canary-by-header", "canary-by-header-value", "canary-by-header-pattern", "canary-by-cookie", "canary-weight", "canary-weight-total"} {
			other.Overruled(key, in.Object.Ref()+" decides, which referenced Service "+alt.Ref()+" first")
		}
	}
	if !in.Canary {
		for _, other := range alt.Ingresses {
			other.Overruled("canary", in.Object.Ref()+" is no canary and referenced Service "+alt.Ref()+" first, so nothing goes there")
		}
		return nil
	}
	be, res := in.Edge.Lookup.Backend(alt.Namespace, alt.Service, alt.Port)
	switch res {
	case annotations.NoPort, annotations.NoPortName, annotations.RefusedService:
		in.Overruled("canary", "Service "+alt.Ref()+" has no such port or is not served, so everything goes to "+main.Ref())
		return nil
	}
	c := &model.Canary{
		Backend: be, Balance: balanceOf(alt), Fallback: true, Origin: in.Origin("canary"), Weight: in.Int("canary-weight"), Total: max(100, in.Int("canary-weight-total")),
		Sticky: in.Text("affinity-canary-behavior") != "legacy",
	}
	c.Weight = min(max(c.Weight, 0), c.Total)
	canaryHeader(in, c)
	canaryCookie(in, c)
	if c.Header == "" && c.Cookie == "" && c.Weight == 0 {
		in.Noop("canary", "no rule of the canary sends anything there")
		return nil
	}
	return c
}

// longestPattern is what a route's match takes, less what goes around a pattern.
const longestPattern = 1000

// canaryHeader reads the header rule. nginx finds a header by its name with underscores for hyphens.
func canaryHeader(in *annotations.Ingress, c *model.Canary) {
	name := strings.ReplaceAll(in.Text("canary-by-header"), "_", "-")
	switch {
	case name == "":
		in.Overruled("canary-by-header-value", "canary-by-header is missing")
		in.Overruled("canary-by-header-pattern", "canary-by-header is missing")
		return
	case !sendableHeader(name):
		in.Overruled("canary-by-header", "no request has a header of that name")
		return
	}
	c.Header = strings.ToLower(name)
	c.Value = in.Text("canary-by-header-value")
	pattern := in.Text("canary-by-header-pattern")
	if c.Value != "" {
		in.Overruled("canary-by-header-pattern", "canary-by-header-value is set")
		return
	}
	if pattern == "" {
		return
	}
	re, err := convertSearch(pattern)
	switch {
	case err == nil && len(re) > longestPattern:
		c.Header = ""
		in.Manual("canary-by-header-pattern", "the pattern is too long for a route; requests with the header are treated like the others")
	case err == nil:
		c.Pattern = re
	case errors.Is(err, errNotPCRE):
		c.Stuck = true
		in.Exact("canary-by-header-pattern", "the pattern does not compile on the controller either, so that requests with the header go to the main")
	default:
		c.Header = ""
		in.Manual("canary-by-header-pattern", "the pattern cannot be written for Envoy ("+err.Error()+"); requests with the header are treated like the others")
	}
}

// canaryCookie reads the cookie rule.
func canaryCookie(in *annotations.Ingress, c *model.Canary) {
	name := in.Text("canary-by-cookie")
	if name != "" && !cookieName(name) {
		in.Overruled("canary-by-cookie", "no request has a cookie of that name")
		return
	}
	c.Cookie = name
}

// cookieName tells whether a cookie can be called so. Longer names than these do not fit into the match of a route.
func cookieName(s string) bool {
	if len(s) > 200 {
		return false
	}
	for i := range len(s) {
		if !nameByte(s[i]) && strings.IndexByte("-.~", s[i]) < 0 {
			return false
		}
	}
	return s != ""
}

// overruledOnCanary says which annotations of a canary Ingress have no effect.
func overruledOnCanary(in *annotations.Ingress, used bool) {
	for _, key := range in.Keys() {
		switch {
		case in.Edge.Key(key).Since != "":
		case !countsOnCanary(key):
			in.Overruled(key, "the controller does not read it of a canary Ingress")
		case !used && !strings.HasPrefix(key, "auth-tls-"):
			in.Overruled(key, "the canary gets no requests")
		}
	}
}
