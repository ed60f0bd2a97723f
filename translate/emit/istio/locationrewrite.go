package istio

import (
	"regexp"
	"strings"

	mutationv3 "github.com/envoyproxy/go-control-plane/envoy/config/common/mutation_rules/v3"
	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	hmv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/header_mutation/v3"
	h2mv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/header_to_metadata/v3"

	"github.com/ingress2gw/ingress2gw/translate/model"
)

// The two filters that rewrite Location and Refresh. Responses pass the second first: it copies the rewritten value into the
// metadata of the request, from where the first takes it.
const (
	filterLocationSet = "i2g.location-set"
	filterLocationMap = "i2g.location-map"
	metadataLocation  = metadataNamespace + ".location"
)

// locationRewrite replaces the beginning of Location and Refresh of backend answers.
func locationRewrite(e *emitter, _ *model.Host, r *model.Rule, xs []*entry) []*entry {
	l := r.LocationRewrite
	if l == nil || e.withoutEnvoyFilter(l.Origin, "Location and Refresh stay as the backend sends them") {
		return xs
	}
	from, to := regexp.QuoteMeta(l.From), strings.ReplaceAll(l.To, `\`, `\\`)
	rules := &h2mv3.Config{ResponseRules: []*h2mv3.Config_Rule{
		locationRule("location", "^"+from, to),
		locationRule("refresh", `(?i)^([^;]*;\s*url=)(?-i:`+from+`)`, `\1`+to),
	}}
	for _, x := range xs {
		if x.answer {
			continue
		}
		e.filters.use(httpFilter{name: filterLocationSet, object: objRewrite, order: 1, config: &hmv3.HeaderMutation{Mutations: &hmv3.Mutations{
			ResponseMutations: []*mutationv3.HeaderMutation{locationFromMetadata("location"), locationFromMetadata("refresh")},
		}}})
		e.filters.use(httpFilter{name: filterLocationMap, object: objRewrite, order: 2, config: &h2mv3.Config{}})
		x.patch.filter(filterLocationSet, &routev3.FilterConfig{Config: pack(&hmv3.HeaderMutationPerRoute{Mutations: &hmv3.Mutations{}})})
		x.patch.filter(filterLocationMap, rules)
		x.patch.label("location-" + hashOf(rules))
	}
	return xs
}

func locationFromMetadata(header string) *mutationv3.HeaderMutation {
	return setIfPresent(header, "%DYNAMIC_METADATA("+metadataLocation+":"+header+")%")
}

func locationRule(header, pattern, substitution string) *h2mv3.Config_Rule {
	return &h2mv3.Config_Rule{Header: header, OnHeaderPresent: &h2mv3.Config_KeyValuePair{
		MetadataNamespace: metadataLocation, Key: header, Type: h2mv3.Config_STRING, RegexValueRewrite: rewriteByRegex(pattern, substitution),
	}}
}
