package golden

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ingress2gw/ingress2gw/annotations/nginx"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// place is a part of an input object: an annotation, a setting, a rule, a TLS block.
type place struct {
	object *finding.Object
	part   string
}

func TestEverythingEndsInOneClass(t *testing.T) {
	for _, c := range cases(t) {
		t.Run(c.Name, func(t *testing.T) {
			r, err := c.Run(0)
			require.NoError(t, err)
			said := map[place]finding.Class{}
			for _, f := range r.Findings {
				p := place{f.Origin.Object, f.Part()}
				if f.Class == "" || p.part == "" {
					continue
				}
				if before := said[p]; before != "" && before != f.Class {
					t.Errorf("%s %s ends in two classes, %s and %s", p.object.Ref(), p.part, before, f.Class)
				}
				said[p] = f.Class
			}
		})
	}
}

// TestEveryKeyReachesItsClass holds the class that an annotation is declared with, and the pages show, against what becomes
// of it: some case must end in it.
func TestEveryKeyReachesItsClass(t *testing.T) {
	reached := map[string][]finding.Class{}
	for _, c := range cases(t) {
		r, err := c.Run(0)
		require.NoError(t, err)
		for _, f := range r.Findings {
			if key, ok := strings.CutPrefix(f.Origin.Field, nginx.DefaultPrefix); ok && f.Class != "" && !slices.Contains(reached[key], f.Class) {
				reached[key] = append(reached[key], f.Class)
			}
		}
	}
	for _, f := range nginx.Features() {
		for _, k := range f.Keys {
			if !slices.Contains(reached[k.Name], k.Class) {
				t.Errorf("%s of feature %s is declared %s and ends in %v", k.Name, f.Name, k.Class, reached[k.Name])
			}
		}
	}
}
