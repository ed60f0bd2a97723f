package apply

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
)

// Engine writes to a cluster.
type Engine struct {
	Client *Client
	// Pause waits until the proxy can be thought to have heard of what was applied. It ends early with the context.
	Pause func(ctx context.Context) error
	// Workers is how many requests are under way at once.
	Workers int
	// Adopt takes over objects that `ingress2gw convert` wrote. nil: they are left alone.
	Adopt *Adoption
	// Repair takes back what somebody else changed of the operator's objects.
	Repair bool
	// Migration is whose objects these are.
	Migration string
}

// State is what became of an object.
type State string

// The states. All but Applied and Removed are reasons of the condition Applied as well.
const (
	Applied     State = v1alpha1.ReasonApplied
	Removed     State = "Removed"
	Foreign     State = v1alpha1.ReasonForeignObject
	Conflict    State = v1alpha1.ReasonConflict
	Rejected    State = v1alpha1.ReasonRejected
	Forbidden   State = v1alpha1.ReasonForbidden
	KindMissing State = v1alpha1.ReasonKindMissing
	Failed      State = v1alpha1.ReasonFailed
	Waits       State = v1alpha1.ReasonWaitsForOthers // something that it needs is not there
)

// Result is what became of one object.
type Result struct {
	State   State
	Version string // resourceVersion after it
	UID     types.UID
	Adopted bool
	Message string
	Cause   State // of Waits: what became of that which is not there
}

// Change is an object to be applied.
type Change struct {
	*Desired
	Live  *Live // what is there; nil if nothing is known of it
	Known bool  // it was there, and the operator's
	Back  bool  // it is taken back if it was handed over
	Force bool  // take fields that somebody else changed
	// Needs are objects without which this one must not be applied. Broken of them are known not to be there, with why.
	Needs  []Ref
	Broken map[Ref]Result
	marked bool // it was handed over, and is taken back
}

// Plan is one change of an edge.
type Plan struct {
	Changes []Change // in the order in which they are applied
	Remove  []Live
	Release []Live // are handed over
}

// run is a plan that is carried out.
type run struct {
	*Engine
	mu      sync.Mutex
	untried bool // there was no dry run
	results map[Ref]Result
	live    map[Ref]*unstructured.Unstructured // of Gateways, DestinationRules and EnvoyFilters that change
	changes map[Ref]*Change

	adopting  sync.Once
	orphan    string // why nothing can be taken over
	orphanErr error
}

// Do carries out a plan. The error is that of the context; what went wrong with an object is in its result.
func (e *Engine) Do(ctx context.Context, p Plan) (map[Ref]Result, error) {
	r := &run{Engine: e, untried: alone(p), results: map[Ref]Result{}, live: map[Ref]*unstructured.Unstructured{}, changes: make(map[Ref]*Change, len(p.Changes))}
	for i := range p.Changes {
		r.changes[p.Changes[i].Ref] = &p.Changes[i]
	}
	r.look(ctx, p)
	if !r.untried {
		r.each(ctx, p.Changes, func(c *Change) { r.try(ctx, c) })
	}
	err := r.steps(ctx, p)
	return r.results, errors.Join(err, ctx.Err())
}

