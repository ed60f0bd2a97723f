// Package watch follows a cluster: what is translated, and what was applied. Kinds that are not installed are waited for.
package watch

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ingress2gw/ingress2gw/operator/apply"
)

// Watcher follows kinds and tells when something changed.
type Watcher struct {
	Inputs, Outputs cache.Cache
	Discovery       discovery.ServerResourcesInterface
	Live            Outputs
	// Again is after how long is looked for a kind that was missing, and for an object that no watch tells of.
	Again time.Duration

	trigger chan struct{}
	urgent  chan struct{}
	mu      sync.Mutex
	started map[string]*followed
	missing map[schema.GroupVersionKind]time.Time // when it was looked for last
	errors  map[string]string                     // by what could not be watched
	refused map[string]string                     // why, by name of what may not be read
	changes Changes                               // since they were taken
}

// followed is a kind that is watched.
type followed struct {
	toolscache.ResourceEventHandlerRegistration // it has synced when the handler has seen all, too

	name   string
	object client.Object // of the kind
	input  bool
}

// New makes a Watcher.
func New(inputs, outputs cache.Cache, d discovery.ServerResourcesInterface) *Watcher {
	return &Watcher{
		Inputs: inputs, Outputs: outputs, Discovery: d, Again: 15 * time.Second, trigger: make(chan struct{}, 1), urgent: make(chan struct{}, 1),
		started: map[string]*followed{}, missing: map[schema.GroupVersionKind]time.Time{}, errors: map[string]string{}, refused: map[string]string{},
	}
}

// Trigger says that there is something to do.
func (w *Watcher) Trigger() {
	w.mu.Lock()
	w.changes.Else = true
	w.mu.Unlock()
	signal(w.trigger)
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // it is known already
	}
}

// Changes has an element when something changed.
func (w *Watcher) Changes() <-chan struct{} { return w.trigger }

// Urgent has an element when an applied object that protects routes was changed.
func (w *Watcher) Urgent() <-chan struct{} { return w.urgent }

// Urge asks for a round that does not wait.
func (w *Watcher) Urge() { signal(w.urgent) }

// Follow watches a kind of the input. changed tells whether a change matters; nil: each does.
func (w *Watcher) Follow(ctx context.Context, o client.Object, changed func(before, now client.Object) bool) error {
	name := InputName(o)
	return w.start(ctx, name, w.Inputs, o, func() toolscache.ResourceEventHandler {
		return toolscache.ResourceEventHandlerFuncs{
			AddFunc: w.note,
			UpdateFunc: func(before, now any) {
				a, _ := before.(client.Object)
				b, _ := now.(client.Object)
				if a == nil || b == nil || a.GetResourceVersion() != b.GetResourceVersion() && (changed == nil || changed(a, b)) {
					w.note(now)
				}
			},
			DeleteFunc: w.note,
		}
	})
}

// all are the kinds that are watched, in order.
func (w *Watcher) all() (out []*followed) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(w.started)) {
		out = append(out, w.started[name])
	}
	return out
}

// InputName is what a kind of the input is called.
func InputName(o runtime.Object) string {
	if gvk := o.GetObjectKind().GroupVersionKind(); gvk.Kind != "" {
		return "input " + gvk.String()
	}
	return fmt.Sprintf("input %T", o)
}

// OutputName is what a kind of applied objects is called.
func OutputName(o runtime.Object) string {
	return "output " + o.GetObjectKind().GroupVersionKind().String()
}

// Following tells whether a kind is part of the input that is watched.
func (w *Watcher) Following(gvk schema.GroupVersionKind) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.started["input "+gvk.String()] != nil
}

// FollowKind watches a kind of the input that has no Go type here.
func (w *Watcher) FollowKind(ctx context.Context, gvk schema.GroupVersionKind) error {
	o := &unstructured.Unstructured{}
	o.SetGroupVersionKind(gvk)
	return w.Follow(ctx, o, nil)
}

// FollowApplied watches applied objects of a kind. It tells whether the kind is there.
func (w *Watcher) FollowApplied(ctx context.Context, gvk schema.GroupVersionKind) (bool, error) {
	if has, err := w.Find(gvk); !has || err != nil {
		return false, err
	}
	var o client.Object = &unstructured.Unstructured{}
	if gvk.Kind == "Secret" { // what they hold is read only when it must be
		o = &metav1.PartialObjectMetadata{}
	}
	o.GetObjectKind().SetGroupVersionKind(gvk)
	read := func(in any) (apply.Live, bool) {
		if d, ok := in.(toolscache.DeletedFinalStateUnknown); ok {
			in = d.Obj
		}
		o, ok := in.(client.Object)
		if !ok {
			return apply.Live{}, false
		}
		return apply.LiveOf(o, gvk), true
	}
	tell := func(l apply.Live) {
		if apply.Protects(l.Ref) {
			signal(w.urgent)
		}
		w.Trigger()
	}
	saw := func(in any) {
		if l, ok := read(in); ok && w.Live.Saw(l) {
			tell(l)
		}
	}
	return true, w.start(ctx, OutputName(o), w.Outputs, o, func() toolscache.ResourceEventHandler {
		return toolscache.ResourceEventHandlerFuncs{
			AddFunc:    saw,
			UpdateFunc: func(_, now any) { saw(now) },
			DeleteFunc: func(in any) {
				if l, ok := read(in); ok && w.Live.Gone(l) {
					tell(l)
				}
			},
		}
	})
}

