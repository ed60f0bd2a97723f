package report_test

import (
	"testing"

	"github.com/ingress2gw/ingress2gw/test/internal/report"
)

const sample = `{"kind": "Report", "findings": [
  {"code": "I2G2003", "class": "approximate", "origin": {"field": "nginx.ingress.kubernetes.io/limit-rps"}, "message": "limit-rps counts per gateway"},
  {"code": "I2G2001", "class": "exact", "origin": {"field": "nginx.ingress.kubernetes.io/app-root"}},
  {"code": "I2G2103", "class": "manual", "origin": {"field": "--health-check-path"}, "message": "set it by hand"}
]}`

func TestReport(t *testing.T) {
	const prefix = "nginx.ingress.kubernetes.io/"
	tests := map[string]struct {
		key                      string
		named, declared, claimed bool
	}{
		"a key with a difference":                   {prefix + "limit-rps", true, true, true},
		"a key without a difference":                {prefix + "app-root", true, false, false},
		"a key that is only the beginning of one":   {prefix + "limit", false, false, false},
		"a key that nobody mentions":                {prefix + "canary", false, false, false},
		"a flag":                                    {"health-check-path", true, true, true},
		"a key that a message names by short name":  {"limit-rps", true, true, false},
		"a name that is the end of a longer one":    {"rps", false, false, false},
		"a name that only occurs inside of another": {"check", false, false, false},
	}
	r, err := report.Parse([]byte(sample))
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := r.Names(tt.key); got != tt.named {
				t.Errorf("named %v", got)
			}
			if got := r.Declares(tt.key); got != tt.declared {
				t.Errorf("declared %v", got)
			}
			if got := r.Claims(tt.key); got != tt.claimed {
				t.Errorf("claimed %v", got)
			}
		})
	}
}

func TestNoReportDeclaresNothing(t *testing.T) {
	r, err := report.Parse(nil)
	if err != nil {
		t.Fatal(err)
	}
	if r.Names("anything") || r.Mentions("") {
		t.Error("an empty report names something")
	}
	if _, err := report.Parse([]byte("{")); err == nil {
		t.Error("a broken report is accepted")
	}
}