func (r *run) steps(ctx context.Context, p Plan) error {
	final, needed, routes := gateways{}, p.Changes, []Change(nil)
	if i := slices.IndexFunc(needed, func(c Change) bool { return c.Kind == "VirtualService" }); i >= 0 {
		needed, routes = p.Changes[:i], p.Changes[i:]
	}
	var later []Change
	var covers []Ref
	grows := len(routes)+len(p.Remove) > 0 || len(r.planGateways(p.Changes).recertified()) > 0
	for _, kind := range chunks(needed) {
		if kind[0].Kind == "Gateway" {
			final = r.planGateways(kind)
			var err error
			if covers, err = r.move(ctx, &p, routes, final); err != nil {
				return err
			}
		}
		r.each(ctx, kind, func(c *Change) {
			live := r.live[c.Ref]
			if live == nil || !grows {
				r.apply(ctx, c, nil)
				return
			}
			wanted := c.tree()
			now := grown(live, wanted, whatever)
			if c.Kind == "Gateway" {
				wanted, now = final.wanted[c.Ref], final.grown(c.Ref)
			}
			if now == wanted {
				now = nil
			}
			r.apply(ctx, c, now)
			if now != nil {
				r.mu.Lock()
				later = append(later, *c)
				r.mu.Unlock()
			}
		})
	}
	removals := r.removals(p.Remove)
	last := slices.IndexFunc(removals, func(l Live) bool { return l.Kind != "VirtualService" })
	if last < 0 {
		last = len(removals)
	}
	if len(routes) > 0 && (len(final.moved) > 0 || slices.ContainsFunc(needed, func(c Change) bool { return c.Kind == "EnvoyFilter" && !r.bad(c.Ref) })) {
		// Routes must not be ahead of the patches that protect them, nor leave a Gateway before their host does.
		if err := r.Pause(ctx); err != nil {
			return err
		}
	}
	r.inOrder(ctx, r.leaving(ctx, removals[:last], routes))
	r.withoutDestinations(routes)
	for _, stage := range chunks(routes) {
		r.withoutDelegates(stage)
		r.each(ctx, stage, func(c *Change) { r.apply(ctx, c, nil) })
	}
	left := r.removeRoutes(ctx, routes, removals[:last])
	for i := range p.Release {
		r.release(ctx, &p.Release[i])
	}
	if later = r.finish(left, later, final); last == len(removals) && len(later)+len(covers) == 0 {
		return nil
	}
	if len(routes)+last+len(covers) > 0 {
		if err := r.Pause(ctx); err != nil {
			return err
		}
	}
	r.uncover(ctx, covers)
	slices.SortFunc(later, func(a, b Change) int { return -compareRank(a.Ref, b.Ref) })
	for i := range later {
		if !r.bad(later[i].Ref) {
			r.apply(ctx, &later[i], nil)
		}
	}
	if len(left) == 0 {
		r.inOrder(ctx, removals[last:])
	}
	return nil
}

// look reads those of the live objects that change in steps.
func (r *run) look(ctx context.Context, p Plan) {
	read := func(ref Ref) {
		u := object(ref)
		switch err := r.Client.Get(ctx, ref.key(), u); {
		case err == nil && isOurs(u.GetManagedFields()):
			r.mu.Lock()
			r.live[ref] = u
			r.mu.Unlock()
		case err != nil && !apierrors.IsNotFound(err): // what it serves is not known, so it cannot change in steps
			r.set(ref, failure(err))
		}
	}
	r.each(ctx, p.Changes, func(c *Change) {
		if c.Live != nil && (c.Kind == "DestinationRule" || c.Kind == "EnvoyFilter" || c.Kind == "Gateway") {
			read(c.Ref)
		}
	})
	if slices.ContainsFunc(p.Changes, func(c Change) bool { return c.Kind == "Gateway" }) {
		for _, l := range p.Remove {
			if l.Kind == "Gateway" {
				read(l.Ref)
			}
		}
	}
}

func sortedRefs[T any](m map[Ref]T) (refs []Ref) {
	for r := range m {
		refs = append(refs, r)
	}
	slices.SortFunc(refs, Compare)
	return refs
}

// chunks parts changes into runs of one kind and stage, which do not depend on each other.
func chunks(cs []Change) (out [][]Change) {
	for i := 0; i < len(cs); {
		j := i + 1
		for j < len(cs) && cs[j].Kind == cs[i].Kind && cs[j].object.Stage == cs[i].object.Stage {
			j++
		}
		out = append(out, cs[i:j])
		i = j
	}
	return out
}

// each calls f for all changes that may still go on, several at a time.
func (r *run) each(ctx context.Context, cs []Change, f func(*Change)) {
	var wg sync.WaitGroup
	slots := make(chan struct{}, max(1, r.Workers))
	for i := range cs {
		if ctx.Err() != nil {
			break
		}
		if r.bad(cs[i].Ref) {
			continue
		}
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			f(&cs[i])
		})
	}
	wg.Wait()
}

func (r *run) inOrder(ctx context.Context, ls []Live) {
	for i := range ls {
		if ctx.Err() != nil {
			return
		}
		r.remove(ctx, &ls[i])
	}
}

func (r *run) set(ref Ref, res Result) {
	r.mu.Lock()
	r.results[ref] = res
	r.mu.Unlock()
}

func (r *run) result(ref Ref) Result {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.results[ref]
}

// bad tells whether something went wrong with an object.
func (r *run) bad(ref Ref) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	res, ok := r.results[ref]
	return ok && res.State != Applied && res.State != Removed
}

func (r *run) done(ref Ref) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, ok := r.results[ref]
	return ok
}

