package istio

import (
	"fmt"
	"math"

	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	bufferv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/buffer/v3"
	faultv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/fault/v3"
	typev3 "github.com/envoyproxy/go-control-plane/envoy/type/v3"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

const (
	filterLength = "i2g.length"
	filterBuffer = "i2g.buffer"
)

// body limits request bodies: a declared length is refused by a fault filter on Content-Length, which buffers nothing; a
// body without one by the buffer filter, which also gives it a length. The buffer filter hangs WebSocket upgrades, so those
// get routes of their own without it. (Measured on Envoy 1.40.)
func body(e *emitter, _ *model.Host, r *model.Rule, xs []*entry) []*entry {
	b := r.Body
	if b == nil || b.Max <= 0 || e.opts.Profile == emit.ProfileNative && !b.Stated {
		return xs
	}
	if e.opts.NoEnvoyFilter {
		if b.Stated {
			e.withoutEnvoyFilter(b.Origin, "request bodies are not limited")
		}
		return xs
	}
	grpc := false
	if f, ok := r.Action.(model.Forward); ok {
		grpc = f.Backend.Protocol == model.GRPC || f.Backend.Protocol == model.GRPCS
	}
	small := b.Max <= min(e.opts.BodyBuffer, math.MaxUint32)
	buffer := b.Buffer && small && !grpc
	if b.Buffer && !small && !grpc && b.Stated {
		e.findings.Report(finding.CornerCase, b.Origin, cornerName(b.Origin),
			"bodies without a declared length are neither limited nor collected, because the limit is above the "+sizeWord(e.opts.BodyBuffer)+" that the gateway keeps in memory")
	}
	for _, x := range xs {
		if !x.answer {
			var key [64]byte
			if buffer {
				e.step(x, stepKey(key[:0], "body", b.Max), func() { e.collectBody(x, b.Max) })
			} else {
				e.step(x, stepKey(key[:0], "length", b.Max), func() { e.limitLength(x, b.Max, ".stream") })
			}
		}
	}
	return xs
}

// limitLength refuses requests that say that their body is larger.
func (e *emitter) limitLength(x *entry, most int64, kind string) {
	e.filters.use(httpFilter{name: filterLength, object: objLength, first: true, config: &faultv3.HTTPFault{}})
	x.patch.filter(filterLength, lengthLimit(most))
	x.patch.label("body-" + sizeWord(most) + kind)
}

// collectBody limits bodies without a length, too.
func (e *emitter) collectBody(x *entry, most int64) {
	e.limitLength(x, most, "")
	e.filters.use(httpFilter{name: filterBuffer, object: objBuffer, config: &bufferv3.Buffer{MaxRequestBytes: wrapperspb.UInt32(1 << 20)}})
	x.patch.plainFilter(filterBuffer, &bufferv3.BufferPerRoute{Override: &bufferv3.BufferPerRoute_Buffer{
		Buffer: &bufferv3.Buffer{MaxRequestBytes: wrapperspb.UInt32(uint32(min(most, math.MaxUint32)))},
	}})
}

// lengthLimit answers 413 to a declared length above most.
func lengthLimit(most int64) *faultv3.HTTPFault {
	return &faultv3.HTTPFault{
		Headers: []*routev3.HeaderMatcher{{Name: "content-length", HeaderMatchSpecifier: &routev3.HeaderMatcher_RangeMatch{
			RangeMatch: &typev3.Int64Range{Start: most + 1, End: math.MaxInt64},
		}}},
		Abort: &faultv3.FaultAbort{
			ErrorType:  &faultv3.FaultAbort_HttpStatus{HttpStatus: 413},
			Percentage: &typev3.FractionalPercent{Numerator: 100},
		},
	}
}

// sizeWord is a size as people write it: 1m, 512k, 100.
func sizeWord(n int64) string {
	switch {
	case n%(1<<30) == 0:
		return fmt.Sprintf("%dg", n>>30)
	case n%(1<<20) == 0:
		return fmt.Sprintf("%dm", n>>20)
	case n%(1<<10) == 0:
		return fmt.Sprintf("%dk", n>>10)
	}
	return fmt.Sprint(n)
}
