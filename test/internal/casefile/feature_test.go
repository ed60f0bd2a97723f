package casefile_test

import (
	"testing"

	"github.com/ingress2gw/ingress2gw/test/internal/casefile"
)

func TestEveryCaseHasItsRow(t *testing.T) {
	cases, err := casefile.LoadAll([]string{"../../conformance/cases", "../../conformance/composition"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		if casefile.Feature(c) == casefile.OtherFeature {
			t.Errorf("%s: %s belongs to no feature", c.Name, c.Covers[0])
		}
	}
}

func TestProtectedCases(t *testing.T) {
	tests := map[string]struct {
		covers []string
		want   bool
	}{
		"authentication protects":            {[]string{"nginx.ingress.kubernetes.io/auth-type"}, true},
		"a ConfigMap's address list, too":    {[]string{"configmap/whitelist-source-range"}, true},
		"even when it is not the first":      {[]string{"nginx.ingress.kubernetes.io/canary", "nginx.ingress.kubernetes.io/satisfy"}, true},
		"a redirect protects nothing":        {[]string{"nginx.ingress.kubernetes.io/app-root"}, false},
		"plain Ingress semantics do neither": {[]string{"spec/host"}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := casefile.Protected(&casefile.Case{Covers: tt.covers}); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}
