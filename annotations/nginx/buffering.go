package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// Buffering tunes how nginx reads responses. Envoy streams with flow control, so nothing of it is needed.
var Buffering = annotations.Feature{
	Name: "buffering",
	Keys: []annotations.Key{
		{
			Name: "proxy-buffering", Syntax: "on | off", Default: "off", Setting: "proxy-buffering", Scope: "location", Risk: "Low", Check: onOff, Class: finding.Noop,
			Doc:  "Whether nginx reads a response ahead of the client. limit-rate acts only while it is on.",
			Note: "Envoy streams responses with flow control",
		},
		{
			Name: "proxy-buffer-size", Syntax: "size n[k|m]", Default: "4k", Setting: "proxy-buffer-size", Scope: "location", Risk: "Low", Check: size, Class: finding.Approximate,
			Doc:  "Buffer for the head of a response; a larger head gets 502.",
			Note: "the gateway accepts response heads of up to 80 KiB and 100 headers on every route",
		},
		{
			Name: "proxy-buffers-number", Syntax: "integer", Default: "4", Setting: "proxy-buffers-number", Scope: "location", Risk: "Low", Check: integer, Class: finding.Noop,
			Doc: "Number of response buffers.", Note: "Envoy streams responses with flow control",
		},
		{
			Name: "proxy-busy-buffers-size", Syntax: "size n[k|m]", Setting: "proxy-busy-buffers-size", Scope: "location", Risk: "Low", Check: size, Class: finding.Noop,
			Doc: "Response buffers that may be busy with sending.", Note: "Envoy streams responses with flow control",
		},
		{
			Name: "proxy-max-temp-file-size", Syntax: "size n[k|m|g]", Default: "1024m", Setting: "proxy-max-temp-file-size", Scope: "location", Risk: "Low", Check: size, Class: finding.Noop,
			Doc: "Largest temporary file of a response.", Note: "Envoy writes no temporary files",
		},
	},
	Settings: []annotations.Setting{
		{Name: "grpc-buffer-size-kb", Syntax: "integer", Default: "0", Check: integer, Class: finding.Noop,
			Doc: "Buffer for responses of gRPC backends.", Note: "Envoy streams responses with flow control"},
	},
	Route: buffering,
}

// buffering says where a response head may be larger than the gateway accepts.
func buffering(r *annotations.Route) {
	const most = 64 << 10 // the gateway accepts 80 KiB in all; some of it is for what stands around the backend's headers
	if !r.Stated("proxy-buffer-size") {
		return
	}
	if n, ok := bytesOf(r.Text("proxy-buffer-size")); ok && n > most {
		r.Approximate("proxy-buffer-size", "the gateway accepts response heads of up to 80 KiB and 100 headers; larger ones get 502")
	}
}
