package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// Bandwidth limits the speed of each response. nginx does so only while proxy-buffering is on.
var Bandwidth = annotations.Feature{
	Name: "bandwidth",
	Keys: []annotations.Key{
		{
			Name: "limit-rate", Syntax: "KiB per second, 0 = off", Default: "0", Setting: "limit-rate", Scope: "location", Risk: "Low", Check: integer, Class: finding.Exact,
			Doc:  "Speed of each response. It acts only while proxy-buffering is on.",
			Note: "the same limit for each response of the route",
		},
		{
			Name: "limit-rate-after", Syntax: "KiB", Default: "0", Setting: "limit-rate-after", Scope: "location", Risk: "Low", Check: integer, Class: finding.Approximate,
			Doc: "Beginning of a response that is sent at full speed.", Note: "not translated; the limit holds from the first byte, which is stricter",
		},
	},
	Route: bandwidth,
}

// bandwidth fills Rule.Bandwidth. nginx sets the speed of a response back while it does not buffer it, and it never buffers
// gRPC.
func bandwidth(r *annotations.Route) {
	n := r.Int("limit-rate")
	if n <= 0 {
		r.Noop("limit-rate", "there is no limit below 1")
		r.Noop("limit-rate-after", "limit-rate is off")
		return
	}
	why := ""
	if f, ok := r.Model.Action.(model.Forward); !ok {
		why = "no backend answers here"
	} else if f.Backend.Protocol == model.GRPC || f.Backend.Protocol == model.GRPCS {
		why = "nginx does not limit gRPC"
	} else if r.Text("proxy-buffering") != "on" {
		why = "proxy-buffering is off, without which nginx does not limit"
	}
	if why != "" {
		r.Noop("limit-rate", why)
		r.Noop("limit-rate-after", why)
		return
	}
	r.Exact("limit-rate", "the same limit for each response of the route")
	if r.Int("limit-rate-after") <= 0 {
		r.Noop("limit-rate-after", "the limit holds from the first byte")
	}
	r.Model.Bandwidth = &model.Bandwidth{KiBPerSecond: n, Origin: r.Origin("limit-rate")}
}
