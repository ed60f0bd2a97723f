package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// BackendTLS sets how TLS backends are spoken to. All keys wait for proxy-ssl-secret: without it ingress-nginx looks at none
// of them. A Secret that is missing, foreign or named without its namespace closes the Ingress with 503.
var BackendTLS = annotations.Feature{
	Name: "backend-tls",
	Keys: []annotations.Key{
		{
			Name: "proxy-ssl-secret", Syntax: "namespace/name", Scope: "location", Risk: "Medium",
			Check: basicChars, Invalid: annotations.DropIngress, Class: finding.Exact,
			Doc:  "Client certificate and CA for TLS backends.",
			Note: "certificate and CA of this route, and of TLS backends of the host that name none; the Secret must be in the gateway's namespace",
		},
		{
			Name: "proxy-ssl-verify", Syntax: "on | off", Default: "off", Scope: "location", Risk: "Low", Needs: "proxy-ssl-secret", Check: onOffSpaced, Class: finding.Exact,
			Doc:  "Verifies the backend's certificate and its name, which is proxy-ssl-name. Without a name verification always fails.",
			Note: "the backend's certificate is verified against ca.crt of the Secret, or not at all, as before",
		},
		{
			Name: "proxy-ssl-verify-depth", Syntax: "integer", Default: "1", Scope: "location", Risk: "Low", Needs: "proxy-ssl-secret", Check: integer, Class: finding.Approximate,
			Doc:  "Longest accepted chain of intermediates; 0 means 1.",
			Note: "not enforced: Envoy has no such limit towards backends, longer chains of the right CA are accepted",
		},
		{
			Name: "proxy-ssl-name", Syntax: "name", Scope: "location", Risk: "High", Needs: "proxy-ssl-secret", Check: serverName, Class: finding.Exact,
			Doc: "Name expected in the backend's certificate, and sent as SNI with proxy-ssl-server-name.", Note: "name expected in the backend's certificate",
		},
		{
			Name: "proxy-ssl-server-name", Syntax: "on | off", Default: "off", Scope: "location", Risk: "Low", Needs: "proxy-ssl-secret", Check: onOffSpaced, Class: finding.Exact,
			Doc:  "Whether SNI is sent to the backend.",
			Note: "on sends the same SNI, off none",
		},
		{
			Name: "proxy-ssl-protocols", Syntax: "TLSv1.2 TLSv1.3", Default: "TLSv1.2", Scope: "location", Risk: "Low", Needs: "proxy-ssl-secret", Check: tlsVersions, Class: finding.Exact,
			Doc:  "TLS versions towards the backend.",
			Note: "the same versions; a list with gaps becomes the range from its lowest to its highest version",
		},
		{
			Name: "proxy-ssl-ciphers", Syntax: "OpenSSL cipher string", Default: "DEFAULT", Scope: "location", Risk: "Medium", Needs: "proxy-ssl-secret",
			Check: unspaced(chars(cipherSet)), Class: finding.Approximate,
			Doc:  "TLS 1.2 ciphers towards the backend.",
			Note: "the ciphers of the string that BoringSSL knows, for TLS 1.2; a string with none of them closes the route",
		},
	},
	Settings: []annotations.Setting{
		{Name: "proxy-ssl-location-only", Syntax: "true | false", Default: "false", Check: boolean, Class: finding.Exact,
			Doc:  "Keeps proxy-ssl-* to the location instead of lending it to the whole host.",
			Note: "decides whether TLS backends without a Secret of their own use that of another Ingress of the host"},
	},
	Route: backendTLS,
	Edge:  lendBackendTLS,
}
