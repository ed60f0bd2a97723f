package istio

import (
	"strings"

	mutationv3 "github.com/envoyproxy/go-control-plane/envoy/config/common/mutation_rules/v3"
	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	faultv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/fault/v3"
	hmv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/header_mutation/v3"
	routerv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/router/v3"
	codecv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/upstream_codec/v3"
	hcmv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	matcherv3 "github.com/envoyproxy/go-control-plane/envoy/type/matcher/v3"
	typev3 "github.com/envoyproxy/go-control-plane/envoy/type/v3"

	"github.com/ingress2gw/ingress2gw/reports/finding"
)

const filterMethods = "i2g.methods"

// requests refuses what nginx refuses of every request, lets pass what it lets pass, and says once what the proxy reads in
// another way.
func requests(e *emitter) {
	if len(e.edge.Hosts) == 0 {
		return
	}
	e.findings.Report(finding.RequestsDiffer, finding.Origin{Field: "requests"}, e.readDifferently())
	if !e.defaults() {
		return
	}
	e.filters.use(httpFilter{name: filterMethods, object: objGlobal, first: true, order: 4, on: true, config: refuseTrace()})
	if e.can(26) {
		e.filters.mergeHCM(&hcmv3.HttpConnectionManager{HttpProtocolOptions: &corev3.Http1ProtocolOptions{
			IgnoreHttp_11Upgrade: []*matcherv3.StringMatcher{{MatchPattern: &matcherv3.StringMatcher_SafeRegex{
				SafeRegex: &matcherv3.RegexMatcher{Regex: "(?i)" + otherThan("websocket")},
			}}},
		}})
	}
	e.filters.addTo(objGlobal, withoutProxyHeaders())
}

// readDifferently lists what no setting of the proxy changes.
func (e *emitter) readDifferently() string {
	out := []string{
		"a path that climbs above / is cut there, where the controller answers 400, and a backslash counts as a slash",
		"bytes beyond ASCII that are not percent-encoded, and a #, are answered 400, and a target that begins with https:// on plain HTTP 403, where the controller serves both",
		"the host of a target that begins with http:// also becomes the Host that backends get",
	}
	if e.defaults() && e.can(26) {
		out = append(out, "Upgrade reaches backends for WebSockets only")
	} else {
		out = append(out, "other upgrades than WebSockets are answered 403")
	}
	if g := &e.edge.Global; e.sendsHSTS() && len(g.BlockAgents)+len(g.BlockReferers) > 0 {
		out = append(out, "refusals of block-user-agents and block-referers have Strict-Transport-Security over TLS")
	}
	out = append(out, "a body that is too large is refused only where a backend would get it, not in front of redirects and 404")
	return strings.Join(append(out, "requests whose path is rewritten have the old one in X-Envoy-Original-Path, from which Istio's access log takes it"), "; ")
}

// refuseTrace answers 405 to TRACE, whatever the host and path.
func refuseTrace() *faultv3.HTTPFault {
	return &faultv3.HTTPFault{
		Headers: []*routev3.HeaderMatcher{{Name: ":method", HeaderMatchSpecifier: &routev3.HeaderMatcher_StringMatch{
			StringMatch: &matcherv3.StringMatcher{MatchPattern: &matcherv3.StringMatcher_Exact{Exact: "TRACE"}},
		}}},
		Abort: &faultv3.FaultAbort{
			ErrorType:  &faultv3.FaultAbort_HttpStatus{HttpStatus: 405},
			Percentage: &typev3.FractionalPercent{Numerator: 100},
		},
	}
}

// otherThan is a pattern of all texts but one: the proxy's patterns have no negation.
func otherThan(word string) string {
	last := len(word) - 1
	out := "(?:[^" + word[last:] + "].*|" + word[last:] + ".+)"
	for i := last - 1; i >= 0; i-- {
		out = "(?:[^" + word[i:i+1] + "].*|" + word[i:i+1] + out + "?)"
	}
	return out
}

// withoutProxyHeaders takes what the proxy's router adds for backends away again, on its way out: the router adds it behind
// all other filters. X-Envoy-Original-Path stays, because the request that is logged and traced is the same: Istio's access log
// takes the path from it.
func withoutProxyHeaders() *envoyPatch {
	var ms []*mutationv3.HeaderMutation
	for _, name := range []string{"x-envoy-original-host", "x-envoy-expected-rq-timeout-ms"} {
		ms = append(ms, remove(name))
	}
	filter := func(name string, config *hcmv3.HttpFilter_TypedConfig) *hcmv3.HttpFilter {
		return &hcmv3.HttpFilter{Name: name, ConfigType: config}
	}
	return &envoyPatch{applyTo: "HTTP_FILTER", match: matchHCM("envoy.filters.http.router"), operation: "MERGE", value: filter("envoy.filters.http.router",
		&hcmv3.HttpFilter_TypedConfig{TypedConfig: pack(&routerv3.Router{UpstreamHttpFilters: []*hcmv3.HttpFilter{
			filter("i2g.sent-headers", &hcmv3.HttpFilter_TypedConfig{TypedConfig: pack(&hmv3.HeaderMutation{Mutations: &hmv3.Mutations{RequestMutations: ms}})}),
			filter("envoy.filters.http.upstream_codec", &hcmv3.HttpFilter_TypedConfig{TypedConfig: pack(&codecv3.UpstreamCodec{})}),
		}})})}
}
