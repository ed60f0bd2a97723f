package istio

import (
	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	typev3 "github.com/envoyproxy/go-control-plane/envoy/type/v3"

	"github.com/ingress2gw/ingress2gw/translate/model"
)

// tracing switches the spans of a rule's routes and names them.
func tracing(e *emitter, _ *model.Host, r *model.Rule, xs []*entry) []*entry {
	t := r.Tracing
	if t == nil || e.withoutEnvoyFilter(t.Origin, "spans of single routes are neither switched nor named") {
		return xs
	}
	for _, x := range xs {
		if x.answer {
			continue
		}
		if t.On != nil {
			share, word := uint32(0), "trace-off"
			if *t.On {
				share, word = 100, "trace-on"
			}
			x.patch.label(word)
			x.patch.base().Tracing = &routev3.Tracing{
				ClientSampling: percent(share), RandomSampling: percent(share), OverallSampling: percent(share),
			}
		}
		if t.Operation != "" {
			x.patch.label("span-" + t.Operation)
			x.patch.base().Decorator = &routev3.Decorator{Operation: t.Operation}
		}
	}
	return xs
}

func percent(n uint32) *typev3.FractionalPercent { return &typev3.FractionalPercent{Numerator: n} }
