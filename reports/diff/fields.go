package diff

import (
	"maps"
	"reflect"
	"slices"
)

// Fields lists where two trees differ, from the top down, keys in order. Lists whose items all have names of their own are
// compared by name. In others, items that are the same are found first, and what stands between them is compared in its order.
// Indexes are those of the second tree, and for what it does not have those of the first.
func Fields(a, b map[string]any) []Field {
	var c comparison
	c.maps(nil, a, b)
	return c.out
}

type comparison struct{ out []Field }

func (c *comparison) changed(p Path, a, b any) {
	c.out = append(c.out, Field{Path: p, Live: a, Wanted: b, LiveThere: true, WantedHere: true})
}

func (c *comparison) removed(p Path, a any) {
	c.out = append(c.out, Field{Path: p, Live: a, LiveThere: true})
}

func (c *comparison) added(p Path, b any) {
	c.out = append(c.out, Field{Path: p, Wanted: b, WantedHere: true})
}

func (c *comparison) maps(p Path, a, b map[string]any) {
	all := make(map[string]bool, len(a)+len(b))
	for k := range a {
		all[k] = true
	}
	for k := range b {
		all[k] = true
	}
	for _, k := range slices.Sorted(maps.Keys(all)) {
		x, inA := a[k]
		y, inB := b[k]
		at := p.with(Step{Field: k})
		switch {
		case !inB:
			c.removed(at, x)
		case !inA:
			c.added(at, y)
		default:
			c.values(at, x, y)
		}
	}
}

func (c *comparison) values(p Path, a, b any) {
	switch x := a.(type) {
	case map[string]any:
		if y, ok := b.(map[string]any); ok {
			c.maps(p, x, y)
			return
		}
	case []any:
		if y, ok := b.([]any); ok {
			c.lists(p, x, y)
			return
		}
	}
	if !reflect.DeepEqual(a, b) {
		c.changed(p, a, b)
	}
}

func (c *comparison) lists(p Path, a, b []any) {
	switch {
	case reflect.DeepEqual(a, b):
	case !structured(a) || !structured(b): // of plain values: short, and only as a whole of any meaning
		c.changed(p, a, b)
	case named(a) && named(b):
		c.byName(p, a, b)
	default:
		c.inOrder(p, a, b)
	}
}

// structured tells whether all items are mappings.
func structured(list []any) bool {
	for _, v := range list {
		if _, ok := v.(map[string]any); !ok {
			return false
		}
	}
	return true
}

// name is the name of an item of a list. What is patched into a route by an EnvoyFilter is named after the route.
func name(v any) string {
	m, _ := v.(map[string]any)
	if s, ok := m["name"].(string); ok {
		return s
	}
	for _, step := range [...]string{"match", "routeConfiguration", "vhost", "route"} {
		m, _ = m[step].(map[string]any)
	}
	s, _ := m["name"].(string)
	return s
}

// named tells whether every item has a name of its own.
func named(list []any) bool {
	seen := make(map[string]bool, len(list))
	for _, v := range list {
		n := name(v)
		if n == "" || seen[n] {
			return false
		}
		seen[n] = true
	}
	return true
}

func (c *comparison) byName(p Path, a, b []any) {
	old := make(map[string]any, len(a))
	for _, v := range a {
		old[name(v)] = v
	}
	var common []any // names, in the order of b
	for _, v := range b {
		at := p.with(Step{Item: true, Name: name(v)})
		if x, ok := old[name(v)]; ok {
			common = append(common, name(v))
			c.values(at, x, v)
			delete(old, name(v))
			continue
		}
		c.added(at, v)
	}
	var before []any
	for _, v := range a {
		if _, gone := old[name(v)]; gone {
			c.removed(p.with(Step{Item: true, Name: name(v)}), v)
			continue
		}
		before = append(before, name(v))
	}
	if !reflect.DeepEqual(before, common) { // the order of routes is their precedence
		c.changed(p, before, common)
	}
}

// mostCells bounds the table of a comparison in order.
const mostCells = 1 << 22

func (c *comparison) inOrder(p Path, a, b []any) {
	first := 0
	for first < len(a) && first < len(b) && reflect.DeepEqual(a[first], b[first]) {
		first++
	}
	endA, endB := len(a), len(b)
	for endA > first && endB > first && reflect.DeepEqual(a[endA-1], b[endB-1]) {
		endA, endB = endA-1, endB-1
	}
	i, j := first, first
	for _, m := range matches(a[first:endA], b[first:endB]) {
		c.gap(p, a, b, span{i, first + m.a, j, first + m.b})
		i, j = first+m.a+1, first+m.b+1
	}
	c.gap(p, a, b, span{i, endA, j, endB})
}

type span struct{ a, endA, b, endB int }

// gap compares what stands between items that are the same.
func (c *comparison) gap(p Path, a, b []any, s span) {
	for s.a < s.endA && s.b < s.endB {
		c.values(p.with(Step{Item: true, Index: s.b}), a[s.a], b[s.b])
		s.a, s.b = s.a+1, s.b+1
	}
	for ; s.a < s.endA; s.a++ {
		c.removed(p.with(Step{Item: true, Index: s.a}), a[s.a])
	}
	for ; s.b < s.endB; s.b++ {
		c.added(p.with(Step{Item: true, Index: s.b}), b[s.b])
	}
}

type match struct{ a, b int }

// matches is a longest common subsequence of two lists; none if they are too long to look for it.
func matches(a, b []any) []match {
	if len(a) == 0 || len(b) == 0 || len(a)*len(b) > mostCells {
		return nil
	}
	x, y := numbered(a, b)
	width := len(b) + 1
	length := make([]int32, (len(a)+1)*width) // of the rests from i and j
	for i, v := range slices.Backward(x) {
		for j, w := range slices.Backward(y) {
			if v == w {
				length[i*width+j] = length[(i+1)*width+j+1] + 1
			} else {
				length[i*width+j] = max(length[(i+1)*width+j], length[i*width+j+1])
			}
		}
	}
	var out []match
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case x[i] == y[j]:
			out = append(out, match{i, j})
			i, j = i+1, j+1
		case length[(i+1)*width+j] >= length[i*width+j+1]:
			i++
		default:
			j++
		}
	}
	return out
}

// numbered gives equal items equal numbers.
func numbered(a, b []any) (x, y []int) {
	known := map[string]int{}
	number := func(list []any) []int {
		out := make([]int, len(list))
		for i, v := range list {
			text := oneLine(v)
			if _, ok := known[text]; !ok {
				known[text] = len(known)
			}
			out[i] = known[text]
		}
		return out
	}
	return number(a), number(b)
}