// try finds out whether an object can be applied, without doing it.
func (r *run) try(ctx context.Context, c *Change) {
	if c.isNew() {
		_, err := r.write(ctx, c, nil, Write{Dry: true, Strict: true})
		if !apierrors.IsAlreadyExists(err) {
			if err != nil {
				r.set(c.Ref, failure(err))
			}
			return
		}
		if leave := r.first(ctx, c); leave {
			return
		}
	}
	if _, err := r.write(ctx, c, nil, Write{Patch: types.ApplyPatchType, Dry: true, Strict: true}); err != nil {
		r.set(c.Ref, failure(err))
	}
}

// alone tells whether the objects of a plan depend on nothing else in it, and none is new: then applying is trying.
func alone(p Plan) bool {
	return len(p.Remove)+len(p.Release) == 0 && !slices.ContainsFunc(p.Changes, func(c Change) bool {
		return c.Live == nil || c.Kind != p.Changes[0].Kind || c.object.Stage != p.Changes[0].object.Stage
	})
}

// first looks at an object that is not known to be there. It says true if it must be left alone.
func (r *run) first(ctx context.Context, c *Change) bool {
	u := object(c.Ref)
	err := r.Client.Get(ctx, c.key(), u)
	switch {
	case apierrors.IsNotFound(err):
		return false
	case err != nil:
		r.set(c.Ref, failure(err))
		return true
	case isOurs(u.GetManagedFields()) && (c.Known || u.GetLabels()[v1alpha1.LabelMigration] == r.Migration):
		c.Live = &Live{Ref: c.Ref, UID: u.GetUID(), Version: u.GetResourceVersion(), Adopted: u.GetAnnotations()[v1alpha1.AnnotationAdopted] != ""}
		c.Force = r.Repair
		return false
	case c.Back && u.GetAnnotations()[AnnotationReleased] == r.Migration:
		c.Force, c.marked = true, true
		return false
	case r.Adopt != nil && u.GetLabels()[labelManagedBy] == managedBy && u.GetLabels()[v1alpha1.LabelMigration] == "":
		why, err := r.notYet(ctx)
		if err != nil {
			r.set(c.Ref, failure(err))
			return true
		}
		if why != "" {
			r.set(c.Ref, Result{State: Foreign, Message: c.String() + " was written by convert. " + why})
			return true
		}
		c.Force, c.adopted = true, true
		if c.Kind == "DestinationRule" || c.Kind == "EnvoyFilter" { // routes of convert are there, and go last
			r.mu.Lock()
			r.live[c.Ref] = u
			r.mu.Unlock()
		}
		return false
	}
	message := c.String() + " exists and was not made by this Migration"
	if u.GetAnnotations()[AnnotationReleased] == r.Migration {
		r.set(c.Ref, Result{State: Foreign, Message: c.String() + " was handed over for several Ingresses, and stays as it is until none of them is released any more"})
		return true
	}
	if names := others(u.GetManagedFields()); len(names) > 0 {
		message += " but by " + strings.Join(slices.Compact(names), ", ")
	}
	r.set(c.Ref, Result{State: Foreign, Message: message})
	return true
}

func object(ref Ref) *unstructured.Unstructured {
	u := &unstructured.Unstructured{}
	u.SetGroupVersionKind(ref.GVK())
	u.SetNamespace(ref.Namespace)
	u.SetName(ref.Name)
	return u
}

func (c *Change) isAdopted() bool { return c.adopted || c.Live != nil && c.Live.Adopted }

// isNew tells whether nothing of that name may be there.
func (c *Change) isNew() bool { return c.Live == nil && !c.Force }

// noVersion is one that no object has. To apply with it means to make a new object: one that is there is in conflict.
const noVersion = "1"

// write sends an object: as it is to be, or in a state on the way there.
func (r *run) write(ctx context.Context, c *Change, between *unstructured.Unstructured, w Write) (o *metav1.PartialObjectMetadata, err error) {
	version := ""
	if c.isNew() && w.Patch != "" {
		version = noVersion
	}
	if between == nil {
		w.Body, err = c.json(c.isAdopted(), version)
	} else {
		annotate(between, AnnotationHash, changing)
		if c.isAdopted() {
			annotate(between, v1alpha1.AnnotationAdopted, "true")
		}
		between.SetResourceVersion(version)
		w.Body, err = json.Marshal(between.Object)
	}
	if err != nil {
		return nil, fmt.Errorf("writing %s: %w", c.Ref, err)
	}
	w.Ref, w.Manager, w.Force = c.Ref, c.Manager, c.Force
	return r.Client.Do(ctx, w)
}

