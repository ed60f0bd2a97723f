package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// Forwarded says whose word about the client is believed. By default nobody's: nginx replaces X-Forwarded-For, -Host, -Port,
// -Proto and X-Real-IP by what it sees itself.
var Forwarded = annotations.Feature{
	Name: "forwarded",
	Settings: []annotations.Setting{
		{Name: "use-forwarded-headers", Syntax: "true | false", Default: "false", Check: boolean, Class: finding.Approximate,
			Doc:  "Believes X-Forwarded-For, -Host, -Port and -Proto of the peer.",
			Note: "the gateway believes one proxy in front of it; with a chain of proxies raise the number of trusted hops"},
		{Name: "proxy-real-ip-cidr", Syntax: "list of networks and addresses", Default: "0.0.0.0/0", Class: finding.Approximate,
			Doc:  "Peers whose word is believed about the client's address.",
			Note: "address lists believe only these peers; the headers that backends get believe every peer"},
		{Name: "enable-real-ip", Syntax: "true | false", Default: "false", Check: boolean, Class: finding.Approximate,
			Doc:  "Believes the client's address alone, not host, port and scheme.",
			Note: "the same for one proxy in front of the gateway"},
		{Name: "forwarded-for-header", Syntax: "header name", Default: "X-Forwarded-For", Class: finding.Exact,
			Doc: "Header that carries the client's address.", Note: "the address is taken from this header"},
		{Name: "forwarded-host-header", Syntax: "header name", Default: "X-Forwarded-Host", Class: finding.Manual,
			Doc: "Header that carries the client's Host.", Note: "the gateway reads X-Forwarded-Host; let the proxy in front send that"},
		{Name: "compute-full-forwarded-for", Syntax: "true | false", Default: "false", Check: boolean, Class: finding.Exact,
			Doc: "Appends the peer to X-Forwarded-For instead of replacing it.", Note: "the gateway appends the peer, without a space behind the comma"},
	},
}
