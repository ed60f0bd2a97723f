package suite_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ingress2gw/ingress2gw/test/internal/casefile"
	"github.com/ingress2gw/ingress2gw/test/internal/runner"
	"github.com/ingress2gw/ingress2gw/test/internal/suite"
)

func results() []*runner.Result {
	return []*runner.Result{
		{Name: "b", Feature: "paths", State: runner.Pass, Requests: runner.Requests{Total: 2, Exact: 2}, Overclaimed: []string{"key"}},
		{Name: "a", Feature: "paths", State: runner.Fail, Requests: runner.Requests{Total: 3, Exact: 1, Failed: 2}, Problems: []string{"status 200, want <404>"}},
		{Name: "c", Feature: "TLS", State: runner.Declared, Requests: runner.Requests{Total: 1, Accepted: 1}},
	}
}

func TestTableCountsByFeature(t *testing.T) {
	s := suite.Summarize("split", time.Minute, results())
	var b strings.Builder
	if err := s.WriteTable(&b); err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"FEATURE", "CASES", "pass", "declared", "silent", "fail", "error", "skipped", "n/a", "overclaimed", "REQUESTS", "exact", "accepted", "failed"},
		{"TLS", "1", "-", "1", "-", "-", "-", "-", "-", "-", "1", "0", "1", "-"},
		{"paths", "2", "1", "-", "-", "1", "-", "-", "-", "1", "5", "3", "-", "2"},
		{"TOTAL", "3", "1", "1", "-", "1", "-", "-", "-", "1", "6", "3", "1", "2"},
	}
	var got [][]string
	for line := range strings.Lines(b.String()) {
		got = append(got, strings.Fields(line))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestOverclaimsFailOnlyAStrictRun(t *testing.T) {
	tests := map[string]struct {
		states []runner.State
		claim  bool
		strict bool
		want   bool
	}{
		"good states":                    {[]runner.State{runner.Pass, runner.Declared, runner.NotRun, runner.Skipped}, false, true, true},
		"an undeclared difference":       {[]runner.State{runner.Silent}, false, false, false},
		"a failure":                      {[]runner.State{runner.Pass, runner.Fail}, false, false, false},
		"an error":                       {[]runner.State{runner.Broken}, false, false, false},
		"an overclaim":                   {[]runner.State{runner.Pass}, true, false, true},
		"an overclaim when it is strict": {[]runner.State{runner.Pass}, true, true, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var rs []*runner.Result
			for _, s := range tt.states {
				r := &runner.Result{State: s}
				if tt.claim {
					r.Overclaimed = []string{"key"}
				}
				rs = append(rs, r)
			}
			if got := suite.Summarize("split", 0, rs).Good(tt.strict); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestJUnitEscapesAndCounts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "junit.xml")
	if err := suite.Summarize("split", 0, results()).WriteJUnit(path); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`<testsuite name="split: paths" tests="2" failures="1"`, `<failure message="fail">status 200, want &lt;404&gt;</failure>`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%s is missing in\n%s", want, text)
		}
	}
}

func TestSlowCasesStartFirst(t *testing.T) {
	waiting := func(name, pause string) *casefile.Case {
		return &casefile.Case{Name: name, Requests: []casefile.Request{{Send: casefile.Send{Pause: pause}}}}
	}
	repeated := &casefile.Case{Name: "repeated", Requests: []casefile.Request{{Send: casefile.Send{Repeat: 4, Concurrency: 2, Echo: &casefile.Echo{Delay: "3s"}}}}}
	cases := []*casefile.Case{waiting("quick", ""), waiting("short", "1s"), waiting("long", "30s"), repeated}
	var got []string
	for _, c := range suite.SlowestFirst(cases) {
		got = append(got, c.Name)
	}
	if diff := cmp.Diff([]string{"long", "repeated", "short", "quick"}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestSelect(t *testing.T) {
	cases := []*casefile.Case{{Name: "tls-basic"}, {Name: "tls-alpn"}, {Name: "mirror"}}
	tests := map[string]struct {
		pattern string
		want    []string
	}{
		"no pattern keeps all":   {"", []string{"tls-basic", "tls-alpn", "mirror"}},
		"a name":                 {"mirror", []string{"mirror"}},
		"a pattern and a name":   {"tls-*, mirror", []string{"tls-basic", "tls-alpn", "mirror"}},
		"what names none":        {"canary", nil},
		"a beginning is no name": {"tls", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, c := range suite.Select(cases, tt.pattern) {
				got = append(got, c.Name)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
