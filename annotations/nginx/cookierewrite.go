package nginx

import (
	"strings"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
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
	Route: cookieRewrite,
}

// cookieRewrite fills Rule.CookieRewrite.
func cookieRewrite(r *annotations.Route) {
	if r.SlashRedirect {
		return
	}
	c := &model.CookieRewrite{}
	c.DomainFrom, c.DomainTo = cookiePair(r, "proxy-cookie-domain", c)
	c.PathFrom, c.PathTo = cookiePair(r, "proxy-cookie-path", c)
	if len(c.Origins) > 0 {
		r.Model.CookieRewrite = c
	}
}

// cookiePair reads what is replaced and by what.
func cookiePair(r *annotations.Route, key string, c *model.CookieRewrite) (from, to string) {
	v := r.Text(key)
	if v == "" || v == "off" {
		return "", ""
	}
	words := strings.Fields(v)
	switch {
	case strings.HasPrefix(v, "~"):
		r.Manual(key, "patterns are not translated; cookies stay as the backend sets them")
		return "", ""
	case len(words) != 2 || strings.Contains(v, "$"):
		r.Manual(key, "the value is not two plain words; cookies stay as the backend sets them")
		return "", ""
	}
	c.Origins = append(c.Origins, r.Origin(key))
	return words[0], words[1]
}
