package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// CookieRewrite replaces the Domain and Path attributes of cookies that backends set.
var CookieRewrite = annotations.Feature{
	Name: "cookie-rewrite",
	Keys: []annotations.Key{
		{
			Name: "proxy-cookie-domain", Syntax: "off | from to", Default: "off", Setting: "proxy-cookie-domain", Scope: "location", Risk: "Medium", Check: cookieDomains, Class: finding.Exact,
			Doc: "Domain attribute to replace in Set-Cookie, and its replacement.", Note: "replaced in Set-Cookie of the route's responses; patterns (~) cannot be translated",
		},
		{
			Name: "proxy-cookie-path", Syntax: "off | from to", Default: "off", Setting: "proxy-cookie-path", Scope: "location", Risk: "Medium", Check: urlChars, Class: finding.Exact,
			Doc: "Beginning of the Path attribute to replace in Set-Cookie, and its replacement.", Note: "replaced in Set-Cookie of the route's responses; patterns (~) cannot be translated",
		},
	},
}
