package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// Streams are TCP and UDP ports from the ConfigMaps that these flags name. A value is namespace/service:port, for TCP with
// :PROXY once to accept and twice to send the PROXY protocol.
var Streams = annotations.Feature{
	Name: "streams",
	Settings: []annotations.Setting{
		{Name: "tcp-services-configmap", Flag: true, Syntax: "namespace/name", Class: finding.Exact, Doc: "ConfigMap with TCP ports.", Note: "TCP servers of a Gateway and routes by port; the gateway's Service needs the ports"},
		{Name: "udp-services-configmap", Flag: true, Syntax: "namespace/name", Class: finding.Manual, Doc: "ConfigMap with UDP ports.", Note: "Istio gateways do not carry UDP; publish these Services by a load balancer of their own"},
		{Name: "proxy-stream-timeout", Syntax: "time", Default: "600s", Class: finding.Approximate, Doc: "Idle time of a TCP connection.", Note: "an hour at the gateway; set connectionPool.tcp.idleTimeout in the DestinationRule for another"},
		{Name: "proxy-stream-next-upstream", Syntax: "true | false", Default: "true", Check: boolean, Class: finding.Approximate, Doc: "Tries another endpoint when one does not answer.", Note: streamRetries},
		{Name: "proxy-stream-next-upstream-timeout", Syntax: "time", Default: "600s", Class: finding.Approximate, Doc: "Time within which further tries may begin.", Note: streamRetries},
		{Name: "proxy-stream-next-upstream-tries", Syntax: "integer", Default: "3", Check: integer, Class: finding.Approximate, Doc: "Endpoints that are tried.", Note: streamRetries},
		{Name: "proxy-stream-responses", Syntax: "integer", Default: "1", Check: integer, Class: finding.Manual, Doc: "Datagrams that answer one UDP request.", Note: "Istio gateways do not carry UDP"},
	},
}

const streamRetries = "Envoy tries one endpoint for each TCP connection"
