package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// Affinity keeps a client on one endpoint by a cookie. In ingress-nginx it belongs to the Service and port, not to the path:
// type and mode come from the oldest Ingress that uses them, the cookie's attributes from the youngest, and the cookie is
// issued only where it is asked for.
var Affinity = annotations.Feature{
	Name: "affinity",
	Keys: []annotations.Key{
		{
			Name: "affinity", Syntax: "cookie", Scope: "upstream", Risk: "Low", Check: oneOf("cookie"), Invalid: annotations.Ignore, Class: finding.Approximate,
			Doc:  "Keeps a client on one endpoint by a cookie, which is always HttpOnly, and Secure over TLS.",
			Note: "a cookie of the same name and attributes for this route; its value has another format, so running sessions are pinned anew once",
		},
		{
			Name: "affinity-mode", Syntax: "balanced | persistent", Default: "balanced", Scope: "upstream", Risk: "Medium", Needs: "affinity",
			Check: oneOf("balanced", "persistent"), Class: finding.Approximate,
			Doc:  "balanced moves some sessions when the Service scales; persistent keeps a session on its endpoint until that disappears.",
			Note: "balanced becomes a consistent hash of the cookie, persistent a cookie that names the endpoint. A persistent session leaves a failing endpoint even without session-cookie-change-on-failure",
		},
		{
			Name: "affinity-canary-behavior", Syntax: "sticky | legacy", Default: "sticky", Scope: "upstream", Risk: "Low", Needs: "canary",
			Check: oneOf("sticky", "legacy"), Class: finding.Approximate,
			Doc:  "On a canary: sticky keeps sessions on the side they were first given, legacy only those of the main side.",
			Note: "as before; one more cookie records the side",
		},
		{
			Name: "session-cookie-name", Syntax: "name", Default: "INGRESSCOOKIE", Scope: "upstream", Risk: "Medium", Needs: "affinity",
			Check: basicChars, Class: finding.Exact,
			Doc: "Name of the session cookie.", Note: "the cookie keeps its name",
		},
		{
			Name: "session-cookie-path", Syntax: "path", Scope: "upstream", Risk: "Medium", Needs: "affinity", Check: urlChars, Class: finding.Exact,
			Doc:  "Path of the session cookie; without it the path of the Ingress, which in regex mode is the pattern's text.",
			Note: "Path attribute of the session cookie",
		},
		{
			Name: "session-cookie-domain", Syntax: "domain", Scope: "upstream", Risk: "Medium", Needs: "affinity", Check: basicChars, Class: finding.Exact,
			Doc: "Domain of the session cookie.", Note: "Domain attribute of the session cookie",
		},
		{
			Name: "session-cookie-samesite", Syntax: "None | Lax | Strict", Scope: "upstream", Risk: "Low", Needs: "affinity",
			Check: oneOfAnyCase("None", "Lax", "Strict"), Class: finding.Exact,
			Doc: "SameSite attribute of the session cookie, sent as written.", Note: "SameSite attribute of the session cookie",
		},
		{
			Name: "session-cookie-secure", Syntax: "true | false", Scope: "upstream", Risk: "Low", Needs: "affinity", Check: boolean, Class: finding.Exact,
			Doc:  "true makes the cookie Secure on plain HTTP too; otherwise it is Secure over TLS only.",
			Note: "Secure attribute of the session cookie, over TLS or always",
		},
		{
			Name: "session-cookie-max-age", Syntax: "seconds", Scope: "upstream", Risk: "Medium", Needs: "affinity", Check: cookieSeconds, Class: finding.Exact,
			Doc: "Max-Age of the session cookie; without it the cookie lives as long as the browser.", Note: "Max-Age of the session cookie",
		},
		{
			Name: "session-cookie-expires", Syntax: "seconds", Scope: "upstream", Risk: "Medium", Needs: "affinity", Check: cookieSeconds, Class: finding.Approximate,
			Doc:  "Expires attribute, that many seconds from now.",
			Note: "Max-Age of the same length instead of Expires, unless session-cookie-max-age is set",
		},
		{
			Name: "session-cookie-change-on-failure", Syntax: "true | false", Default: "false", Scope: "upstream", Risk: "Low", Needs: "affinity",
			Check: boolean, Class: finding.Exact,
			Doc:  "true gives a session another endpoint and a new cookie when its endpoint fails; false keeps trying the same one.",
			Note: "a cookie that names the endpoint and changes with a retry",
		},
		{
			Name: "session-cookie-conditional-samesite-none", Syntax: "true | false", Default: "false", Scope: "upstream", Risk: "Low", Needs: "affinity",
			Check: boolean, Class: finding.Manual,
			Doc:  "Leaves SameSite=None out for browsers of 2018 to 2019 that mishandle it.",
			Note: "remove it; the browsers concerned are obsolete",
		},
	},
}