// apply brings an object into the cluster: as it is to be, or in a state on the way there.
func (r *run) apply(ctx context.Context, c *Change, between *unstructured.Unstructured) {
	if cause, why, waits := r.lacks(c); waits {
		r.waitFor(c, cause, why)
		return
	}
	w := Write{Patch: types.ApplyPatchType, Strict: r.untried}
	o, err := r.write(ctx, c, between, w)
	if c.isNew() && apierrors.IsConflict(err) {
		// Somebody made it in the meantime.
		if leave := r.first(ctx, c); leave {
			return
		}
		o, err = r.write(ctx, c, between, w)
	}
	if err != nil {
		r.set(c.Ref, failure(err))
		return
	}
	if c.marked {
		if o, err = r.unmark(ctx, c); err != nil {
			r.set(c.Ref, failure(err))
			return
		}
	}
	r.set(c.Ref, Result{State: Applied, Version: o.ResourceVersion, UID: o.UID, Adopted: c.isAdopted()})
}

// waitFor holds an object back because of another.
func (r *run) waitFor(c *Change, cause Ref, why Result) {
	r.set(c.Ref, Result{State: Waits, Cause: why.State, Message: fmt.Sprintf("%s is held back, because %s is not as it is to be: %s", c.Ref, cause, why.Message)})
}

// lacks tells whether something is not there that the object needs, and what is wrong with it.
func (r *run) lacks(c *Change) (Ref, Result, bool) {
	for _, n := range c.Needs {
		if why, broken := c.Broken[n]; broken {
			return n, why, true
		}
		if r.bad(n) {
			return n, r.result(n), true
		}
	}
	return Ref{}, Result{}, false
}

// remove deletes an object that the operator made, or hands over one that it adopted.
func (r *run) remove(ctx context.Context, l *Live) {
	if r.done(l.Ref) {
		return
	}
	if l.Adopted {
		r.release(ctx, l)
		return
	}
	var only []client.DeleteOption
	if uid := l.UID; uid != "" {
		only = append(only, client.Preconditions{UID: &uid})
	}
	err := r.Client.Delete(ctx, object(l.Ref), only...)
	if apierrors.IsConflict(err) { // it is another object by now; or it was changed in the same moment
		now, failed := Read(ctx, r.Client, l.Ref)
		if failed == nil && (now == nil || now.UID != l.UID) {
			err = nil
		}
	}
	if err != nil && !apierrors.IsNotFound(err) && !meta.IsNoMatchError(err) {
		r.set(l.Ref, failure(err))
		return
	}
	r.set(l.Ref, Result{State: Removed})
}

// release gives up an object: it stays as it is, without a sign of the operator, and nobody's fields.
func (r *run) release(ctx context.Context, l *Live) {
	u := object(l.Ref)
	err := r.Client.Get(ctx, l.key(), u)
	if apierrors.IsNotFound(err) {
		r.set(l.Ref, Result{State: Removed})
		return
	}
	if err == nil {
		err = handOver(u, r.Migration)
	}
	if err == nil {
		err = r.Client.Update(ctx, u, client.FieldOwner(v1alpha1.ManagerStatus))
	}
	if err != nil {
		r.set(l.Ref, failure(err))
		return
	}
	r.set(l.Ref, Result{State: Removed, Version: u.GetResourceVersion()})
}

// NoKind tells whether an error says that the cluster does not have the kind.
func NoKind(err error) bool {
	return meta.IsNoMatchError(err) || apierrors.IsNotFound(err) && strings.Contains(err.Error(), "could not find the requested resource")
}

// failure says what an error of the API server means.
func failure(err error) Result {
	state := Failed
	switch {
	case NoKind(err):
		state = KindMissing
	case apierrors.HasStatusCause(err, metav1.CauseTypeFieldManagerConflict): // others are transient
		state = Conflict
	case apierrors.IsForbidden(err):
		state = Forbidden
	case apierrors.IsInvalid(err), apierrors.IsBadRequest(err):
		state = Rejected
	}
	return Result{State: state, Message: err.Error()}
}

// Who names those who own something of an object besides the operator.
func (e *Engine) Who(ctx context.Context, ref Ref) string {
	u := object(ref)
	if err := e.Client.Get(ctx, ref.key(), u); err != nil {
		return ""
	}
	names := others(u.GetManagedFields())
	slices.Sort(names)
	return strings.Join(slices.Compact(names), ", ")
}

// Settle makes a Pause of a fixed length.
func Settle(d time.Duration) func(context.Context) error {
	return func(ctx context.Context) error {
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting: %w", ctx.Err())
		case <-t.C:
			return nil
		}
	}
}
