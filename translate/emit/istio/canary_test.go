package istio

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
	networking "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// splitOf gives the entries of a rule with a canary as "header=match: destinations".
func splitOf(c *model.Canary, a *model.Affinity) []string {
	c.Backend = model.Backend{Namespace: "a", Service: "next", Port: 80}
	r := &model.Rule{Action: model.Forward{Backend: model.Backend{Namespace: "a", Service: "web", Port: 80}}, Canary: c, Affinity: a}
	e := testEmitter(model.Global{}, emit.Options{})
	x := e.baseEntry(&model.Host{Name: "a.test"}, r)
	var out []string
	for _, y := range canary(e, nil, r, []*entry{x}) {
		s := ""
		for name, m := range y.cond.headers { // one header each
			s = name + "=" + m.GetExact() + m.GetRegex() + ": "
		}
		for _, d := range y.http.Route {
			s += fmt.Sprintf("%.4s", d.Destination.Host)
			if d.Weight > 0 {
				s += fmt.Sprint("*", d.Weight)
			}
			s += " "
		}
		if y.standIn != nil {
			s += "else " + fmt.Sprintf("%.4s", y.standIn.Host)
		}
		out = append(out, s)
	}
	return out
}

func TestCanariesSplitEntries(t *testing.T) {
	const cookies, end = `(?:.*[;,] *)?`, `(?:;.*)?`
	for name, c := range map[string]struct {
		canary   model.Canary
		affinity *model.Affinity
		want     []string
	}{
		"a share": {model.Canary{Weight: 30, Total: 100}, nil, []string{"web.*70 next*30 "}},
		"everything": {
			model.Canary{Weight: 100, Total: 100}, nil, []string{"next else web."},
		},
		"a header alone": {
			model.Canary{Header: "x", Total: 100}, nil, []string{"x=always: next else web.", "web. "},
		},
		"a header that keeps requests from everything": {
			model.Canary{Header: "x", Weight: 100, Total: 100}, nil, []string{"x=always: next else web.", "x=never: web. ", "next else web."},
		},
		"a header, a cookie and a share": {
			model.Canary{Header: "x", Value: "v", Cookie: "c.1", Weight: 10, Total: 100}, nil,
			[]string{
				"x=v: next else web.",
				"cookie=" + cookies + `(?i:c\.1) *= *always` + end + ": next else web.",
				"cookie=" + cookies + `(?i:c\.1) *= *never` + end + ": web. ",
				"web.*90 next*10 ",
			},
		},
		"a pattern that does not compile keeps requests at the main": {
			model.Canary{Header: "x", Stuck: true, Weight: 10, Total: 100}, nil, []string{"x=: web. ", "web.*90 next*10 "},
		},
		"sides of sessions come first": {
			model.Canary{Sticky: true, Weight: 10, Total: 100}, &model.Affinity{Cookie: "s"},
			[]string{"cookie=" + cookies + "s-side *= *c" + end + ": next else web.", "cookie=" + cookies + "s-side *= *p" + end + ": web. ", "web.*90 next*10 "},
		},
		"without sticky sessions only the main keeps its own": {
			model.Canary{Weight: 10, Total: 100}, &model.Affinity{Cookie: "s"},
			[]string{"cookie=" + cookies + "s-side *= *p" + end + ": web. ", "web.*90 next*10 "},
		},
		"a sum beyond what a route takes": {
			model.Canary{Weight: 1 << 40, Total: 1 << 41}, nil, []string{"web.*536870912 next*536870912 "},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, splitOf(&c.canary, c.affinity)); diff != "" {
				t.Errorf("entries (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCookiesAreFoundAmongOthers(t *testing.T) {
	re := regexp.MustCompile("^(?:" + cookieIs("(?i:next)", "always").GetRegex() + ")$")
	for text, want := range map[string]bool{
		"next=always": true, "a=b; next=always": true, "NEXT=always;a=b": true, "a=b;next = always": true,
		"next=alwaysx": false, "xnext=always": false, "next=never": false, "a=next=always": false, "": false,
	} {
		if got := re.MatchString(text); got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
}

func TestTwoConditionsOnOneHeader(t *testing.T) {
	for name, c := range map[string]struct {
		a, b, want *networking.StringMatch
		ok         bool
	}{
		"any value and one":             {present(), exact("v"), exact("v"), true},
		"a pattern and any value":       {regex("v.*"), present(), regex("v.*"), true},
		"the same value":                {exact("v"), exact("v"), exact("v"), true},
		"two values":                    {exact("v"), exact("w"), exact("w"), false},
		"a value that a pattern takes":  {regex("v.*"), exact("vw"), exact("vw"), true},
		"a value that it does not take": {regex("v.*"), exact("w"), exact("w"), false},
		"two patterns":                  {regex("v.*"), regex("w.*"), nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := both(c.a, c.b)
			if ok != c.ok || ok && got.String() != c.want.String() {
				t.Errorf("got %v %v, want %v %v", got, ok, c.want, c.ok)
			}
		})
	}
}
