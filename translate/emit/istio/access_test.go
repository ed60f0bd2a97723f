package istio

import (
	"regexp"
	"strings"
	"testing"

	faultv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/fault/v3"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	networking "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/model"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

func optionEmitter(o emit.Options) *emitter {
	return &emitter{edge: &model.Edge{}, opts: o.Defaults(), snapshot: snapshot.New(), findings: &finding.List{}}
}

func TestGuardOpensOnlyForTheWholeChain(t *testing.T) {
	e := optionEmitter(emit.Options{GuardToken: "secret"})
	x := &entry{rule: &model.Rule{}, http: &networking.HTTPRoute{}}
	x.patch.guards = []string{"i2g.ip", "i2g.ext.12ab34cd"}
	e.guard(x)
	require.Equal(t, int32(503), x.http.Fault.Abort.GetHttpStatus())
	fault := &faultv3.HTTPFault{}
	require.NoError(t, x.patch.route.TypedPerFilterConfig[filterFault].UnmarshalTo(fault))
	m := fault.Headers[0]
	require.True(t, m.InvertMatch)
	require.True(t, m.TreatMissingHeaderAsEmpty, "without it an absent header would open the route")
	opens := regexp.MustCompile("^(?:" + m.GetStringMatch().GetSafeRegex().Regex + ")$").MatchString
	token := e.guardToken()
	for name, c := range map[string]struct {
		announced string
		want      bool
	}{
		"all filters of the route":              {token + ",i2g.ip,i2g.ext.12ab34cd,", true},
		"further filters around them":           {token + ",i2g.realm,i2g.ip,i2g.basic,i2g.ext.12ab34cd,i2g.ext.ffff0000,", true},
		"one filter is missing":                 {token + ",i2g.ip,", false},
		"another filter with a similar name":    {token + ",i2g.ip,i2g.ext.12ab34cd0,", false},
		"the dot is no wildcard":                {token + ",i2gxip,i2g.ext.12ab34cd,", false},
		"no announcement":                       {"", false},
		"an announcement without the token":     {",i2g.ip,i2g.ext.12ab34cd,", false},
		"the token is not at the beginning":     {"x" + token + ",i2g.ip,i2g.ext.12ab34cd,", false},
		"the secret itself is not the token":    {"secret,i2g.ip,i2g.ext.12ab34cd,", false},
		"names that run into the token's place": {token + "i2g.ip,i2g.ext.12ab34cd,", false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := opens(c.announced); got != c.want {
				t.Errorf("opens %v, want %v", got, c.want)
			}
		})
	}
}

func TestGuardIsLeftOutWhereNothingIsReached(t *testing.T) {
	e := optionEmitter(emit.Options{GuardToken: "secret"})
	x := &entry{rule: &model.Rule{}, http: &networking.HTTPRoute{}, answer: true, afterAccess: true}
	x.patch.guards = []string{filterIP}
	e.guard(x)
	if x.http.Fault != nil || x.patch.route != nil {
		t.Error("a fixed answer got a guard; Istio refuses a fault beside it")
	}
}

func TestSignInRedirects(t *testing.T) {
	rd := "%REQ(X-FORWARDED-PROTO)%://%REQ(:AUTHORITY)%" + escapedURI
	for name, c := range map[string]struct {
		page model.SignIn
		want string
	}{
		"the original URL is a parameter":         {model.SignIn{URL: model.Text("https://login.test/in"), Param: "rd"}, "https://login.test/in?rd=" + rd},
		"it is added to a query":                  {model.SignIn{URL: model.Text("https://login.test/in?a=b"), Param: "next"}, "https://login.test/in?a=b&next=" + rd},
		"a page that has it already is left":      {model.SignIn{URL: model.Text("https://login.test/in?rd=/")}, "https://login.test/in?rd=/"},
		"the page's own escaped URI is expanded":  {model.SignIn{URL: model.Value{{Text: "https://login.test/?rd="}, {Var: model.VarEscapedURI}}}, "https://login.test/?rd=" + escapedURI},
		"text is never taken for an Envoy format": {model.SignIn{URL: model.Text("https://login.test/%REQ(authorization)%")}, "https://login.test/%%REQ(authorization)%%"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := signInLocation(&c.page)
			require.NoError(t, err)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("location (-want +got):\n%s", diff)
			}
		})
	}
}

// What cannot be expressed closes the route; what is waived is left out, and only that.
func TestProtectionsWithoutCounterpart(t *testing.T) {
	o := model.Origin{Object: &finding.Object{Kind: "Ingress", Namespace: "shop", Name: "a"}, Field: "auth-type"}
	rule := func() *model.Rule {
		return &model.Rule{
			Action:    model.Forward{},
			Access:    &model.Access{Allow: []string{"10.0.0.0/8"}, Origins: []model.Origin{o}},
			BasicAuth: &model.BasicAuth{Origin: o},
		}
	}
	for name, c := range map[string]struct {
		opts   emit.Options
		closed bool
		kept   []string
	}{
		"all can be expressed":                 {emit.Options{}, false, []string{"list", "password"}},
		"nothing without EnvoyFilters":         {emit.Options{NoEnvoyFilter: true}, true, nil},
		"passwords need a certain Istio":       {emit.Options{IstioVersion: emit.Version{Major: 1, Minor: 20}}, true, []string{"list"}},
		"waived protections do not close":      {emit.Options{NoEnvoyFilter: true, Waived: func(finding.Code, *finding.Object) bool { return true }}, false, nil},
		"a waived password leaves the list on": {emit.Options{IstioVersion: emit.Version{Major: 1, Minor: 20}, Waived: func(finding.Code, *finding.Object) bool { return true }}, false, []string{"list"}},
	} {
		t.Run(name, func(t *testing.T) {
			e, r := optionEmitter(c.opts), rule()
			closeUnprotected(e, &model.Host{}, r, nil)
			p := e.protection(&model.Host{}, r)
			var kept []string
			if p.list != nil {
				kept = append(kept, "list")
			}
			if p.basic != nil {
				kept = append(kept, "password")
			}
			if diff := cmp.Diff(c.kept, kept); diff != "" || (r.Closed != nil) != c.closed {
				t.Errorf("closed %v, want %v; kept (-want +got):\n%s", r.Closed != nil, c.closed, diff)
			}
		})
	}
}

// Redirects and preflights come before the checks, a 404 in place of a backend comes behind them.
func TestWhatAsksFirst(t *testing.T) {
	e := optionEmitter(emit.Options{})
	r := &model.Rule{Access: &model.Access{Allow: []string{"10.0.0.0/8"}}}
	backend := &entry{rule: r, http: &networking.HTTPRoute{}}
	redirect := &entry{rule: r, http: &networking.HTTPRoute{}, answer: true}
	missing := &entry{rule: r, http: &networking.HTTPRoute{}, answer: true, afterAccess: true}
	access(e, &model.Host{}, r, []*entry{backend, redirect, missing})
	var got []string
	for _, x := range []*entry{backend, redirect, missing} {
		got = append(got, strings.Join(x.patch.guards, ","))
	}
	if diff := cmp.Diff([]string{"i2g.ip", "", "i2g.ip"}, got); diff != "" {
		t.Errorf("filters (-want +got):\n%s", diff)
	}
}
