package istio

import (
	mutationv3 "github.com/envoyproxy/go-control-plane/envoy/config/common/mutation_rules/v3"
	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	hmv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/header_mutation/v3"
	hcmv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	earlyv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/http/early_header_mutation/header_mutation/v3"
	matcherv3 "github.com/envoyproxy/go-control-plane/envoy/type/matcher/v3"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// dialledPort is 443 for requests by TLS. The scheme would be what a client of HTTP/2 or a proxy in front says, the local port
// is the pod's.
const dialledPort = "%CEL(has(connection.tls_version) ? '443' : '80')%"

const clientAddress = "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%"

// forwardedHeaders gives backends the headers that the controller gives them, and believes of the client's what it believes.
// What decides the client's address happens before Envoy looks at it (early mutation), the rest in the outermost filter.
func forwardedHeaders(e *emitter) {
	g := &e.edge.Global
	var ms, responses []*mutationv3.HeaderMutation
	if g.DropInvalidHeaders && e.wants("DropInvalidHeaders", "request headers with unusual names pass") {
		ms = append(ms, e.invalidNames()...)
	}
	if e.wants("Forwarded", "the gateway believes no forwarded header; set numTrustedProxies in the mesh configuration") {
		e.filters.mergeHCM(earlyHeaders(&g.Forwarded))
		ms = append(ms, e.forwardedMutations(&g.Forwarded)...)
		responses = append(responses, remove("x-envoy-upstream-service-time"))
	}
	if g.OriginalURI && e.wants("OriginalURI", "") {
		ms = append(ms, set(headerOriginalURI, "%REQ(:PATH)%"))
	}
	if len(ms) > 0 {
		e.filters.use(httpFilter{name: filterRequestHeaders, object: objGlobal, first: true, order: 3, on: true, config: &hmv3.HeaderMutation{
			Mutations: &hmv3.Mutations{RequestMutations: ms, ResponseMutations: responses},
		}})
	}
	if g.ProxyProtocol && len(e.edge.Hosts) > 0 {
		e.findings.Report(finding.MeshConfigNeeded, g.Origins["ProxyProtocol"],
			`gatewayTopology: {proxyProtocol: {}} for the gateway (annotation proxy.istio.io/config of its pods), because clients come by the PROXY protocol`)
	}
}

const headerOriginalURI = "x-original-uri"

// earlyHeaders decides what Envoy takes for the client's address. The headers that backends get instead are made from what
// is left.
func earlyHeaders(f *model.Forwarded) *hcmv3.HttpConnectionManager {
	from := f.Header
	if from == "" {
		from = "x-forwarded-for"
	}
	ms := []*mutationv3.HeaderMutation{remove("x-original-forwarded-for"), set("x-original-forwarded-for", "%REQ("+from+")%")}
	m := &hcmv3.HttpConnectionManager{}
	switch {
	case !f.Trust:
		ms = append(ms, remove("x-forwarded-for"))
	case f.Header != "":
		ms = append(ms, remove("x-forwarded-for"), set("x-forwarded-for", "%REQ("+f.Header+")%"))
	}
	if f.Trust {
		m.XffNumTrustedHops = 1
	}
	if f.RealOnly && f.Trust {
		ms = append(ms, remove("x-forwarded-proto"))
	}
	m.EarlyHeaderMutationExtensions = []*corev3.TypedExtensionConfig{{
		Name: "i2g.early", TypedConfig: pack(&earlyv3.HeaderMutation{Mutations: append(ms, remove("proxy"))}),
	}}
	return m
}

// forwardedMutations are the headers that backends get of the client. They are applied in order.
func (e *emitter) forwardedMutations(f *model.Forwarded) []*mutationv3.HeaderMutation {
	host := f.HostHeader
	if host == "" {
		host = "x-forwarded-host"
	}
	ms := []*mutationv3.HeaderMutation{
		set("x-real-ip", clientAddress),
		remove("x-original-forwarded-host"), set("x-original-forwarded-host", "%REQ("+host+")%"),
	}
	if f.Trust && !f.Append {
		ms = append(ms, set("x-forwarded-for", clientAddress))
	}
	believed := f.Trust && !f.RealOnly
	if believed && e.can(26) { // of a list the first counts
		ms = append(ms, setIfPresent("x-forwarded-host", `%CEL(re.extract(request.headers['x-forwarded-host'], '^([^,]*),.*$', '\\1'))%`))
	}
	how := set
	if believed {
		how = setIfAbsent
	}
	ms = append(ms, how("x-forwarded-host", "%REQ(:AUTHORITY)%"))
	switch {
	case e.can(26):
		ms = append(ms, how("x-forwarded-port", dialledPort))
	case !believed:
		e.portHeaders()
	}
	return append(ms, set("x-forwarded-scheme", "%REQ(X-FORWARDED-PROTO)%"), set("x-scheme", "%REQ(X-FORWARDED-PROTO)%"), remove("x-envoy-external-address"))
}

// portHeaders says the port where Envoy cannot compute it: CEL in headers is there from Istio 1.26.
func (e *emitter) portHeaders() {
	for _, p := range []struct {
		number uint32
		text   string
	}{{e.opts.Gateway.HTTPPort, "80"}, {e.opts.Gateway.HTTPSPort, "443"}} {
		e.filters.addTo(objGlobal, routeConfiguration(p.number, &routev3.RouteConfiguration{
			RequestHeadersToAdd: []*corev3.HeaderValueOption{headerValue("x-forwarded-port", p.text)},
		}))
	}
}

// invalidNames drops request headers whose names hold other characters than letters, digits and hyphens; underscores have a
// switch of their own. Pseudo headers are spared.
func (e *emitter) invalidNames() []*mutationv3.HeaderMutation {
	g := &e.edge.Global
	if !e.can(28) {
		if o, stated := g.Origins["DropInvalidHeaders"]; stated {
			e.findings.Report(finding.TooOld, o, o.Field, "1.28", "request headers with unusual names pass")
		}
		return nil
	}
	class := "A-Za-z0-9"
	if !g.DropUnderscores {
		class += "_"
	}
	return []*mutationv3.HeaderMutation{{Action: &mutationv3.HeaderMutation_RemoveOnMatch_{RemoveOnMatch: &mutationv3.HeaderMutation_RemoveOnMatch{
		KeyMatcher: &matcherv3.StringMatcher{MatchPattern: &matcherv3.StringMatcher_SafeRegex{
			SafeRegex: &matcherv3.RegexMatcher{Regex: "[^:].*[^" + class + "-].*|[^" + class + ":-].*"},
		}},
	}}}}
}

// forwardedHost lets the Host that a trusted proxy says reach the backend. Routes are chosen by the Host header all the same.
func forwardedHost(e *emitter, _ *model.Host, r *model.Rule, xs []*entry) []*entry {
	f := &e.edge.Global.Forwarded
	if !f.Trust || f.RealOnly || e.opts.NoEnvoyFilter || r.UpstreamHost != nil {
		return xs
	}
	for _, x := range xs {
		if !x.answer {
			x.patch.action().HostRewriteSpecifier = &routev3.RouteAction_HostRewriteHeader{HostRewriteHeader: "x-forwarded-host"}
			x.patch.label("forwarded-host")
		}
	}
	return xs
}
