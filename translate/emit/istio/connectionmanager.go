package istio

import (
	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	hcmv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	uuidv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/request_id/uuid/v3"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// hostless is the Host that HTTP/1.0 requests without one get, as nginx names its default server.
const hostless = "_"

// mostHeaders is how many headers a request may have, whatever their size.
const mostHeaders = 1000

// connectionManager sets what holds for every request: request ids, names and size of headers, HTTP/1.0, the Server header.
func connectionManager(e *emitter) {
	g := &e.edge.Global
	m := &hcmv3.HttpConnectionManager{}
	if e.wants("NoRequestID", "the gateway makes request ids of its own") {
		// A client's id is kept as it is; tracing would edit a digit of it.
		m.PreserveExternalRequestId = true
		m.RequestIdExtension = &hcmv3.RequestIDExtension{TypedConfig: pack(&uuidv3.UuidRequestIdConfig{PackTraceReason: wrapperspb.Bool(false)})}
		if g.NoRequestID {
			m.GenerateRequestId = wrapperspb.Bool(false)
		}
	}
	if e.wants("KeepServer", "the gateway sends its own Server header") {
		m.ServerHeaderTransformation = hcmv3.HttpConnectionManager_PASS_THROUGH
	}
	if g.DropUnderscores && e.wants("DropUnderscores", "request headers with underscores pass") {
		commonOptions(m).HeadersWithUnderscoresAction = corev3.HttpProtocolOptions_DROP_HEADER
	}
	if g.HTTP10 && e.defaults() {
		// Methods that no standard lists pass, too: Envoy answers 400 to them otherwise.
		m.HttpProtocolOptions = &corev3.Http1ProtocolOptions{AcceptHttp_10: true, DefaultHostForHttp_10: hostless, AllowCustomMethods: true}
	}
	if g.MaxHeaderKB > 0 && e.wants("MaxHeaderKB", "the gateway's own limit of 60 KiB holds for the head of a request") {
		m.MaxRequestHeadersKb = wrapperspb.UInt32(uint32(g.MaxHeaderKB))
		// nginx counts bytes only. A browser that speaks HTTP/2 sends a header for each cookie.
		commonOptions(m).MaxHeadersCount = wrapperspb.UInt32(mostHeaders)
	}
	if g.HeaderTimeout > 0 && e.wants("HeaderTimeout", "the gateway waits without end for the head of a request") {
		m.RequestHeadersTimeout = durationpb.New(g.HeaderTimeout)
	}
	if e.defaults() {
		m.StripTrailingHostDot = true
	}
	e.connections(m)
	if proto.Size(m) > 0 {
		e.filters.mergeHCM(m)
	}
}

// connections limits client connections, where the input says so.
func (e *emitter) connections(m *hcmv3.HttpConnectionManager) {
	g := &e.edge.Global
	if g.IdleTimeout > 0 && e.wants("IdleTimeout", "the gateway keeps idle connections for an hour") {
		commonOptions(m).IdleTimeout = durationpb.New(g.IdleTimeout)
	}
	if g.MaxRequests > 0 && e.wants("MaxRequests", "the gateway does not close connections after a number of requests") {
		commonOptions(m).MaxRequestsPerConnection = wrapperspb.UInt32(uint32(g.MaxRequests))
	}
	if g.MaxStreams > 0 && e.wants("MaxStreams", "the gateway's own limit of concurrent HTTP/2 requests holds") {
		m.Http2ProtocolOptions = &corev3.Http2ProtocolOptions{MaxConcurrentStreams: wrapperspb.UInt32(uint32(g.MaxStreams))}
	}
}

func commonOptions(m *hcmv3.HttpConnectionManager) *corev3.HttpProtocolOptions {
	if m.CommonHttpProtocolOptions == nil {
		m.CommonHttpProtocolOptions = &corev3.HttpProtocolOptions{}
	}
	return m.CommonHttpProtocolOptions
}
