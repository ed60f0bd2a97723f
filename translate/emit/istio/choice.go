package istio

import (
	xdscore "github.com/cncf/xds/go/xds/core/v3"
	xdsmatcher "github.com/cncf/xds/go/xds/type/matcher/v3"
	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	compositev3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/composite/v3"
	inputv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/matching/common_inputs/network/v3"
	ipv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/matching/input_matchers/ip/v3"
	"google.golang.org/protobuf/proto"

	"github.com/ingress2gw/ingress2gw/translate/model"
)

// filterAny runs an authentication filter for some addresses only.
const filterAny = "i2g.any"

// attachChoice runs an authentication filter for all addresses but those that a list lets pass. The filter stands once in the
// chain, without a matcher; each route brings its own with the filter's settings.
func (e *emitter) attachChoice(x *entry, skip *model.Access, name string, config proto.Message) {
	e.filters.use(httpFilter{name: filterAny, object: objAccess, order: orderAny, config: &compositev3.Composite{}})
	run := &compositev3.ExecuteFilterAction{TypedConfig: &corev3.TypedExtensionConfig{Name: name, TypedConfig: pack(config)}}
	x.patch.need(filterAny)
	per := &compositev3.CompositePerRoute{Matcher: &xdsmatcher.Matcher{
		MatcherType: &xdsmatcher.Matcher_MatcherList_{MatcherList: &xdsmatcher.Matcher_MatcherList{Matchers: []*xdsmatcher.Matcher_MatcherList_FieldMatcher{{
			Predicate: notPredicate(passes(skip)),
			OnMatch: &xdsmatcher.Matcher_OnMatch{OnMatch: &xdsmatcher.Matcher_OnMatch_Action{Action: &xdscore.TypedExtensionConfig{
				Name: "run", TypedConfig: pack(run),
			}}},
		}}}},
	}}
	x.patch.filter(filterAny, per)
	x.patch.label("any-" + hashOf(per))
}

type predicate = xdsmatcher.Matcher_MatcherList_Predicate

// passes matches addresses that the list lets pass. Where only some peers are believed about the client's address, every
// other peer is judged by its own.
func passes(a *model.Access) *predicate {
	if len(a.Trusted) == 0 {
		return listed(&inputv3.SourceIPInput{}, a)
	}
	trusted := addressIn(&inputv3.DirectSourceIPInput{}, a.Trusted)
	return orPredicates(
		// An inner proxy of a chain is no client: it does not pass by its address.
		andPredicates(trusted, listed(&inputv3.SourceIPInput{}, a), notPredicate(addressIn(&inputv3.SourceIPInput{}, a.Trusted))),
		andPredicates(notPredicate(trusted), listed(&inputv3.DirectSourceIPInput{}, a)),
	)
}

// listed matches addresses that are allowed and not denied.
func listed(input proto.Message, a *model.Access) *predicate {
	allowed := addressIn(input, a.Allow)
	if len(a.Deny) == 0 {
		return allowed
	}
	return andPredicates(allowed, notPredicate(addressIn(input, a.Deny)))
}

func addressIn(input proto.Message, list []string) *predicate {
	return &predicate{MatchType: &xdsmatcher.Matcher_MatcherList_Predicate_SinglePredicate_{
		SinglePredicate: &xdsmatcher.Matcher_MatcherList_Predicate_SinglePredicate{
			Input: &xdscore.TypedExtensionConfig{Name: "address", TypedConfig: pack(input)},
			Matcher: &xdsmatcher.Matcher_MatcherList_Predicate_SinglePredicate_CustomMatch{CustomMatch: &xdscore.TypedExtensionConfig{
				Name: "list", TypedConfig: pack(&ipv3.Ip{StatPrefix: "i2g", CidrRanges: cidrRanges(list)}),
			}},
		},
	}}
}

func notPredicate(p *predicate) *predicate {
	return &predicate{MatchType: &xdsmatcher.Matcher_MatcherList_Predicate_NotMatcher{NotMatcher: p}}
}

func andPredicates(ps ...*predicate) *predicate {
	return &predicate{MatchType: &xdsmatcher.Matcher_MatcherList_Predicate_AndMatcher{
		AndMatcher: &xdsmatcher.Matcher_MatcherList_Predicate_PredicateList{Predicate: ps},
	}}
}

func orPredicates(ps ...*predicate) *predicate {
	return &predicate{MatchType: &xdsmatcher.Matcher_MatcherList_Predicate_OrMatcher{
		OrMatcher: &xdsmatcher.Matcher_MatcherList_Predicate_PredicateList{Predicate: ps},
	}}
}
