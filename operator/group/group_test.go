package group

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOf(t *testing.T) {
	for name, tt := range map[string]struct {
		in   [][]string
		want [][]int
	}{
		"nothing":                       {nil, [][]int{}},
		"strangers stay apart":          {[][]string{{"a"}, {"b"}, {}}, [][]int{{0}, {1}, {2}}},
		"a shared word brings together": {[][]string{{"a"}, {"b"}, {"a"}}, [][]int{{0, 2}, {1}}},
		"through others":                {[][]string{{"a"}, {"b"}, {"c"}, {"c", "b"}, {"b", "a"}}, [][]int{{0, 1, 2, 3, 4}}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, Of(tt.in)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
