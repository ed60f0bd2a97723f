package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// ExtAuth asks a service about every request. The companions of auth-url are read only beside it on the same Ingress, and an
// auth-url of its own replaces global-auth-url with all its companions: nothing is inherited one by one.
var ExtAuth = annotations.Feature{
	Name: "external-auth",
	Keys: []annotations.Key{
		{
			Name: "auth-url", Syntax: "URL, with variables", Scope: "location", Risk: "High", Protect: true, Check: urlVars, Invalid: annotations.DropIngress, Class: finding.Exact,
			Doc:  "Service that is asked about each request: 2xx lets it pass, 401 and 403 go to the client, anything else becomes 500. A URL without scheme or host closes the Ingress with 503.",
			Note: "the route asks the same service with the same headers, after redirects as before",
		},
		{
			Name: "auth-method", Syntax: "GET | HEAD | POST | PUT | PATCH | DELETE | CONNECT | OPTIONS | TRACE", Default: "GET", Scope: "location", Risk: "Low", Needs: "auth-url",
			Check: method, Invalid: annotations.CloseIngress, Class: finding.Exact,
			Doc: "Method of the request to the service. Setting it adds X-Original-URI and X-Scheme.", Note: "the service is asked with this method; that needs Lua, without it with the client's",
		},
		{
			Name: "auth-proxy-set-headers", Syntax: "namespace/name", Scope: "location", Risk: "Medium", Needs: "auth-url", Check: basicChars, Invalid: annotations.Ignore, Class: finding.Exact,
			Doc:  "ConfigMap with further headers for the service. If it is missing or foreign the Ingress answers 503.",
			Note: "the service gets the headers, with the values that the ConfigMap has when it is converted",
		},
		{
			Name: "auth-request-redirect", Syntax: "URL", Scope: "location", Risk: "Medium", Needs: "auth-url", Check: urlChars, Invalid: annotations.LoseAuth, Class: finding.Exact,
			Doc: "X-Auth-Request-Redirect for the service, instead of the request's URI.", Note: "the service gets the header",
		},
		{
			Name: "auth-response-headers", Syntax: "list of header names", Scope: "location", Risk: "Medium", Needs: "auth-url", Check: headerNames, Invalid: annotations.CloseIngress, Class: finding.Exact,
			Doc:  "Headers of the service's answer that the backend gets. The client's own copies are removed.",
			Note: "the backend gets the headers; the client's own copies are removed first",
		},
		{
			Name: "auth-always-set-cookie", Syntax: "true | false", Default: "false", Scope: "location", Risk: "Low", Needs: "auth-url", Check: boolean, Invalid: annotations.LoseAuth, Class: finding.Exact,
			Doc: "Sends the service's cookies to the client whatever the backend answers, not only with 2xx and 3xx.", Note: "the service's cookies reach the client on the same statuses",
		},
		{
			Name: "auth-signin", Syntax: "URL, with variables", Scope: "location", Risk: "High", Needs: "auth-url", Check: urlVars, Invalid: annotations.Ignore, Class: finding.Exact,
			Doc: "Turns a 401 of the service into a redirect to this page, with the original URL as a parameter.", Note: authSignIn,
		},
		{
			Name: "auth-signin-redirect-param", Syntax: "parameter name", Default: "rd", Scope: "location", Risk: "Medium", Needs: "auth-url", Check: urlChars, Invalid: annotations.Ignore, Class: finding.Exact,
			Doc: "Name of the parameter with the original URL.", Note: "the parameter keeps its name",
		},
		{
			Name: "auth-snippet", Syntax: "nginx configuration", Scope: "location", Risk: "Critical", Protect: true, Needs: "auth-url", Class: finding.Refused,
			Doc: "Directives for the request to the service.", Note: authSnippetNote,
		},
		{
			Name: "auth-cache-key", Syntax: "text with variables", Scope: "location", Risk: "Medium", Needs: "auth-url", Check: variables, Invalid: annotations.Ignore, Class: finding.Approximate,
			Doc: "Keeps answers of the service under this key.", Note: authUncached,
		},
		{
			Name: "auth-cache-duration", Syntax: "list of [statuses] time", Default: "200 202 401 5m", Scope: "location", Risk: "Medium", Needs: "auth-url",
			Check: chars(listSet), Invalid: annotations.LoseAuth, Class: finding.Approximate,
			Doc: "How long answers are kept with auth-cache-key. An entry without a time closes the Ingress with 503.", Note: authUncached,
		},
		{
			Name: "auth-keepalive", Syntax: "connections", Default: "0", Scope: "location", Risk: "Low", Needs: "auth-url", Check: integer, Class: finding.Noop,
			Doc: "Connections to the service that are kept open; without effect while HTTP/2 is on.", Note: authPooled,
		},
		{
			Name: "auth-keepalive-requests", Syntax: "integer", Default: "1000", Scope: "location", Risk: "Low", Needs: "auth-url", Check: integer, Class: finding.Noop,
			Doc: "Requests over one kept connection.", Note: authPooled,
		},
		{
			Name: "auth-keepalive-timeout", Syntax: "seconds", Default: "60", Scope: "location", Risk: "Low", Needs: "auth-url", Check: integer, Class: finding.Noop,
			Doc: "How long a kept connection stays open.", Note: authPooled,
		},
		{
			Name: "auth-keepalive-share-vars", Syntax: "true | false", Default: "false", Scope: "location", Risk: "Low", Needs: "auth-url", Check: boolean, Class: finding.Noop,
			Doc: "Lets the request to the service see the same nginx variables.", Note: authPooled,
		},
		{
			Name: "enable-global-auth", Syntax: "true | false", Default: "true", Scope: "location", Risk: "Low", Check: boolean, Class: finding.Exact,
			Doc: "false exempts the Ingress from global-auth-url.", Note: "false leaves the global check off the route",
		},
	},
	Settings: []annotations.Setting{
		{Name: "global-auth-url", Syntax: "URL", Check: globalURL, Class: finding.Exact,
			Doc:  "auth-url for every location without one of its own. The controller ignores a URL without scheme or host.",
			Note: "every route asks the service, except those exempt by enable-global-auth or no-auth-locations"},
		{Name: "global-auth-method", Syntax: "method", Check: method, Class: finding.Exact, Doc: "auth-method for global-auth-url.", Note: "as with auth-method"},
		{Name: "global-auth-signin", Syntax: "URL", Check: globalURL, Class: finding.Exact, Doc: "auth-signin for global-auth-url.", Note: authSignIn},
		{Name: "global-auth-signin-redirect-param", Syntax: "parameter name", Default: "rd", Class: finding.Exact,
			Doc: "auth-signin-redirect-param for global-auth-signin.", Note: "the parameter keeps its name"},
		{Name: "global-auth-response-headers", Syntax: "list of header names", Class: finding.Exact,
			Doc: "auth-response-headers for global-auth-url. Names that are no header names are passed over.", Note: "as with auth-response-headers"},
		{Name: "global-auth-request-redirect", Syntax: "URL", Class: finding.Exact, Doc: "auth-request-redirect for global-auth-url.", Note: "the service gets the header"},
		{Name: "global-auth-always-set-cookie", Syntax: "true | false", Default: "false", Check: boolean, Class: finding.Exact, Doc: "auth-always-set-cookie for global-auth-url.", Note: "as with auth-always-set-cookie"},
		{Name: "global-auth-snippet", Syntax: "nginx configuration", Class: finding.Refused, Doc: "auth-snippet for global-auth-url.",
			Note: authSnippetNote},
		{Name: "global-auth-cache-key", Syntax: "text with variables", Class: finding.Approximate, Doc: "auth-cache-key for global-auth-url.", Note: authUncached},
		{Name: "global-auth-cache-duration", Syntax: "list of [statuses] time", Check: cacheDurations, Class: finding.Approximate, Doc: "auth-cache-duration for global-auth-url.", Note: authUncached},
		{Name: "no-auth-locations", Syntax: "list of path prefixes", Default: "/.well-known/acme-challenge", Class: finding.Exact,
			Doc: "Ingress paths that skip passwords and external authentication.", Note: "these paths ask for neither"},
		{Name: "global-external-auth", Syntax: "none", Class: finding.Noop,
			Doc: "Internal part of the controller's configuration; a value in the ConfigMap cannot be decoded.", Note: "use the global-auth-* settings"},
	},
	Route: externalAuth,
}

// What is said of more than one key of external authentication.
const (
	authUncached    = "every request is checked: the service sees the full load, and what it revokes is revoked at once"
	authSnippetNote = "headers that it sets (proxy_set_header) are sent to the service; with any other directive the routes that ask the service are closed"
	authPooled      = "Envoy keeps connections to the service open itself"
	authSignIn      = "the same redirect, with the original URL escaped as before; that needs Lua, without it only & is escaped"
)
