package watch

import (
	"maps"
	"slices"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ingress2gw/ingress2gw/operator/apply"
)

// Outputs is what is known of the applied objects: what the cluster says, and what was done that it has not said yet.
type Outputs struct {
	mu   sync.Mutex
	live map[apply.Ref]apply.Live
	gone map[apply.Ref]removal // until a watch says so, too
	// unseen is what was applied and no watch has told of yet, with when it was looked at last. A watch that was interrupted never
	// tells of an object that was made and deleted meanwhile.
	unseen map[apply.Ref]time.Time
	busy   map[apply.Ref]busy
}

// busy is what is being done with an object.
type busy int

const (
	applying busy = iota + 1
	removing
)

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
	if ok && apply.Newer(known.Version, l.Version) {
		return false
	}
	delete(o.unseen, l.Ref)
	if ok && known.Version == l.Version {
		return false
	}
	if o.live == nil {
		o.live = map[apply.Ref]apply.Live{}
	}
	o.live[l.Ref] = l
	return (!ok || l.Content != l.Hash) && o.busy[l.Ref] == 0
}

// Begin notes that objects are being applied and removed, in steps: what a watch says of that is no news.
func (o *Outputs) Begin(applied, removed []apply.Ref) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.busy == nil {
		o.busy = map[apply.Ref]busy{}
	}
	for _, ref := range applied {
		o.busy[ref] = applying
	}
	for _, ref := range removed {
		o.busy[ref] = removing
	}
}

// End notes that they are no longer. It tells whether one of them is not as it was applied.
func (o *Outputs) End(refs ...apply.Ref) (news bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, ref := range refs {
		delete(o.busy, ref)
		l, ok := o.live[ref]
		news = news || ok && l.Content != l.Hash
	}
	return news
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
	o.forget(l.Ref)
	return o.busy[l.Ref] != removing
}

func (o *Outputs) forget(ref apply.Ref) {
	delete(o.live, ref)
	delete(o.unseen, ref)
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
	if o.unseen == nil {
		o.unseen = map[apply.Ref]time.Time{}
	}
	if o.live[l.Ref].Version != l.Version { // else a watch was faster, or nothing changed
		o.unseen[l.Ref] = time.Now()
	}
	o.live[l.Ref] = l
}

// Waits tells whether there are objects that no watch has told of.
func (o *Outputs) Waits() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.unseen) > 0
}

// Unseen are objects that no watch has told of for a while, and which were not looked at either, some at a time.
func (o *Outputs) Unseen(while time.Duration) (some []apply.Live) {
	const most = 100
	o.mu.Lock()
	defer o.mu.Unlock()
	for ref, since := range o.unseen {
		if time.Since(since) >= while {
			some = append(some, o.live[ref])
		}
	}
	slices.SortFunc(some, func(a, b apply.Live) int { return apply.Compare(a.Ref, b.Ref) })
	return some[:min(len(some), most)]
}

// Looked notes that an object is as it was applied, though no watch has told of it; or is not there any more.
func (o *Outputs) Looked(l apply.Live, there bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	_, waits := o.unseen[l.Ref]
	switch known := o.live[l.Ref]; {
	case !waits || known.UID != l.UID || known.Version != l.Version: // a watch has told of it meanwhile
	case there:
		o.unseen[l.Ref] = time.Now()
	default:
		o.forget(l.Ref)
	}
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
	o.forget(ref)
}

// Forget drops what is known of the objects of a kind.
func (o *Outputs) Forget(gvk schema.GroupVersionKind) {
	o.mu.Lock()
	defer o.mu.Unlock()
	maps.DeleteFunc(o.live, func(ref apply.Ref, _ apply.Live) bool { return ref.GVK() == gvk })
	maps.DeleteFunc(o.gone, func(ref apply.Ref, _ removal) bool { return ref.GVK() == gvk })
	maps.DeleteFunc(o.unseen, func(ref apply.Ref, _ time.Time) bool { return ref.GVK() == gvk })
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

// each calls f for all objects of a kind.
func (o *Outputs) each(gvk schema.GroupVersionKind, f func(key client.ObjectKey, version string)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for ref, l := range o.live {
		if ref.GVK() == gvk {
			f(client.ObjectKey{Namespace: ref.Namespace, Name: ref.Name}, l.Version)
		}
	}
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
