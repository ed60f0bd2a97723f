package istio

import (
	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// Filters that act on every route of the gateway.
const (
	filterGlobalHeaders  = "i2g.global-headers"
	filterHSTS           = "i2g.hsts"
	filterRequestHeaders = "i2g.request-headers"
)

// defaults tells whether the source's own defaults are carried over as EnvoyFilters of the whole gateway.
func (e *emitter) defaults() bool {
	return e.opts.Profile != emit.ProfileNative && !e.opts.NoEnvoyFilter && len(e.edge.Hosts) > 0
}

// wants tells whether a field of model.Global is expressed as an EnvoyFilter: it is stated, or the source's defaults count.
// Stated ones that are lost without EnvoyFilter are reported.
func (e *emitter) wants(field, lost string) bool {
	o, stated := e.edge.Global.Origins[field]
	switch {
	case len(e.edge.Hosts) == 0:
		return false
	case stated && lost != "" && e.withoutEnvoyFilter(o, lost):
		return false
	case e.opts.NoEnvoyFilter:
		return false
	}
	return stated || e.opts.Profile != emit.ProfileNative
}

// reportEdgeWide says what is lost when the gateway-wide defaults are not emitted.
func reportEdgeWide(e *emitter) {
	if len(e.edge.Hosts) == 0 {
		return
	}
	switch {
	case e.opts.NoEnvoyFilter:
		e.findings.Report(finding.NoEnvoyFilter, finding.Origin{Field: "--no-envoyfilter"}, "what the controller does by default",
			"the gateway's own hold for body limits, request ids, names of request headers, the Server, Date and X-Envoy- headers, TRACE, HTTP/1.0 and the statuses of failed backends")
	case e.opts.Profile == emit.ProfileNative:
		e.findings.Report(finding.DefaultDiffers, finding.Origin{Field: "--profile native"},
			"the gateway's own defaults hold for body limits, forwarded headers, request ids, HSTS, the Server, Date and X-Envoy- headers, TRACE, HTTP/1.0 and the statuses of failed backends")
	}
}

// routeConfiguration merges into the route table of one port of the gateway's Service; 0 means all.
func routeConfiguration(port uint32, rc *routev3.RouteConfiguration) *envoyPatch {
	match := manifest.Map{{Key: "context", Value: "GATEWAY"}}
	if port != 0 {
		match = append(match, manifest.Field{Key: "routeConfiguration", Value: manifest.Map{{Key: "portNumber", Value: int(port)}}})
	}
	return &envoyPatch{applyTo: "ROUTE_CONFIGURATION", match: match, operation: "MERGE", value: rc}
}
