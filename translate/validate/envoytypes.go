package validate

import (
	"strings"

	xdsmatcher "github.com/cncf/xds/go/xds/type/matcher/v3"
	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	filev3 "github.com/envoyproxy/go-control-plane/envoy/extensions/access_loggers/file/v3"
	celfilterv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/access_loggers/filters/cel/v3"
	streamv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/access_loggers/stream/v3"
	aggregatev3 "github.com/envoyproxy/go-control-plane/envoy/extensions/clusters/aggregate/v3"
	brotliv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/compression/brotli/compressor/v3"
	gzipv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/compression/gzip/compressor/v3"
	gunzipv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/compression/gzip/decompressor/v3"
	bandwidthlimitv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/bandwidth_limit/v3"
	basicauthv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/basic_auth/v3"
	bufferv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/buffer/v3"
	compositev3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/composite/v3"
	compressorv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/compressor/v3"
	corsv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/cors/v3"
	csrfv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/csrf/v3"
	decompressorv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/decompressor/v3"
	extauthzv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/ext_authz/v3"
	faultv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/fault/v3"
	headermutationv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/header_mutation/v3"
	headertometadatav3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/header_to_metadata/v3"
	jwtauthnv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/jwt_authn/v3"
	localratelimitv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/local_ratelimit/v3"
	luav3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/lua/v3"
	ratelimitv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/ratelimit/v3"
	rbacv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/rbac/v3"
	routerv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/router/v3"
	setfilterstatev3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/set_filter_state/v3"
	statefulsessionv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/stateful_session/v3"
	upstreamcodecv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/upstream_codec/v3"
	proxyprotocolv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/listener/proxy_protocol/v3"
	tlsinspectorv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/listener/tls_inspector/v3"
	hcmv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	networkrbacv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/rbac/v3"
	tcpproxyv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/tcp_proxy/v3"
	celformatterv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/formatter/cel/v3"
	metadataformatterv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/formatter/metadata/v3"
	reqwithoutqueryv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/formatter/req_without_query/v3"
	earlymutationv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/http/early_header_mutation/header_mutation/v3"
	preservecasev3 "github.com/envoyproxy/go-control-plane/envoy/extensions/http/header_formatters/preserve_case/v3"
	customheaderv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/http/original_ip_detection/custom_header/v3"
	xffv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/http/original_ip_detection/xff/v3"
	sessioncookiev3 "github.com/envoyproxy/go-control-plane/envoy/extensions/http/stateful_session/cookie/v3"
	sessionheaderv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/http/stateful_session/header/v3"
	allowlistedroutesv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/internal_redirect/allow_listed_routes/v3"
	previousroutesv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/internal_redirect/previous_routes/v3"
	safecrossschemev3 "github.com/envoyproxy/go-control-plane/envoy/extensions/internal_redirect/safe_cross_scheme/v3"
	clusterprovidedv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/load_balancing_policies/cluster_provided/v3"
	leastrequestv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/load_balancing_policies/least_request/v3"
	maglevv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/load_balancing_policies/maglev/v3"
	overridehostv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/load_balancing_policies/override_host/v3"
	randomv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/load_balancing_policies/random/v3"
	ringhashv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/load_balancing_policies/ring_hash/v3"
	roundrobinv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/load_balancing_policies/round_robin/v3"
	networkinputsv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/matching/common_inputs/network/v3"
	ipmatcherv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/matching/input_matchers/ip/v3"
	runtimefractionv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/matching/input_matchers/runtime_fraction/v3"
	uuidv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/request_id/uuid/v3"
	previoushostsv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/retry/host/previous_hosts/v3"
	upstreamproxyprotocolv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/transport_sockets/proxy_protocol/v3"
	rawbufferv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/transport_sockets/raw_buffer/v3"
	tlsv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/transport_sockets/tls/v3"
	upstreamhttpv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/upstreams/http/v3"
	matcherv3 "github.com/envoyproxy/go-control-plane/envoy/type/matcher/v3"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// resolver knows the types that an @type may name: those that are compiled into Istio's proxy and that this program has a
// use for. What else happens to be linked into the program is unknown to it.
type resolver struct{ *protoregistry.Types }

const typePrefix = "type.googleapis.com/"

// FindMessageByURL implements the resolver of protojson.
func (r resolver) FindMessageByURL(url string) (protoreflect.MessageType, error) {
	name, ok := strings.CutPrefix(url, typePrefix)
	if !ok || !knownTypes[packageOf(name)] && !knownTypes[name] {
		return nil, protoregistry.NotFound
	}
	return r.FindMessageByName(protoreflect.FullName(name))
}

func packageOf(name string) string { return string(protoreflect.FullName(name).Parent()) }

// knownTypes holds packages of Envoy extensions, and single messages of the packages that hold much else.
var knownTypes = typeNames([]proto.Message{
	&filev3.FileAccessLog{},
	&streamv3.StdoutAccessLog{},
	&celfilterv3.ExpressionFilter{},
	&aggregatev3.ClusterConfig{},
	&gzipv3.Gzip{},
	&gunzipv3.Gzip{},
	&brotliv3.Brotli{},
	&bandwidthlimitv3.BandwidthLimit{},
	&basicauthv3.BasicAuth{},
	&bufferv3.Buffer{},
	&compositev3.Composite{},
	&compressorv3.Compressor{},
	&corsv3.Cors{},
	&csrfv3.CsrfPolicy{},
	&decompressorv3.Decompressor{},
	&extauthzv3.ExtAuthz{},
	&faultv3.HTTPFault{},
	&headermutationv3.HeaderMutation{},
	&headertometadatav3.Config{},
	&jwtauthnv3.JwtAuthentication{},
	&localratelimitv3.LocalRateLimit{},
	&luav3.Lua{},
	&ratelimitv3.RateLimit{},
	&rbacv3.RBAC{},
	&routerv3.Router{},
	&setfilterstatev3.Config{},
	&statefulsessionv3.StatefulSession{},
	&upstreamcodecv3.UpstreamCodec{},
	&proxyprotocolv3.ProxyProtocol{},
	&tlsinspectorv3.TlsInspector{},
	&hcmv3.HttpConnectionManager{},
	&networkrbacv3.RBAC{},
	&tcpproxyv3.TcpProxy{},
	&celformatterv3.Cel{},
	&metadataformatterv3.Metadata{},
	&reqwithoutqueryv3.ReqWithoutQuery{},
	&earlymutationv3.HeaderMutation{},
	&preservecasev3.PreserveCaseFormatterConfig{},
	&customheaderv3.CustomHeaderConfig{},
	&xffv3.XffConfig{},
	&sessioncookiev3.CookieBasedSessionState{},
	&sessionheaderv3.HeaderBasedSessionState{},
	&allowlistedroutesv3.AllowListedRoutesConfig{},
	&previousroutesv3.PreviousRoutesConfig{},
	&safecrossschemev3.SafeCrossSchemeConfig{},
	&clusterprovidedv3.ClusterProvided{},
	&leastrequestv3.LeastRequest{},
	&maglevv3.Maglev{},
	&overridehostv3.OverrideHost{},
	&randomv3.Random{},
	&ringhashv3.RingHash{},
	&roundrobinv3.RoundRobin{},
	&networkinputsv3.SourceIPInput{},
	&ipmatcherv3.Ip{},
	&runtimefractionv3.RuntimeFraction{},
	&uuidv3.UuidRequestIdConfig{},
	&previoushostsv3.PreviousHostsPredicate{},
	&upstreamproxyprotocolv3.ProxyProtocolUpstreamTransport{},
	&rawbufferv3.RawBuffer{},
	&tlsv3.UpstreamTlsContext{},
	&upstreamhttpv3.HttpProtocolOptions{},
	&matcherv3.HttpRequestHeaderMatchInput{},
}, []proto.Message{
	&routev3.FilterConfig{}, &wrapperspb.StringValue{}, &wrapperspb.BoolValue{}, &structpb.Struct{},
	&xdsmatcher.HttpAttributesCelMatchInput{}, &xdsmatcher.CelMatcher{}, &xdsmatcher.IPMatcher{},
})

func typeNames(packages, single []proto.Message) map[string]bool {
	names := make(map[string]bool, len(packages)+len(single))
	for _, m := range packages {
		names[packageOf(string(m.ProtoReflect().Descriptor().FullName()))] = true
	}
	for _, m := range single {
		names[string(m.ProtoReflect().Descriptor().FullName())] = true
	}
	return names
}
