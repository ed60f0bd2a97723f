package istio

import (
	"slices"

	mutationv3 "github.com/envoyproxy/go-control-plane/envoy/config/common/mutation_rules/v3"
	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	hmv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/header_mutation/v3"
)

// hiddenHeaders are response headers of backends that nginx keeps to itself. Envoy writes a Date of its own when there is none.
func hiddenHeaders() []string {
	return []string{"date", "x-accel-redirect", "x-accel-buffering", "x-accel-charset", "x-accel-expires", "x-accel-limit-rate", "x-pad"}
}

// proxyHeaders are request headers that Envoy adds for the backend, and the controller does not.
func proxyHeaders() []string {
	return []string{"x-envoy-attempt-count", "x-envoy-decorator-operation", "x-envoy-internal"}
}

// globalHeaders writes what is set and removed on every route, as one merge into the route tables. What a route says itself
// goes before it. Answers without a route get the added headers from a filter.
func globalHeaders(e *emitter) {
	g := &e.edge.Global
	rc := &routev3.RouteConfiguration{}
	if e.defaults() {
		rc.ResponseHeadersToRemove, rc.RequestHeadersToRemove = hiddenHeaders(), proxyHeaders()
	}
	if !g.KeepServer && e.wants("KeepServer", "") {
		rc.ResponseHeadersToRemove = append(rc.ResponseHeadersToRemove, "server")
	}
	if !e.opts.NoEnvoyFilter && len(e.edge.Hosts) > 0 {
		rc.ResponseHeadersToRemove = append(rc.ResponseHeadersToRemove, g.HideHeaders...)
		added, removed := e.headerValues(g.AddHeaders)
		rc.ResponseHeadersToAdd = added
		rc.ResponseHeadersToRemove = append(rc.ResponseHeadersToRemove, removed...)
		e.withoutRoute(added)
		sent, dropped := e.headerValues(g.RequestHeaders)
		rc.RequestHeadersToAdd = sent
		rc.RequestHeadersToRemove = append(rc.RequestHeadersToRemove, dropped...)
	}
	for _, op := range g.AddHeaders {
		e.withoutEnvoyFilter(op.Origin, "answers of the gateway itself to unknown hosts and paths go without these headers")
	}
	rc.ResponseHeadersToRemove, rc.RequestHeadersToRemove = once(rc.ResponseHeadersToRemove), once(rc.RequestHeadersToRemove)
	if len(rc.ResponseHeadersToRemove)+len(rc.RequestHeadersToRemove)+len(rc.ResponseHeadersToAdd)+len(rc.RequestHeadersToAdd) == 0 {
		return
	}
	rc.MostSpecificHeaderMutationsWins = true
	e.filters.addTo(objGlobal, routeConfiguration(0, rc))
}

// withoutRoute adds headers to the gateway's own answers where no route was found.
func (e *emitter) withoutRoute(added []*corev3.HeaderValueOption) {
	if len(added) == 0 {
		return
	}
	m := &hmv3.Mutations{}
	for _, h := range added {
		m.ResponseMutations = append(m.ResponseMutations, &mutationv3.HeaderMutation{Action: &mutationv3.HeaderMutation_Append{Append: &corev3.HeaderValueOption{
			Header: h.Header, AppendAction: corev3.HeaderValueOption_ADD_IF_ABSENT,
		}}})
	}
	e.filters.use(httpFilter{name: filterGlobalHeaders, object: objGlobal, first: true, order: 1, on: true, config: &hmv3.HeaderMutation{Mutations: m}})
}

// once drops repeated names, keeping their order.
func once(names []string) []string {
	var out []string
	for _, n := range names {
		if !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}
