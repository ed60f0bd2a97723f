package istio

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"

	mutationv3 "github.com/envoyproxy/go-control-plane/envoy/config/common/mutation_rules/v3"
	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	faultv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/fault/v3"
	hmv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/header_mutation/v3"
	matcherv3 "github.com/envoyproxy/go-control-plane/envoy/type/matcher/v3"
	typev3 "github.com/envoyproxy/go-control-plane/envoy/type/v3"
	networking "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

const (
	filterGuard = "i2g.guard"
	// filterFault is Istio's own fault filter, whose route settings the guard takes over.
	filterFault = "envoy.filters.http.fault"
	// headerChain tells routes which access filters are in the chain; it begins with the token of the installation.
	headerChain = "x-i2g-chain"
)

// The order of the access filters: those in front of Istio's own, and those before the router.
const (
	orderGuard = iota + 1
	orderBlock
	orderPathMetadata
	orderSignIn
	orderRealm
	orderIP
	orderBasic
	orderCookie
	orderAny
	orderExternal
	orderResponseHeaders
)

// guardToken is what proves that the announcement of the filters is the gateway's own. It is derived from the secret of the
// installation, so that any text will do for that.
func (e *emitter) guardToken() string {
	sum := sha256.Sum256([]byte("ingress2gw guard\x00" + e.opts.GuardToken))
	return hex.EncodeToString(sum[:16])
}

// guard makes a protected route answer 503 until all parts of its protection are in place. An EnvoyFilter that is missing
// or misspelt would leave the route open silently: so the VirtualService refuses everything, the route's patch lifts that,
// and only if the chain has announced the filters that the route needs. A route that reaches no backend needs no guard.
func (e *emitter) guard(x *entry) {
	if len(x.patch.guards) > 0 {
		e.access.protects = true
	}
	if e.opts.GuardToken == "" || x.answer || len(x.patch.guards) == 0 {
		return
	}
	if e.closedFault == nil {
		e.closedFault = &networking.HTTPFaultInjection{Abort: &networking.HTTPFaultInjection_Abort{
			ErrorType:  &networking.HTTPFaultInjection_Abort_HttpStatus{HttpStatus: 503},
			Percentage: &networking.Percent{Value: 100},
		}}
	}
	x.http.Fault = e.closedFault
	e.step(x, []byte("guard"), func() { e.liftFault(x) })
	e.findings.Report(finding.ProtectionGuarded, x.rule.Origin, strings.Join(x.patch.guards, ", "))
}

// liftFault opens a guarded route if the chain has announced its filters.
func (e *emitter) liftFault(x *entry) {
	// The filters are announced in the order of the chain, and here they are named in the same order.
	expr := regexp.QuoteMeta(e.guardToken()) + ","
	for _, f := range x.patch.guards {
		expr += "(?:.*,)?" + regexp.QuoteMeta(f) + ","
	}
	x.patch.filter(filterFault, &faultv3.HTTPFault{
		Abort: &faultv3.FaultAbort{
			ErrorType:  &faultv3.FaultAbort_HttpStatus{HttpStatus: 503},
			Percentage: &typev3.FractionalPercent{Numerator: 100},
		},
		Headers: []*routev3.HeaderMatcher{{
			Name: headerChain, InvertMatch: true, TreatMissingHeaderAsEmpty: true,
			HeaderMatchSpecifier: &routev3.HeaderMatcher_StringMatch{StringMatch: &matcherv3.StringMatcher{
				MatchPattern: &matcherv3.StringMatcher_SafeRegex{SafeRegex: &matcherv3.RegexMatcher{Regex: expr + ".*"}},
			}},
		}},
	})
}

// announceFilters puts the guard's filter in front of the access filters, or says that there is none. It must run when all
// access filters are known.
func announceFilters(e *emitter) {
	if !e.access.protects {
		return
	}
	if e.opts.GuardToken == "" {
		e.findings.Report(finding.NoGuardToken, model.Origin{Field: "--guard-token"})
		return
	}
	var names []string
	for _, f := range e.accessFilters() {
		names = append(names, f.name)
	}
	value := e.guardToken() + "," + strings.Join(names, ",") + ","
	e.filters.use(httpFilter{name: filterGuard, object: objAccess, first: true, order: orderGuard, on: true, config: &hmv3.HeaderMutation{
		Mutations: &hmv3.Mutations{RequestMutations: []*mutationv3.HeaderMutation{set(headerChain, value)}},
	}})
	// Backends must not learn the token, those of unprotected routes neither.
	e.filters.addTo(objAccess, routeConfiguration(0, &routev3.RouteConfiguration{RequestHeadersToRemove: []string{headerChain}}))
}

// accessFilters lists the access filters in use that stand before the router, in the order of the chain. The one that copies
// headers into metadata protects nothing.
func (e *emitter) accessFilters() []*httpFilter {
	var out []*httpFilter
	for _, f := range e.filters.byName {
		if f.object == objAccess && !f.first && f.name != filterH2M {
			out = append(out, f)
		}
	}
	slices.SortFunc(out, compareFilters)
	return out
}

// compareFilters puts the filters of one object into the order of the chain.
func compareFilters(a, b *httpFilter) int {
	return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(a.name, b.name))
}
