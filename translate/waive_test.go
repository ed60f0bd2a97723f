package translate

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ingress2gw/ingress2gw/reports/finding"
)

func TestWaiverAnnotation(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		want map[finding.Code]bool
	}{
		"a code with a reason":           {"I2G4001: behind the VPN", map[finding.Code]bool{"I2G4001": true}},
		"a code without a reason is not": {"I2G4001", map[finding.Code]bool{}},
		"an empty reason is none":        {"I2G4001:  ", map[finding.Code]bool{}},
		"several, one a line":            {"I2G4001: a\nI2G4004: b", map[finding.Code]bool{"I2G4001": true, "I2G4004": true}},
		"several, with semicolons":       {"I2G4001: a; I2G4004: b", map[finding.Code]bool{"I2G4001": true, "I2G4004": true}},
	} {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(c.want, parseWaivers(c.in)); d != "" {
				t.Error(d)
			}
		})
	}
}
