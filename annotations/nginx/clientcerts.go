package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// ClientCerts asks clients for certificates, for a whole host. The oldest Ingress of the host with a usable CA decides; a
// Secret that is missing, foreign or without a CA on any Ingress of the host closes the host with 403. No key but
// auth-tls-secret is looked at without it.
var ClientCerts = annotations.Feature{
	Name: "client-certs",
	Keys: []annotations.Key{
		{
			Name: "auth-tls-secret", Syntax: "namespace/name", Scope: "host", Risk: "Medium", Protect: true,
			Check: basicChars, Invalid: annotations.DropIngress, Class: finding.Approximate,
			Doc:  "CA for client certificates of the host, over HTTPS. A certificate that fails is answered with 400.",
			Note: "client certificates are demanded in a Gateway of the host's own; one that fails ends the TLS handshake instead of getting 400",
		},
		{
			Name: "auth-tls-verify-client", Syntax: "on | off | optional | optional_no_ca", Default: "on", Scope: "host", Risk: "Medium", Protect: true, Needs: "auth-tls-secret",
			Check: unspaced(oneOf("on", "off", "optional", "optional_no_ca")), Class: finding.Approximate,
			Doc:  "Whether a certificate is demanded, and whether it must be good. Backends see the result in ssl-client-verify.",
			Note: "mode of the Gateway's TLS; without a good certificate the TLS handshake fails instead of a 400",
		},
		{
			Name: "auth-tls-verify-depth", Syntax: "integer", Default: "1", Scope: "host", Risk: "Low", Needs: "auth-tls-secret", Check: integer, Class: finding.Approximate,
			Doc:  "Longest accepted chain of intermediates; 0 means 1.",
			Note: "the same limit; a longer chain ends the handshake instead of getting 400",
		},
		{
			Name: "auth-tls-error-page", Syntax: "URL, path or @name", Scope: "host", Risk: "High", Needs: "auth-tls-secret",
			Check: redirectPage, Invalid: annotations.DropIngress, Class: finding.Approximate,
			Doc:  "Where clients without a good certificate are redirected to.",
			Note: "clients without a certificate are redirected as before, a bad certificate ends the handshake; a path or @name cannot be translated",
		},
		{
			Name: "auth-tls-pass-certificate-to-upstream", Syntax: "true | false", Default: "false", Scope: "host", Risk: "Low", Needs: "auth-tls-secret",
			Check: boolean, Invalid: annotations.DropIngress, Class: finding.Exact,
			Doc: "Sends the client's certificate to the backend in ssl-client-cert.", Note: "the same headers to the backend; copies sent by the client are removed",
		},
		{
			Name: "auth-tls-match-cn", Syntax: "CN=regular expression", Scope: "host", Risk: "High", Protect: true, Needs: "auth-tls-secret",
			Check: commonName, Invalid: annotations.DropIngress, Class: finding.Exact,
			Doc:  "Answers 403 unless the subject of the certificate matches, on plain HTTP too.",
			Note: "the same 403, from a match on the subject as Envoy writes it",
		},
	},
	Edge: clientCerts,
}
