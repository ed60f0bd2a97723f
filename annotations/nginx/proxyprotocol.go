package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// ProxyProtocol takes the client's address from the PROXY protocol of a load balancer.
var ProxyProtocol = annotations.Feature{
	Name: "proxy-protocol",
	Settings: []annotations.Setting{
		{Name: "use-proxy-protocol", Syntax: "true | false", Default: "false", Check: boolean, Class: finding.Approximate,
			Doc:  "Every connection must begin with the PROXY protocol, whose address counts as the client's.",
			Note: "the gateway must be told the same by its pod annotation or the mesh configuration (gatewayTopology.proxyProtocol), and it must be restarted then"},
		{Name: "proxy-protocol-header-timeout", Syntax: "duration", Default: "5s", Check: duration, Class: finding.Noop,
			Doc: "Longest wait for the PROXY protocol with TLS passthrough.", Note: "Envoy has a timeout of its own"},
		{Name: "forwarded-for-proxy-protocol-header", Syntax: "header name", Default: "X-Forwarded-For-Proxy-Protocol", Class: finding.Noop,
			Doc: "Internal header between the controller's listeners.", Note: "internal to the controller"},
	},
	Edge: proxyProtocol,
}

// proxyProtocol fills Global.ProxyProtocol.
func proxyProtocol(e *annotations.Edge) {
	e.Model.Global.ProxyProtocol = e.SettingBool("use-proxy-protocol")
	state(e, "ProxyProtocol", "use-proxy-protocol")
}