func (w *Watcher) start(ctx context.Context, name string, c cache.Cache, o client.Object, handler func() toolscache.ResourceEventHandler) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.started[name] != nil {
		return nil
	}
	informer, err := c.GetInformer(ctx, o, cache.BlockUntilSynced(false))
	if err != nil {
		return fmt.Errorf("watching %s: %w", strings.TrimPrefix(name, "input "), err)
	}
	registered, err := informer.AddEventHandler(handler())
	if err != nil {
		return fmt.Errorf("watching %s: %w", strings.TrimPrefix(name, "input "), err)
	}
	w.started[name] = &followed{registered, name, o, c == w.Inputs}
	return nil
}

// FollowingApplied tells whether applied objects of a kind are watched.
func (w *Watcher) FollowingApplied(gvk schema.GroupVersionKind) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.started["output "+gvk.String()] != nil
}

// Installed tells whether the cluster has a kind now. One that is missing is not waited for.
func (w *Watcher) Installed(gvk schema.GroupVersionKind) bool {
	if gvk.Group == "" {
		return true
	}
	verbs, err := w.verbs(gvk)
	return err == nil && len(verbs) > 0
}

// Has tells whether the cluster is known to have a kind.
func (w *Watcher) Has(gvk schema.GroupVersionKind) bool {
	has, err := w.Find(gvk)
	return has && err == nil
}

// Find tells whether the cluster has a kind. One that is missing is not looked for at every question. A server that gives no answer
// does not say that it is missing.
func (w *Watcher) Find(gvk schema.GroupVersionKind) (bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	last, missed := w.missing[gvk]
	if !missed && (w.started["output "+gvk.String()] != nil || w.started["input "+gvk.String()] != nil || gvk.Group == "") {
		return true, nil
	}
	if missed && time.Since(last) < w.Again {
		return false, nil
	}
	verbs, err := w.verbs(gvk)
	if err != nil {
		return false, err
	}
	if len(verbs) > 0 {
		delete(w.missing, gvk)
		return true, nil
	}
	w.missing[gvk] = time.Now()
	return false, nil
}

// Writable asks the cluster whether objects of a kind can be made, which is not so any more while the kind is being removed.
func (w *Watcher) Writable(gvk schema.GroupVersionKind) (bool, error) {
	verbs, err := w.verbs(gvk)
	return slices.Contains(verbs, "create"), err
}

// verbs asks the cluster what can be done with a kind: nothing if it is not installed.
func (w *Watcher) verbs(gvk schema.GroupVersionKind) ([]string, error) {
	list, err := w.Discovery.ServerResourcesForGroupVersion(gvk.GroupVersion().String())
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("asking for the kinds of %s: %w", gvk.GroupVersion(), err)
	}
	for i := range list.APIResources {
		if r := &list.APIResources[i]; r.Kind == gvk.Kind && !strings.Contains(r.Name, "/") {
			return r.Verbs, nil
		}
	}
	return nil, nil
}

// Lost notes that a kind is not there any more, and its objects neither.
func (w *Watcher) Lost(gvk schema.GroupVersionKind) {
	w.Live.Forget(gvk)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.missing[gvk] = time.Now()
}

// Missing tells whether a kind is being waited for.
func (w *Watcher) Missing() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.missing) > 0
}

// Synced tells whether all that is watched is known, and followed. If not, it says what is not, and why if that is known.
func (w *Watcher) Synced() (bool, string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(w.started)) {
		if !w.started[name].HasSynced() || w.refused[name] != "" {
			return false, strings.Join(slices.Compact(append([]string{name}, sorted(w.refused, w.errors)...)), "; ")
		}
	}
	return true, ""
}

// Refused says what may not be read, in the API server's words: "" if nothing is known of that.
func (w *Watcher) Refused() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Join(sorted(w.refused), "; ")
}

// Knows tells whether a kind of the input has been read once.
func (w *Watcher) Knows(o client.Object) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	i := w.started[InputName(o)]
	return i != nil && i.HasSynced()
}

// Listed takes what came of listing a kind.
func (w *Watcher) Listed(name string, err error) {
	if apierrors.IsForbidden(err) {
		w.mu.Lock()
		w.refused[name] = err.Error()
		w.mu.Unlock()
	}
}

// Watched takes what came of watching a kind. One that may be listed and not watched would be known as it was some time ago, again and
// again: nothing is to be done with that.
func (w *Watcher) Watched(name string, err error) {
	if w.Listed(name, err); err == nil {
		w.mu.Lock()
		delete(w.refused, name)
		w.mu.Unlock()
	}
}

func sorted(all ...map[string]string) (out []string) {
	for _, m := range all {
		for _, v := range m {
			out = append(out, v)
		}
	}
	slices.Sort(out)
	return out
}

// Late is the caches' handler of errors, for caches that are made before the Watcher.
func Late(w **Watcher) toolscache.WatchErrorHandlerWithContext {
	return func(ctx context.Context, r *toolscache.Reflector, err error) {
		if *w != nil {
			(*w).Failed(ctx, r, err)
		}
	}
}

// Failed is the caches' handler of errors.
func (w *Watcher) Failed(ctx context.Context, r *toolscache.Reflector, err error) {
	toolscache.DefaultWatchErrorHandler(ctx, r, err)
	if meta.IsNoMatchError(err) {
		return
	}
	w.mu.Lock()
	w.errors[r.TypeDescription()] = err.Error()
	w.mu.Unlock()
}
