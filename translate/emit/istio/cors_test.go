package istio

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"
	networking "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

func testEmitter(g model.Global, o emit.Options) *emitter {
	return &emitter{
		edge: &model.Edge{Global: g, Hosts: []*model.Host{{Name: "a.test"}}}, opts: o.Defaults(), findings: &finding.List{}, rules: ruleFeatures(),
	}
}

func TestPreflightsTakeOptionsOnly(t *testing.T) {
	for name, c := range map[string]struct {
		method *networking.StringMatch
		want   bool
	}{
		"any method includes OPTIONS":         {nil, true},
		"OPTIONS itself":                      {exact("OPTIONS"), true},
		"another method":                      {exact("POST"), false},
		"a list of others":                    {regex("POST|LOCK|PATCH"), false},
		"a list with OPTIONS":                 {regex("GET|OPTIONS"), true},
		"a word that only begins as it does":  {regex("OPTIONSX|GET"), false},
		"what cannot be judged is not closed": {regex("("), true},
	} {
		t.Run(name, func(t *testing.T) {
			if got := takesOptions(c.method); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestManyOriginsNeedSeveralPatterns(t *testing.T) {
	c := &model.CORS{}
	for range 60 {
		c.Origins = append(c.Origins, `https://`+strings.Repeat("a", 40)+`\.example\.com`)
	}
	e := testEmitter(model.Global{}, emit.Options{})
	ps := e.originPatterns(c)
	n := 0
	for _, p := range ps {
		if len(p) > 1024 {
			t.Errorf("a pattern has %d characters, Istio takes 1024", len(p))
		}
		n += strings.Count(p, "https://")
	}
	if n != 60 || len(ps) < 2 {
		t.Errorf("%d origins in %d patterns, want 60 in several", n, len(ps))
	}
}

func TestCORSSplitsEntriesByOrigin(t *testing.T) {
	r := &model.Rule{Match: model.Match{Path: model.BelowPrefix("/x/")}, CORS: &model.CORS{Origins: []string{`https://one\.test`}}}
	xs := []*entry{
		{rule: r, uris: stringMatches(r.Match.Path), answer: true, http: &networking.HTTPRoute{Redirect: &networking.HTTPRedirect{Scheme: "https"}}},
		{rule: r, uris: stringMatches(r.Match.Path), http: &networking.HTTPRoute{}},
	}
	type shape struct {
		Name, Origin, Method string
		Status               uint32
		Redirects            bool
		AllowOrigin          string
	}
	var got []shape
	for _, x := range cors(testEmitter(model.Global{}, emit.Options{}), nil, r, xs) {
		got = append(got, shape{
			x.name, x.cond.headers["origin"].GetRegex(), x.cond.method.GetExact(), x.http.GetDirectResponse().GetStatus(), x.http.Redirect != nil,
			x.http.GetHeaders().GetResponse().GetSet()["access-control-allow-origin"],
		})
	}
	const one, echo = `(?i)(https://one\.test)`, "%REQ(origin)%"
	want := []shape{
		{namePreflight, one, "OPTIONS", 204, false, echo},
		{"", one, "", 0, true, echo},
		{"", one, "", 0, false, echo},
		{"", "", "", 0, true, ""},
		{"", "", "", 0, false, ""},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAClosedRuleHasNoPreflight(t *testing.T) {
	r := &model.Rule{Match: model.Match{Path: model.AnyPath{}}, CORS: &model.CORS{}, Closed: &model.Closed{Status: 503, First: true}}
	xs := []*entry{{rule: r, http: &networking.HTTPRoute{DirectResponse: &networking.HTTPDirectResponse{Status: 503}}}}
	got := cors(testEmitter(model.Global{}, emit.Options{}), nil, r, xs)
	want := &networking.HTTPRoute{DirectResponse: &networking.HTTPDirectResponse{Status: 503}}
	if len(got) != 1 {
		t.Fatalf("%d entries, want 1", len(got))
	}
	if diff := cmp.Diff(want, got[0].http, protocmp.Transform()); diff != "" {
		t.Error(diff)
	}
}

func TestUnusualHeaderNamesAreDropped(t *testing.T) {
	for name, c := range map[string]struct {
		underscores bool // dropped as well
		header      string
		dropped     bool
	}{
		"letters, digits and hyphens stay":     {true, "x-forwarded-for2", false},
		"one letter stays":                     {true, "x", false},
		"a dot goes":                           {true, "x.y", true},
		"a leading dot goes":                   {true, ".x", true},
		"one strange character goes":           {true, "!", true},
		"an underscore goes":                   {true, "x_y", true},
		"an underscore may stay":               {false, "x_y", false},
		"a dot goes beside an underscore":      {false, "x_y.z", true},
		"pseudo headers stay":                  {true, ":path", false},
		"the pseudo header of upgrades stays":  {true, ":protocol", false},
		"underscores do not save pseudo names": {false, ":authority", false},
	} {
		t.Run(name, func(t *testing.T) {
			e := testEmitter(model.Global{DropInvalidHeaders: true, DropUnderscores: c.underscores}, emit.Options{})
			expr := e.invalidNames()[0].GetRemoveOnMatch().GetKeyMatcher().GetSafeRegex().GetRegex()
			if got := regexp.MustCompile("^(?:" + expr + ")$").MatchString(c.header); got != c.dropped {
				t.Errorf("%s: got %v, want %v", expr, got, c.dropped)
			}
		})
	}
}

func TestOldProxiesGetNoCommandTheyDoNotKnow(t *testing.T) {
	query := model.Value{{Text: "q="}, {Var: model.VarQueryString}}
	for name, c := range map[string]struct {
		minor   int
		written bool
	}{
		"Istio 1.25 knows no CEL in headers": {25, false},
		"Istio 1.26 does":                    {26, true},
	} {
		t.Run(name, func(t *testing.T) {
			e := testEmitter(model.Global{}, emit.Options{IstioVersion: emit.Version{Major: 1, Minor: c.minor}})
			if _, err := e.format(query, inEnvoyFilter); (err == nil) != c.written {
				t.Errorf("got %v, want written: %v", err, c.written)
			}
		})
	}
}
