package snapshot

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAcceptedCodesNeedAReason(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		want []Accepted
	}{
		"a code with a reason":               {"I2G4001: behind the VPN", []Accepted{{"I2G4001", "behind the VPN"}}},
		"a code without one says so":         {"I2G4001", []Accepted{{"I2G4001", ""}}},
		"an empty reason is none":            {"I2G4001:  ", []Accepted{{"I2G4001", ""}}},
		"several, one a line":                {"I2G4001: a\nI2G4004: b", []Accepted{{"I2G4001", "a"}, {"I2G4004", "b"}}},
		"several, with semicolons":           {"I2G4001: a; I2G4004: b;", []Accepted{{"I2G4001", "a"}, {"I2G4004", "b"}}},
		"a reason with a colon is kept":      {"I2G4001: see https://wiki.test/x", []Accepted{{"I2G4001", "see https://wiki.test/x"}}},
		"no annotation is nothing":           {"", nil},
		"lines without text are not entries": {"\n \n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			in := &Ingress{}
			in.Annotations = map[string]string{WaiveAnnotation: c.in}
			if d := cmp.Diff(c.want, in.Accepted(WaiveAnnotation)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}
