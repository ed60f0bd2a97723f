package istio

import (
	"maps"
	"slices"

	mutationv3 "github.com/envoyproxy/go-control-plane/envoy/config/common/mutation_rules/v3"
	hmv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/header_mutation/v3"

	"github.com/ingress2gw/ingress2gw/translate/model"
)

// filterAnswers gives headers to answers of routes that lead to no backend.
const filterAnswers = "i2g.answers"

// answerHeaders gives the response headers of a rule that stands in place of a backend to the refusals of its checks, too. The
// proxy puts headers of a route on refusals only if the route leads to a backend.
func answerHeaders(e *emitter, _ *model.Host, _ *model.Rule, xs []*entry) []*entry {
	for _, x := range xs {
		ops := x.http.Headers.GetResponse()
		if !x.afterAccess || x.patch.empty() || ops == nil || e.opts.NoEnvoyFilter {
			continue
		}
		var ms []*mutationv3.HeaderMutation
		for _, name := range ops.Remove {
			ms = append(ms, remove(name))
		}
		for _, name := range slices.Sorted(maps.Keys(ops.Set)) {
			ms = append(ms, set(name, ops.Set[name]))
		}
		for _, name := range slices.Sorted(maps.Keys(ops.Add)) { // the route's own answer has it already
			ms = append(ms, setIfAbsent(name, ops.Add[name]))
		}
		per := &hmv3.HeaderMutationPerRoute{Mutations: &hmv3.Mutations{ResponseMutations: ms}}
		e.filters.use(httpFilter{name: filterAnswers, object: objAnswers, first: true, order: 1, config: &hmv3.HeaderMutation{}})
		x.patch.filter(filterAnswers, per)
		x.patch.label("answers-" + hashOf(per))
	}
	return xs
}
