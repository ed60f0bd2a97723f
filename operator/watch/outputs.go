package watch

import (
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/types"

	"github.com/ingress2gw/ingress2gw/operator/apply"
)

// Outputs is what is known of the applied objects: what the cluster says, and what was done that it has not said yet.
type Outputs struct {
	mu   sync.Mutex
	live map[apply.Ref]apply.Live
	gone map[apply.Ref]removal // until a watch says so, too
}

// removal is what is known of an object that was removed: that it is not there with this UID, or was handed over at this version.
type removal struct {
	uid     types.UID
	version string
}

// covers tells whether a watch tells of the object as it was before its removal.
func (r removal) covers(l apply.Live) bool {
	if r.version != "" {
		return !apply.Newer(l.Version, r.version)
	}
	return r.uid == l.UID
}

// Saw takes what a watch says of an object. It tells whether that is news: somebody else changed it.
func (o *Outputs) Saw(l apply.Live) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if r, removed := o.gone[l.Ref]; removed && r.covers(l) {
		return false
	}
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
	delete(o.gone, l.Ref)
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
	delete(o.gone, l.Ref)
	if o.live == nil {
		o.live = map[apply.Ref]apply.Live{}
	}
	o.live[l.Ref] = l
}

// Removed notes that an object was removed, or handed over at a version.
func (o *Outputs) Removed(ref apply.Ref, version string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	known, ok := o.live[ref]
	if !ok {
		return
	}
	if o.gone == nil {
		o.gone = map[apply.Ref]removal{}
	}
	o.gone[ref] = removal{known.UID, version}
	delete(o.live, ref)
}

// Of gives the objects of a Migration.
func (o *Outputs) Of(migration string) map[apply.Ref]apply.Live {
	o.mu.Lock()
	defer o.mu.Unlock()
	out := make(map[apply.Ref]apply.Live, len(o.live))
	for ref, l := range o.live {
		if l.Migration == migration && (l.Edge == "live" || l.Edge == "shadow") {
			out[ref] = l
		}
	}
	return out
}

// Get gives one object of a Migration; false if it is not there.
func (o *Outputs) Get(ref apply.Ref, migration string) (apply.Live, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	l, ok := o.live[ref]
	return l, ok && l.Migration == migration && (l.Edge == "live" || l.Edge == "shadow")
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
