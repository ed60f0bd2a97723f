package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
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
			Note: "the same answers: a literal * or the listed origin echoed. Patterns match whole origins, where the controller leaves the beginning open",
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
}
