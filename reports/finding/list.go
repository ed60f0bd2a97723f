package finding

import (
	"maps"
	"slices"
)

// List collects findings. The zero value is ready to use. It is not safe for concurrent use.
type List struct {
	all   []Finding
	later [][]Finding // that came behind, in pieces: a fleet has hundreds of thousands, and none is moved to make room
}

// leastPiece and mostPiece bound what is made room for at a time.
const leastPiece, mostPiece = 16, 4096

// Take makes a list of findings that nobody else uses any more.
func Take(all []Finding) *List { return &List{all: all} }

// Add appends findings.
func (l *List) Add(fs ...Finding) {
	for i := range fs {
		l.add(&fs[i])
	}
}

func (l *List) add(f *Finding) {
	n := len(l.later)
	if n == 0 || len(l.later[n-1]) == cap(l.later[n-1]) {
		size := leastPiece
		if n > 0 {
			size = min(2*cap(l.later[n-1]), mostPiece)
		}
		l.later = append(l.later, make([]Finding, 0, size))
		n++
	}
	l.later[n-1] = append(l.later[n-1], *f)
}

// Report appends a finding made from its parts.
func (l *List) Report(code Code, o Origin, args ...string) {
	l.add(&Finding{Code: code, Class: code.Entry().Class, Origin: o, Args: args})
}

// Each visits the findings so far, in the order in which they were added.
func (l *List) Each(visit func(*Finding)) {
	for i := range l.all {
		visit(&l.all[i])
	}
	for _, piece := range l.later {
		for i := range piece {
			visit(&piece[i])
		}
	}
}

// Len is the number of findings so far.
func (l *List) Len() int {
	n := len(l.all)
	for _, piece := range l.later {
		n += len(piece)
	}
	return n
}

// sort puts all findings into order: the objects, and then what is said of each, which is little.
func (l *List) sort() {
	if len(l.later) == 0 && inOrder(l.all) {
		return
	}
	order := l.byObject()
	all := make([]Finding, 0, len(order))
	for len(order) > 0 {
		n := 1
		for n < len(order) && compareObjects(order[n].Origin.Object, order[0].Origin.Object) == 0 {
			n++
		}
		slices.SortFunc(order[:n], Compare)
		for _, f := range order[:n] {
			all = append(all, *f)
		}
		order = order[n:]
	}
	l.all, l.later = all, nil
}

func inOrder(all []Finding) bool {
	for i := 1; i < len(all); i++ {
		if Compare(&all[i-1], &all[i]) > 0 {
			return false
		}
	}
	return true
}

// byObject gives the findings ordered by object.
func (l *List) byObject() []*Finding {
	at := map[*Object]int{} // the number of findings of an object, then the place of its next one
	l.Each(func(f *Finding) { at[f.Origin.Object]++ })
	n := 0
	for _, o := range slices.SortedFunc(maps.Keys(at), compareObjects) {
		at[o], n = n, n+at[o]
	}
	order := make([]*Finding, n)
	l.Each(func(f *Finding) {
		i := at[f.Origin.Object]
		order[i] = f
		at[f.Origin.Object] = i + 1
	})
	return order
}

// Sorted gives the findings in order, each once.
func (l *List) Sorted() []Finding {
	l.sort()
	l.all = slices.CompactFunc(l.all, func(a, b Finding) bool { return Compare(&a, &b) == 0 })
	return l.all
}

// Settle gives every annotation, setting, rule and TLS block one class, the worst that was said of it: that it is translated
// exactly, or needs nothing, is dropped where it is not the whole truth, and other statements about it lose their class.
func (l *List) Settle() {
	l.sort() // so that one object can be settled after the other
	kept := l.all[:0]
	worst := map[place]int{}
	for rest := l.all; len(rest) > 0; {
		n := 1
		for n < len(rest) && compareObjects(rest[n].Origin.Object, rest[0].Origin.Object) == 0 {
			n++
		}
		kept = settle(kept, rest[:n], worst)
		rest = rest[n:]
	}
	clear(l.all[len(kept):])
	l.all = kept
}

type place struct {
	object *Object
	field  string
}

// settle appends what remains of the findings about one object. worst is memory to be used.
func settle(kept, all []Finding, worst map[place]int) []Finding {
	clear(worst)
	for i := range all {
		f := &all[i]
		if p := (place{f.Origin.Object, f.Part()}); p.field != "" && f.Class != "" {
			worst[p] = max(worst[p], f.Class.rank(p.field))
		}
	}
	for i := range all {
		f := &all[i]
		p := place{f.Origin.Object, f.Part()}
		if p.field != "" && f.Class != "" && f.Class.rank(p.field) < worst[p] {
			if f.Class == Exact || f.Code == KeyNoop || f.Code == SettingNoop {
				continue
			}
			f.Class = ""
		}
		kept = append(kept, *f)
	}
	return kept
}
