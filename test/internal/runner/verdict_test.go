package runner

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ingress2gw/ingress2gw/test/internal/casefile"
	"github.com/ingress2gw/ingress2gw/test/internal/istiod"
	"github.com/ingress2gw/ingress2gw/test/internal/report"
)

const key = casefile.AnnotationPrefix + "limit-rps"

// findings is a report with one finding of a class about a key.
func findings(t *testing.T, class, field string) *report.Report {
	t.Helper()
	text := ""
	if class != "" {
		text = fmt.Sprintf(`{"findings": [{"code": "I2G2003", "class": %q, "origin": {"field": %q}, "message": "no EnvoyFilter"}]}`, class, field)
	}
	r, err := report.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestVerdict(t *testing.T) {
	annotated := casefile.Case{
		Covers: []string{key}, Equivalence: "exact",
		Manifests: "metadata: {annotations: {" + key + ": '1'}}",
	}
	plain := casefile.Case{Covers: []string{"spec/path"}, Equivalence: "exact"}
	tests := map[string]struct {
		c            casefile.Case
		requests     Requests
		class, field string
		noPatch      bool
		kinds        map[string]int
		refused      bool
		breach       bool
		want         State
		overclaimed  []string
	}{
		"all requests as expected":                      {c: annotated, requests: Requests{Exact: 2}, want: Pass},
		"a failed request":                              {c: annotated, requests: Requests{Exact: 1, Failed: 1}, class: "approximate", field: key, want: Fail},
		"an accepted difference that the report names":  {c: annotated, requests: Requests{Accepted: 1}, class: "approximate", field: key, want: Declared},
		"an accepted difference that nobody names":      {c: annotated, requests: Requests{Accepted: 1}, want: Silent},
		"an accepted difference said to be exact":       {c: annotated, requests: Requests{Accepted: 1}, class: "exact", field: key, want: Silent},
		"a refused object, whatever the requests say":   {c: annotated, requests: Requests{Exact: 2}, refused: true, want: Fail},
		"an open protection, whatever the report says":  {c: annotated, requests: Requests{Failed: 1}, class: "approximate", field: key, noPatch: true, breach: true, want: Fail},
		"a claim of a difference that is not there":     {c: annotated, requests: Requests{Exact: 1}, class: "approximate", field: key, want: Pass, overclaimed: []string{key}},
		"without patches, a failure that is declared":   {c: annotated, requests: Requests{Failed: 1}, class: "refused", field: key, noPatch: true, want: Declared},
		"without patches, another key of the feature":   {c: annotated, requests: Requests{Failed: 1}, class: "refused", field: casefile.AnnotationPrefix + "limit-rpm", noPatch: true, want: Declared},
		"without patches, a key of another feature":     {c: annotated, requests: Requests{Failed: 1}, class: "refused", field: casefile.AnnotationPrefix + "app-root", noPatch: true, want: Silent},
		"without patches, the default of every route":   {c: annotated, requests: Requests{Failed: 1}, class: "refused", field: casefile.AnnotationPrefix + "proxy-body-size", noPatch: true, want: Silent},
		"without patches, plain semantics and a remark": {c: plain, requests: Requests{Failed: 1}, class: "refused", field: "spec", noPatch: true, want: Declared},
		"without patches, plain semantics and silence":  {c: plain, requests: Requests{Failed: 1}, noPatch: true, want: Silent},
		"without patches, a patch all the same":         {c: annotated, requests: Requests{Exact: 1}, noPatch: true, kinds: map[string]int{"EnvoyFilter": 1}, want: Fail},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			x := &run{
				Runner: &Runner{Reports: true, NoPatch: tt.noPatch}, c: &tt.c, breach: tt.breach,
				res:    &Result{Requests: tt.requests, Refused: tt.refused},
				loaded: &istiod.Translation{Kinds: tt.kinds}, report: findings(t, tt.class, tt.field),
			}
			x.verdict()
			if x.res.State != tt.want {
				t.Errorf("%s, want %s; problems %q", x.res.State, tt.want, x.res.Problems)
			}
			if diff := cmp.Diff(tt.overclaimed, x.res.Overclaimed); diff != "" {
				t.Errorf("overclaimed, -want +got:\n%s", diff)
			}
		})
	}
}

func TestWhatCannotBeTranslatedHasToBeSaid(t *testing.T) {
	c := &casefile.Case{Covers: []string{key}, Equivalence: "ingress-nginx-only", Manifests: key}
	for class, want := range map[string]State{"manual": Declared, "noop": Silent, "": Silent} {
		x := &run{Runner: &Runner{Reports: true}, c: c, res: &Result{}, report: findings(t, class, key)}
		x.sourceOnlyVerdict()
		if x.res.State != want {
			t.Errorf("class %q: %s, want %s", class, x.res.State, want)
		}
	}
}

func TestGoodStates(t *testing.T) {
	want := map[State]bool{Pass: true, Declared: true, NotRun: true, Skipped: true, Silent: false, Fail: false, Broken: false}
	for state, good := range want {
		if state.Good() != good {
			t.Errorf("%s: %v", state, !good)
		}
	}
}

func TestLongListsOfProblemsAreCut(t *testing.T) {
	x := &run{res: &Result{}}
	x.fail("a request", []string{"a", "b", "c", "d", "e", "f"})
	if diff := cmp.Diff([]string{"a request: a; b; c; d; and 2 more"}, x.res.Problems); diff != "" {
		t.Error(diff)
	}
}
