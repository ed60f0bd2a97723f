package istio

import (
	"slices"

	mutationv3 "github.com/envoyproxy/go-control-plane/envoy/config/common/mutation_rules/v3"
	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	hmv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/header_mutation/v3"

	"github.com/ingress2gw/ingress2gw/translate/model"
)

// sendsHSTS tells whether a filter adds Strict-Transport-Security.
func (e *emitter) sendsHSTS() bool { return e.edge.Global.HSTS != nil && e.wants("HSTS", "") }

// withoutHSTS keeps the filter away from answers that the source gives before it looks at the paths of a host: only its
// locations have the header.
func (e *emitter) withoutHSTS(xs ...*entry) {
	if !e.sendsHSTS() {
		return
	}
	for _, x := range xs {
		if !x.answer || x.cond.port == e.opts.Gateway.HTTPPort {
			continue
		}
		x.patch.filter(filterHSTS, &routev3.FilterConfig{Disabled: true})
		if x.name != "" {
			x.name += "-without-hsts"
		} else {
			x.patch.label("without-hsts")
		}
	}
}

// filterSignInHSTS adds Strict-Transport-Security where a redirect to a sign-in page may be the answer.
const filterSignInHSTS = "i2g.hsts-signin"

// signInHSTS keeps the header from the redirect to a sign-in page, which is a location of its own on the source. A redirect of
// the backend has it. (Both are known only when the answer is there.)
func (e *emitter) signInHSTS(x *entry) {
	if !e.sendsHSTS() || !e.can(26) {
		return
	}
	value := "%CEL(has(connection.tls_version) && (response.code != 302 || response.code_details == 'via_upstream') ? '" + e.edge.Global.HSTS.Value + "' : '')%"
	e.filters.use(httpFilter{name: filterSignInHSTS, object: objAnswers, first: true, config: &hmv3.HeaderMutation{Mutations: &hmv3.Mutations{
		ResponseMutations: []*mutationv3.HeaderMutation{set(headerHSTS, value)},
	}}})
	x.patch.filter(filterHSTS, &routev3.FilterConfig{Disabled: true})
	x.patch.filter(filterSignInHSTS, &hmv3.HeaderMutationPerRoute{})
}

// beforeLocations tells whether a rule of a host answers before its paths count.
func beforeLocations(h *model.Host, r *model.Rule) bool { return slices.Contains(h.Before, r) }
