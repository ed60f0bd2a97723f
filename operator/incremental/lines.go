package incremental

import (
	"slices"
	"strings"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// linesOf are the lines of a list of hosts, in order.
func linesOf(o *manifest.Object) (manifest.Map, bool) {
	data, _ := o.Fields.Get("data")
	lines, _ := data.(manifest.Map)
	return lines, o.Spec == nil && len(o.Fields) <= 1
}

// mostLines keeps a list below the size that it may have.
const mostLines = 10_000

// withLines gives a list with the lines of another; nil if it has them. false if they say different things of a host.
func withLines(have, more *manifest.Object) (*manifest.Object, bool) {
	a, okA := linesOf(have)
	b, okB := linesOf(more)
	if !okA || !okB {
		return nil, false
	}
	var missing manifest.Map
	for _, f := range b {
		i, there := slices.BinarySearchFunc(a, f.Key, byKey)
		switch {
		case !there:
			missing = append(missing, f)
		case a[i].Value != f.Value:
			return nil, false
		}
	}
	if len(missing) == 0 || len(a)+len(missing) > mostLines {
		return nil, len(missing) == 0
	}
	o := *have
	all := slices.Concat(a, missing)
	slices.SortFunc(all, func(x, y manifest.Field) int { return byKey(x, y.Key) })
	o.Fields = manifest.Map{{Key: "data", Value: all}}
	return &o, true
}

func byKey(f manifest.Field, key string) int { return strings.Compare(f.Key, key) }

// linesWithin tells whether all lines of one list are in another.
func linesWithin(some, all *manifest.Object) bool {
	o, ok := withLines(all, some)
	return o == nil && ok
}
