package istio

import (
	accesslogv3 "github.com/envoyproxy/go-control-plane/envoy/config/accesslog/v3"
	mutationv3 "github.com/envoyproxy/go-control-plane/envoy/config/common/mutation_rules/v3"
	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	celv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/access_loggers/filters/cel/v3"
	hmv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/header_mutation/v3"
	hcmv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	earlyv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/http/early_header_mutation/header_mutation/v3"
	uuidv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/request_id/uuid/v3"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

const (
	filterGlobalHeaders  = "i2g.global-headers"
	filterHSTS           = "i2g.hsts"
	filterRequestHeaders = "i2g.request-headers"
)

// edgeWide tells whether the gateway-wide EnvoyFilters of the source's defaults are emitted; it says once if not.
func (e *emitter) edgeWide() bool {
	return !e.opts.NoEnvoyFilter && e.opts.Profile != emit.ProfileNative && len(e.edge.Hosts) > 0
}

func set(name, value string) *mutationv3.HeaderMutation {
	return &mutationv3.HeaderMutation{Action: &mutationv3.HeaderMutation_Append{Append: headerValue(name, value)}}
}

func headerValue(name, value string) *corev3.HeaderValueOption {
	return &corev3.HeaderValueOption{
		Header:       &corev3.HeaderValue{Key: name, Value: value},
		AppendAction: corev3.HeaderValueOption_OVERWRITE_IF_EXISTS_OR_ADD,
	}
}

func remove(name string) *mutationv3.HeaderMutation {
	return &mutationv3.HeaderMutation{Action: &mutationv3.HeaderMutation_Remove{Remove: name}}
}

// forwardedHeaders gives backends the headers that the controller gives them, and believes of the client's what it believes.
func forwardedHeaders(e *emitter) {
	if !e.edgeWide() {
		return
	}
	ms := []*mutationv3.HeaderMutation{set("x-real-ip", "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%")}
	if !e.edge.Global.Forwarded.Trust {
		ms = append(ms,
			set("x-forwarded-host", "%REQ(:AUTHORITY)%"),
			set("x-forwarded-port", "%CEL(request.scheme == 'https' ? '443' : '80')%"))
	}
	ms = append(ms,
		set("x-forwarded-scheme", "%REQ(X-FORWARDED-PROTO)%"),
		set("x-scheme", "%REQ(X-FORWARDED-PROTO)%"),
		remove("x-envoy-external-address"))
	e.filters.use(httpFilter{name: filterRequestHeaders, object: objGlobal, first: true, order: 3, on: true, config: &hmv3.HeaderMutation{Mutations: &hmv3.Mutations{
		RequestMutations:  ms,
		ResponseMutations: []*mutationv3.HeaderMutation{remove("x-envoy-upstream-service-time")},
	}}})
	early := []*mutationv3.HeaderMutation{remove("proxy")}
	if !e.edge.Global.Forwarded.Trust {
		early = append([]*mutationv3.HeaderMutation{
			remove("x-original-forwarded-for"),
			set("x-original-forwarded-for", "%REQ(X-FORWARDED-FOR)%"),
			remove("x-forwarded-for"),
		}, early...)
	}
	e.filters.mergeHCM(&hcmv3.HttpConnectionManager{EarlyHeaderMutationExtensions: []*corev3.TypedExtensionConfig{{
		Name:        "i2g.early",
		TypedConfig: pack(&earlyv3.HeaderMutation{Mutations: early}),
	}}})
}

// connectionManager sets what holds for every request: request ids, header names, the Server header.
func connectionManager(e *emitter) {
	if !e.edgeWide() {
		return
	}
	g := &e.edge.Global
	m := &hcmv3.HttpConnectionManager{
		PreserveExternalRequestId:  true,
		RequestIdExtension:         &hcmv3.RequestIDExtension{TypedConfig: pack(&uuidv3.UuidRequestIdConfig{PackTraceReason: wrapperspb.Bool(false)})},
		ServerHeaderTransformation: hcmv3.HttpConnectionManager_PASS_THROUGH,
	}
	if g.NoRequestID {
		m.GenerateRequestId = wrapperspb.Bool(false)
	}
	if g.DropUnderscores {
		m.CommonHttpProtocolOptions = &corev3.HttpProtocolOptions{HeadersWithUnderscoresAction: corev3.HttpProtocolOptions_DROP_HEADER}
	}
	if g.HTTP10 {
		m.HttpProtocolOptions = &corev3.Http1ProtocolOptions{AcceptHttp_10: true, DefaultHostForHttp_10: "_"}
	}
	m.StripTrailingHostDot = true
	if g.MaxHeaderKB > 0 {
		m.MaxRequestHeadersKb = wrapperspb.UInt32(uint32(g.MaxHeaderKB))
	}
	e.filters.mergeHCM(m)
}

// responseHeaderDefaults removes what the controller removes from every answer.
func responseHeaderDefaults(e *emitter) {
	if !e.edgeWide() {
		return
	}
	rc := &routev3.RouteConfiguration{
		ResponseHeadersToRemove: []string{"date", "x-accel-redirect", "x-accel-buffering", "x-accel-charset", "x-accel-expires", "x-accel-limit-rate", "x-pad"},
		RequestHeadersToRemove:  []string{"x-envoy-attempt-count", "x-envoy-decorator-operation"},
	}
	if !e.edge.Global.KeepServer {
		rc.ResponseHeadersToRemove = append(rc.ResponseHeadersToRemove, "server")
	}
	e.filters.addTo(objGlobal, routeConfiguration(0, rc))
}

// routeConfiguration merges into the route table of one port of the gateway's Service; 0 means all.
func routeConfiguration(port uint32, rc *routev3.RouteConfiguration) *envoyPatch {
	match := manifest.Map{{Key: "context", Value: "GATEWAY"}}
	if port != 0 {
		match = append(match, manifest.Field{Key: "routeConfiguration", Value: manifest.Map{{Key: "portNumber", Value: int(port)}}})
	}
	return &envoyPatch{applyTo: "ROUTE_CONFIGURATION", match: match, operation: "MERGE", value: rc}
}

// hsts adds Strict-Transport-Security to every answer over TLS.
func hsts(e *emitter) {
	h := e.edge.Global.HSTS
	if h == nil || !e.edgeWide() {
		return
	}
	e.filters.use(httpFilter{name: filterHSTS, object: objGlobal, first: true, order: 2, on: true, config: &hmv3.HeaderMutation{}})
	e.filters.addTo(objGlobal, routeConfiguration(e.opts.Gateway.HTTPSPort, &routev3.RouteConfiguration{
		TypedPerFilterConfig: map[string]*anypb.Any{filterHSTS: pack(&hmv3.HeaderMutationPerRoute{Mutations: &hmv3.Mutations{
			ResponseMutations: []*mutationv3.HeaderMutation{set("strict-transport-security", escape(h.Value))},
		}})},
	}))
}

// gatewayStatuses answers as the controller for failed backends: 504 for a connect that timed out, 502 for the rest. A
// Service without endpoints stays 503.
func gatewayStatuses(e *emitter) {
	if !e.edge.Global.GatewayStatuses || !e.edgeWide() {
		return
	}
	timedOut := &accesslogv3.AccessLogFilter{FilterSpecifier: &accesslogv3.AccessLogFilter_AndFilter{AndFilter: &accesslogv3.AndFilter{Filters: []*accesslogv3.AccessLogFilter{
		responseFlags("UF"), celFilter("response.code_details.contains('connection_timeout')"),
	}}}}
	e.filters.mergeHCM(&hcmv3.HttpConnectionManager{LocalReplyConfig: &hcmv3.LocalReplyConfig{Mappers: []*hcmv3.ResponseMapper{
		{StatusCode: wrapperspb.UInt32(504), Filter: timedOut},
		{StatusCode: wrapperspb.UInt32(502), Filter: responseFlags("UF", "UC", "UR", "UPE")},
	}}})
}

func responseFlags(flags ...string) *accesslogv3.AccessLogFilter {
	return &accesslogv3.AccessLogFilter{FilterSpecifier: &accesslogv3.AccessLogFilter_ResponseFlagFilter{ResponseFlagFilter: &accesslogv3.ResponseFlagFilter{Flags: flags}}}
}

func celFilter(expression string) *accesslogv3.AccessLogFilter {
	return &accesslogv3.AccessLogFilter{FilterSpecifier: &accesslogv3.AccessLogFilter_ExtensionFilter{ExtensionFilter: &accesslogv3.ExtensionFilter{
		Name:       "envoy.access_loggers.extension_filters.cel",
		ConfigType: &accesslogv3.ExtensionFilter_TypedConfig{TypedConfig: pack(&celv3.ExpressionFilter{Expression: expression})},
	}}}
}

// reportEdgeWide says what is lost when the gateway-wide defaults are not emitted.
func reportEdgeWide(e *emitter) {
	if len(e.edge.Hosts) == 0 {
		return
	}
	lost := "the gateway's own defaults hold for body limits, forwarded headers, HSTS, the Server header and the statuses of failed backends"
	switch {
	case e.opts.NoEnvoyFilter:
		e.findings.Report(finding.NoEnvoyFilter, finding.Origin{Field: "--no-envoyfilter"}, "the controller's defaults", lost)
	case e.opts.Profile == emit.ProfileNative:
		e.findings.Report(finding.DefaultDiffers, finding.Origin{Field: "--profile native"}, lost)
	}
}
