package watch

import (
	"slices"
	"sync"

	"github.com/ingress2gw/ingress2gw/operator/apply"
)

// Outputs is what is known of the applied objects: what the cluster says, and what was done that it has not said yet.
type Outputs struct {
	mu   sync.Mutex
	live map[apply.Ref]apply.Live
}

// Saw takes what a watch says of an object. It tells whether that is news: somebody else changed it.
func (o *Outputs) Saw(l apply.Live) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	known, ok := o.live[l.Ref]
	if ok && (known.Version == l.Version || apply.Newer(known.Version, l.Version)) {
		return false
	}
	if o.live == nil {
		o.live = map[apply.Ref]apply.Live{}
	}
	o.live[l.Ref] = l
	return !ok || l.Content != l.Hash
}

// Gone takes what a watch says of an object that was deleted. It tells whether that is news.
func (o *Outputs) Gone(l apply.Live) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	known, ok := o.live[l.Ref]
	if !ok || known.UID != "" && l.UID != known.UID || apply.Newer(known.Version, l.Version) {
		return false
	}
	delete(o.live, l.Ref)
	return true
}

// Applied notes what was applied.
func (o *Outputs) Applied(l apply.Live) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if known, ok := o.live[l.Ref]; ok && apply.Newer(known.Version, l.Version) {
		return // changed since
	}
	if o.live == nil {
		o.live = map[apply.Ref]apply.Live{}
	}
	o.live[l.Ref] = l
}

// Removed notes that an object was removed or handed over.
func (o *Outputs) Removed(r apply.Ref) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.live, r)
}

// List gives the objects of an edge, in order.
func (o *Outputs) List(migration, edge string) []apply.Live {
	o.mu.Lock()
	defer o.mu.Unlock()
	var out []apply.Live
	for _, l := range o.live {
		if l.Migration == migration && l.Edge == edge {
			out = append(out, l)
		}
	}
	slices.SortFunc(out, func(a, b apply.Live) int { return apply.Compare(a.Ref, b.Ref) })
	return out
}
