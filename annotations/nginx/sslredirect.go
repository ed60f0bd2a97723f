package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
	"strconv"
	"strings"
)

// SSLRedirect sends plain HTTP to HTTPS, per location. ssl-redirect acts where the host has a TLS block, force-ssl-redirect
// everywhere; locations under no-tls-redirect-locations are exempt. One final slash of the URL is cut.
var SSLRedirect = annotations.Feature{
	Name: "ssl-redirect",
	Keys: []annotations.Key{
		{
			Name: "ssl-redirect", Syntax: "true | false", Default: "true", Setting: "ssl-redirect", Scope: "location", Risk: "Low", Check: boolean, Class: finding.Exact,
			Doc:  "Redirects to HTTPS with http-redirect-code if an Ingress of the host has a TLS block.",
			Note: "redirect routes on port 80 with the same status and Location",
		},
		{
			Name: "force-ssl-redirect", Syntax: "true | false", Default: "false", Setting: "force-ssl-redirect", Scope: "location", Risk: "Medium", Check: boolean, Class: finding.Exact,
			Doc:  "Redirects to HTTPS whatever certificates there are. It loops behind a proxy that ends TLS, unless use-forwarded-headers is on.",
			Note: "redirect routes on port 80 with the same status and Location",
		},
		{
			Name: "preserve-trailing-slash", Syntax: "true | false", Default: "false", Setting: "preserve-trailing-slash", Scope: "location", Risk: "Medium", Check: boolean, Class: finding.Exact,
			Doc: "Keeps the final slash of the URL in the redirect to HTTPS.", Note: "the redirect keeps the path as it is",
		},
		{
			Name: "use-port-in-redirects", Syntax: "true | false", Default: "false", Setting: "use-port-in-redirects", Scope: "location", Risk: "Low", Check: boolean, Class: finding.Exact,
			Doc: "Writes the controller's HTTPS port into the redirect to HTTPS.", Note: "Location names the port",
		},
	},
	Settings: []annotations.Setting{
		{Name: "http-redirect-code", Syntax: "301 | 302 | 307 | 308", Default: "308", Check: oneOf("301", "302", "307", "308"), Class: finding.Exact,
			Doc: "Status of redirects to HTTPS and of from-to-www-redirect.", Note: "status of these redirects"},
		{Name: "no-tls-redirect-locations", Syntax: "list of path prefixes", Default: "/.well-known/acme-challenge", Class: finding.Exact,
			Doc: "Ingress paths that are not redirected to HTTPS.", Note: "these paths have no redirect route"},
	},
	Route: sslRedirect,
}

// sslRedirect fills Rule.HTTPSRedirect.
func sslRedirect(r *annotations.Route) {
	if r.SlashRedirect {
		return
	}
	key := "force-ssl-redirect"
	if !r.Bool(key) {
		if key = "ssl-redirect"; !r.Bool(key) {
			return
		}
		if !r.Host.Certificate && r.Host.Name != catchAll {
			if _, ok := r.Written(key); ok {
				r.Overruled(key, "no Ingress of the host has a TLS section")
			}
			return
		}
	}
	for _, p := range annotations.SplitList(r.Edge.SettingText("no-tls-redirect-locations")) {
		if strings.HasPrefix(r.Path, p) {
			r.Exact(key, "the path is exempt by no-tls-redirect-locations")
			return
		}
	}
	code, err := strconv.Atoi(r.Edge.SettingText("http-redirect-code"))
	if err != nil {
		code = 308
	}
	r.Model.HTTPSRedirect = &model.HTTPSRedirect{Code: code, CutSlash: !r.Bool("preserve-trailing-slash"), Origin: r.Origin(key)}
	r.Model.HTTPSRedirect.Certified = key == "ssl-redirect"
	// The default certificate counts as that of the default server only for requests without a Host.
	r.Model.HTTPSRedirect.NoHost = key == "ssl-redirect" && !r.Host.Certificate
	if r.Bool("use-port-in-redirects") {
		r.Model.HTTPSRedirect.Port = httpsPort(r.Edge)
	}
}

// httpsPort is the port that the controller listens on for HTTPS, as it writes it into redirects.
func httpsPort(e *annotations.Edge) string {
	if v, ok := e.Settings.Flag("https-port"); ok {
		return v
	}
	return "443"
}
