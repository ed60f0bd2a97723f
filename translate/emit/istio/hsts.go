package istio

import (
	mutationv3 "github.com/envoyproxy/go-control-plane/envoy/config/common/mutation_rules/v3"
	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	hmv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/header_mutation/v3"
	hcmv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	"google.golang.org/protobuf/types/known/anypb"
)

// headerHSTS is written in lower case everywhere: VirtualServices and EnvoyFilters may meet in one message.
const headerHSTS = "strict-transport-security"

// hsts adds Strict-Transport-Security to every answer over TLS, in place of the backend's. Pages of an error service have
// theirs, so that the filter stands behind the one that asks for them.
func hsts(e *emitter) {
	h := e.edge.Global.HSTS
	if !e.sendsHSTS() {
		return
	}
	e.filters.use(httpFilter{name: filterHSTS, object: objAnswers, first: true, on: true, config: &hmv3.HeaderMutation{}})
	e.filters.addTo(objAnswers, routeConfiguration(e.opts.Gateway.HTTPSPort, &routev3.RouteConfiguration{
		TypedPerFilterConfig: map[string]*anypb.Any{filterHSTS: pack(&hmv3.HeaderMutationPerRoute{Mutations: &hmv3.Mutations{
			ResponseMutations: []*mutationv3.HeaderMutation{set(headerHSTS, escape(h.Value))},
		}})},
	}))
	// What no route answers has no settings of routes either.
	e.filters.mergeHCM(&hcmv3.HttpConnectionManager{LocalReplyConfig: &hcmv3.LocalReplyConfig{Mappers: []*hcmv3.ResponseMapper{{
		Filter:       allFilters(responseFlags("NR"), celFilter("connection.tls_version.startsWith('TLS')")),
		HeadersToAdd: []*corev3.HeaderValueOption{headerValue(headerHSTS, escape(h.Value))},
	}}}})
}
