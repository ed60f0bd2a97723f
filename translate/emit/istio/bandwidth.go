package istio

import (
	faultv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/common/fault/v3"
	httpfaultv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/fault/v3"
	typev3 "github.com/envoyproxy/go-control-plane/envoy/type/v3"

	"github.com/ingress2gw/ingress2gw/translate/model"
)

// filterBandwidth is a fault filter of its own: Istio's belongs to the guard.
const filterBandwidth = "i2g.bandwidth"

// bandwidth slows responses, each by itself. WebSockets are not limited, as on the source.
func bandwidth(e *emitter, _ *model.Host, r *model.Rule, xs []*entry) []*entry {
	b := r.Bandwidth
	if b == nil || e.withoutEnvoyFilter(b.Origin, "responses are sent at full speed") {
		return xs
	}
	for _, x := range xs {
		if x.answer {
			continue
		}
		e.filters.use(httpFilter{name: filterBandwidth, object: objBandwidth, config: &httpfaultv3.HTTPFault{}})
		x.patch.label("rate-" + itoa(b.KiBPerSecond))
		x.patch.plainFilter(filterBandwidth, &httpfaultv3.HTTPFault{ResponseRateLimit: &faultv3.FaultRateLimit{
			LimitType:  &faultv3.FaultRateLimit_FixedLimit_{FixedLimit: &faultv3.FaultRateLimit_FixedLimit{LimitKbps: uint64(b.KiBPerSecond)}},
			Percentage: &typev3.FractionalPercent{Numerator: 100},
		}})
	}
	return xs
}
