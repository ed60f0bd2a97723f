package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// ServerCiphers are the TLS 1.2 ciphers of a host. The oldest Ingress of the host with a value wins.
var ServerCiphers = annotations.Feature{
	Name: "server-ciphers",
	Keys: []annotations.Key{
		{
			Name: "ssl-ciphers", Syntax: "OpenSSL cipher string", Default: defaultCiphers, Setting: "ssl-ciphers", Scope: "host", Risk: "Low",
			Check: serverCiphers, Invalid: annotations.DropIngress, Class: finding.Approximate,
			Doc:  "TLS 1.2 ciphers of the host.",
			Note: "the ciphers of the string that Istio knows; DHE ciphers are lost, and a string without any usable one leaves TLS 1.3 only",
		},
		{
			Name: "ssl-prefer-server-ciphers", Syntax: "true | false", Default: "true", Scope: "host", Risk: "Low", Check: boolean, Invalid: annotations.Ignore, Class: finding.Exact,
			Doc: "Whether the server's order of ciphers counts.", Note: "true is what the gateway does; the choice among the remaining ciphers makes no difference to security",
		},
	},
}

// defaultCiphers are those of the controller.
const defaultCiphers = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:" +
	"ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:DHE-RSA-AES256-GCM-SHA384:DHE-RSA-AES128-GCM-SHA256"
