package istio

import (
	accesslogv3 "github.com/envoyproxy/go-control-plane/envoy/config/accesslog/v3"
	celv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/access_loggers/filters/cel/v3"
	hcmv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// gatewayStatuses answers as the controller for failed backends: 504 for a connect that timed out, 502 for the rest. A
// Service without endpoints stays 503.
func gatewayStatuses(e *emitter) {
	if !e.edge.Global.GatewayStatuses || !e.defaults() {
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
