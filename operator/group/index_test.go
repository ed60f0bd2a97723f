package group

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestIndex(t *testing.T) {
	all := func(string) bool { return true }
	for name, tt := range map[string]struct {
		start  []string
		counts func(string) bool
		most   int
		want   []string // nil: too many
	}{
		"a stranger is alone":             {[]string{"x"}, all, 9, []string{"x"}},
		"through others":                  {[]string{"a"}, all, 9, []string{"a", "b", "c"}},
		"not through one that counts not": {[]string{"a"}, func(k string) bool { return k != "b" }, 9, []string{"a"}},
		"several begin":                   {[]string{"a", "x"}, all, 9, []string{"a", "b", "c", "x"}},
		"of what is gone nothing":         {[]string{"d"}, func(k string) bool { return k != "d" }, 9, []string{}},
		"too many":                        {[]string{"a"}, all, 2, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var x Index[string]
			x.Set("a", []string{"1"})
			x.Set("b", []string{"3"})
			x.Set("b", []string{"1", "2", "2"})
			x.Set("c", []string{"2", "4"})
			x.Set("d", []string{"4"})
			x.Set("d", nil)
			x.Set("x", []string{"3"})
			got, ok := x.With(tt.start, tt.counts, tt.most)
			slices.Sort(got)
			if ok != (tt.want != nil) {
				t.Fatalf("%v, %v", got, ok)
			}
			if ok && !slices.Equal(tt.want, got) {
				t.Error(cmp.Diff(tt.want, got))
			}
		})
	}
}
