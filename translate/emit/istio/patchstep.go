package istio

import (
	"slices"
	"strconv"
)

// Most entries take the same few steps to their patch: the default limit of bodies, the default timeouts, a list that others
// have too. Each step from one patch to another is taken once.

// patchState is a patch that certain steps lead to from an empty one.
type patchState struct {
	patch patch
	next  map[string]*patchState // by all that is done next
	name  string                 // of the routes, without a mark, once it is given
}

// step changes the patch of an entry. key says all that change does to it, and change does nothing else that has to be done
// for each entry.
func (e *emitter) step(x *entry, key []byte, change func()) {
	from := x.patch.state
	if from == nil {
		if !x.patch.fresh() {
			change() // it has been changed without a step
			return
		}
		from = &e.firstPatch
	}
	mark := x.patch.mark
	to := from.next[string(key)]
	if to == nil {
		change()
		to = &patchState{patch: x.patch.clone()}
		to.patch.state = to
		to.patch.mark = ""
		if from.next == nil {
			from.next = map[string]*patchState{}
		}
		from.next[string(key)] = to
	}
	x.patch = to.patch
	x.patch.mark = mark
}

// fresh tells whether nothing was done to the patch yet.
func (p *patch) fresh() bool {
	return p.empty() && len(p.labels)+len(p.guards) == 0 && !p.own
}

// need notes an access filter that must be in place for the route to be open.
func (p *patch) need(filter string) {
	p.guards = append(slices.Clip(p.guards), filter)
	p.state = nil
}

// belong says that the patch holds something that only one Ingress can have.
func (p *patch) belong() {
	p.own = true
	p.state = nil
}

// stepKey is the key of a step that a word and some numbers describe.
func stepKey(b []byte, word string, numbers ...int64) []byte {
	b = append(b, word...)
	for _, n := range numbers {
		b = strconv.AppendInt(append(b, ' '), n, 36)
	}
	return b
}
