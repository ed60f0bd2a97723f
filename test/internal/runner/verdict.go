package runner

import (
	"slices"
	"strings"

	"github.com/ingress2gw/ingress2gw/test/internal/casefile"
	"github.com/ingress2gw/ingress2gw/test/internal/client"
)

// verdict decides the state once all requests were sent.
func (x *run) verdict() {
	if x.NoPatch && x.loaded.Kinds["EnvoyFilter"] > 0 {
		x.refuse("an EnvoyFilter was emitted although none may be")
	}
	q := x.res.Requests
	switch {
	case x.res.Refused || x.breach:
		x.res.State = Fail
	case q.Failed > 0 && x.NoPatch && x.declaredWithoutPatches():
		x.res.State = Declared
	case q.Failed > 0 && x.NoPatch:
		x.res.State = Silent
		x.res.Problems = append(x.res.Problems, "no finding says so of: "+strings.Join(x.c.Keys(), ", "))
	case q.Failed > 0:
		x.res.State = Fail
	case q.Accepted == 0:
		x.res.State = Pass
	case !x.Reports || x.declared():
		x.res.State = Declared
	default:
		x.res.State = Silent
		x.res.Problems = append(x.res.Problems, "passes only by an accepted difference that the report does not name: "+strings.Join(x.c.Keys(), ", "))
	}
	x.findOverclaims()
}

// sourceOnlyVerdict is for what cannot be translated: the report has to say so.
func (x *run) sourceOnlyVerdict() {
	x.res.State = Declared
	if !x.declared() {
		x.res.State = Silent
		x.res.Problems = append(x.res.Problems, "cannot be translated, but the report does not name it: "+strings.Join(x.c.Keys(), ", "))
	}
}

// declared wants every covered key named, and a difference said of at least one. What has no key needs no name.
func (x *run) declared() bool {
	keys := x.c.Keys()
	differs := len(keys) == 0
	for _, k := range keys {
		if !x.report.Names(k) {
			return false
		}
		differs = differs || x.report.Declares(k)
	}
	return differs
}

// declaredWithoutPatches is for --no-envoyfilter, where more may differ than a case allows: something of the features
// that the case covers has to be declared, be it another key of the same feature (a closed protection is reported once).
// Only where a case covers nothing but plain Ingress semantics, the general finding about the missing patches will do.
func (x *run) declaredWithoutPatches() bool {
	keys := x.c.Keys()
	if len(keys) == 0 {
		return x.report.Mentions("EnvoyFilter")
	}
	covered := map[string]bool{}
	for _, k := range keys {
		if x.report.Declares(k) {
			return true
		}
		covered[casefile.FeatureOf(k)] = true
	}
	for _, field := range x.report.Differing() {
		if f := casefile.FeatureOf(field); f != casefile.OtherFeature && covered[f] && field != defaultBodyLimit {
			return true
		}
	}
	return false
}

// defaultBodyLimit is a default of every route, so that its loss says nothing about a case.
const defaultBodyLimit = casefile.AnnotationPrefix + "proxy-body-size"

// findOverclaims lists differences that were reported of a case in which nothing may differ, and nothing does.
func (x *run) findOverclaims() {
	if !x.c.Exact() || x.res.State != Pass || x.NoPatch {
		return
	}
	for _, k := range x.c.Keys() {
		if x.report.Claims(k) {
			x.res.Overclaimed = append(x.res.Overclaimed, k)
		}
	}
}

// breaks tells whether a request that must be refused reached a backend all the same. Services with fixed answers are
// the ones that are asked for permission, not the protected ones.
func (x *run) breaks(r *casefile.Request, answers []client.Answer) bool {
	if !casefile.Protected(x.c) {
		return false
	}
	refuses := func(e *casefile.Expect) bool { return e.Backend == "none" || e.Error != "" }
	all := refuses(&r.Expect)
	for i := range r.Accepted {
		all = all && refuses(&r.Accepted[i]) // else the case itself lets it through
	}
	asked := map[string]bool{}
	for _, a := range r.Expect.AlsoSent {
		asked[a.Backend] = true
	}
	for i := range x.c.Services {
		if len(x.c.Services[i].Respond) > 0 {
			asked[x.c.Services[i].Name] = true
		}
	}
	for i := range answers {
		for _, rec := range x.farm.Ledger.Tagged(answers[i].Tag) {
			if !asked[rec.Service] && (all || slices.Contains(r.Expect.NotSent, rec.Service) && len(r.Accepted) == 0) {
				return true
			}
		}
	}
	return false
}
