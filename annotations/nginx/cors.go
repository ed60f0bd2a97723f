package nginx

import (
	"strings"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// CORS answers preflights and adds the CORS headers to every response of the location, refusals included. Preflights are
// answered with 204 before redirects, address lists and authentication.
var CORS = annotations.Feature{
	Name: "cors",
	Keys: []annotations.Key{
		{
			Name: "enable-cors", Syntax: "true | false", Default: "false", Scope: "location", Risk: "Low", Check: boolean, Class: finding.Exact,
			Doc:  "Answers OPTIONS requests with 204 and adds the CORS headers to all responses.",
			Note: "a preflight route and response headers; preflights still come before access lists and authentication",
		},
		{
			Name: "cors-allow-origin", Syntax: "*, null, or list of scheme://host[:port] with one *.", Default: "*", Scope: "location", Risk: "Medium", Needs: "enable-cors",
			Check: corsOrigins, Class: finding.Exact,
			Doc:  "Origins that may read responses; * is sent literally, a listed one is echoed. A broken list means *.",
			Note: "the same answers: a literal * or the listed origin echoed",
		},
		{
			Name: "cors-allow-methods", Syntax: "list of methods", Default: "GET, PUT, POST, DELETE, PATCH, OPTIONS", Scope: "location", Risk: "Medium", Needs: "enable-cors",
			Check: corsMethods, Class: finding.Exact,
			Doc: "Access-Control-Allow-Methods, sent as written.", Note: "sent as written on every CORS response",
		},
		{
			Name: "cors-allow-headers", Syntax: "list of header names", Scope: "location", Risk: "Medium", Needs: "enable-cors",
			Default: "DNT,Keep-Alive,User-Agent,X-Requested-With,If-Modified-Since,Cache-Control,Content-Type,Range,Authorization",
			Check:   chars(headersSet), Class: finding.Exact,
			Doc: "Access-Control-Allow-Headers, sent as written.", Note: "sent as written on every CORS response",
		},
		{
			Name: "cors-allow-credentials", Syntax: "true | false", Default: "true", Scope: "location", Risk: "Low", Needs: "enable-cors", Check: boolean, Class: finding.Exact,
			Doc: "Adds Access-Control-Allow-Credentials: true.", Note: "sent on every CORS response",
		},
		{
			Name: "cors-expose-headers", Syntax: "list of header names, or *", Scope: "location", Risk: "Medium", Needs: "enable-cors", Check: corsExposed, Class: finding.Exact,
			Doc: "Access-Control-Expose-Headers, sent as written.", Note: "sent as written on every CORS response",
		},
		{
			Name: "cors-max-age", Syntax: "seconds", Default: "1728000", Scope: "location", Risk: "Low", Needs: "enable-cors", Check: integer, Class: finding.Exact,
			Doc: "Access-Control-Max-Age: how long browsers keep the answer to a preflight.", Note: "sent on every CORS response",
		},
	},
	Route: cors,
}

// cors fills Rule.CORS. A broken list of origins, which the controller replaces by *, switches CORS off here: nobody is let
// in whom the list does not name.
func cors(r *annotations.Route) {
	if r.SlashRedirect || !r.Bool("enable-cors") {
		return
	}
	if r.Broken("cors-allow-origin") != nil {
		r.Manual("enable-cors", "the value of cors-allow-origin is broken, and the controller would allow any origin; the translation sends no CORS header and gives preflights to the backend")
		return
	}
	origins := annotations.Parse(r.Ingress, "cors-allow-origin", allowedOrigins)
	for _, o := range origins.broken {
		r.Say(finding.ValueIgnored, "cors-allow-origin", r.Edge.Prefix+"cors-allow-origin", annotations.Quote(o), "no origin", "the rest of the list")
	}
	if len(origins.patterns) == 0 && !origins.every {
		r.Overruled("enable-cors", "cors-allow-origin names no origin that the controller accepts")
		return
	}
	if !origins.every {
		r.Corner("cors-allow-origin", "the controller also accepts an Origin that ends in a listed one, which no browser sends; the translation compares whole origins")
	}
	o := r.Origin("enable-cors")
	c := &model.CORS{Origins: origins.patterns, Origin: o}
	add := func(name, value string) {
		c.Headers = append(c.Headers, model.HeaderOp{Name: name, Value: model.Text(value), Origin: o})
	}
	if r.Bool("cors-allow-credentials") {
		add("access-control-allow-credentials", "true")
	}
	add("access-control-allow-methods", r.Text("cors-allow-methods"))
	add("access-control-allow-headers", r.Text("cors-allow-headers"))
	if v := r.Text("cors-expose-headers"); v != "" {
		add("access-control-expose-headers", v)
	}
	add("access-control-max-age", itoa(r.Int("cors-max-age")))
	r.Model.CORS = c
}

// originList is a list of origins: patterns of those that are listed, or every origin, and what is no origin.
type originList struct {
	patterns []string
	every    bool
	broken   []string
}

// allowedOrigins reads a list. A star stands for one label.
func allowedOrigins(list string) originList {
	var out originList
	for _, o := range annotations.SplitList(list) {
		switch {
		case o == "*":
			return originList{every: true, broken: out.broken}
		case corsOrigin(o) != nil:
			out.broken = append(out.broken, o)
		default:
			out.patterns = append(out.patterns, strings.Replace(quoteRegex(o), `\*`, `[A-Za-z0-9-]+`, 1))
		}
	}
	return out
}
