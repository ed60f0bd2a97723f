package sync

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
	"github.com/ingress2gw/ingress2gw/operator/apply"
	"github.com/ingress2gw/ingress2gw/translate"
	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// applied is what is known of the objects of both edges.
type applied struct {
	desired map[apply.Ref]*apply.Desired
	results map[apply.Ref]apply.Result // of what is not as it is to be
	drifted map[apply.Ref]string       // reasons
	known   map[apply.Ref]bool         // that have been there
	fights  map[apply.Ref][]time.Time  // when an object was repaired
	doubt   map[apply.Ref]bool         // whose last change was not answered: it may be done, or not
	count   int
}

// Somebody who changes an object as often as this wants something else than we do: it is left to people then.
const (
	mostRepairs  = 5
	repairPeriod = 10 * time.Minute
	retryBlocked = time.Minute // of what only others can change
)

// applyEdges brings the gateways up to date. Both are changed together: a host that moves from one to the other has its routes in
// one object.
func (r *round) applyEdges(ctx context.Context) error {
	a := &r.m.applied
	if a.results == nil {
		*a = applied{results: map[apply.Ref]apply.Result{}, drifted: map[apply.Ref]string{}, known: map[apply.Ref]bool{}, fights: map[apply.Ref][]time.Time{}, doubt: map[apply.Ref]bool{}}
	}
	if err := r.translateEdge(&r.m.live, r.optionsOf(&r.m.live), v1alpha1.PhaseLive); err != nil {
		return err
	}
	if err := r.translateEdge(&r.m.shadow, r.optionsOf(&r.m.shadow), v1alpha1.PhaseShadow); err != nil {
		return err
	}
	if r.paused() {
		return nil
	}
	r.handed(ctx)
	r.handOver()
	for _, e := range [...]*edge{&r.m.live, &r.m.shadow} {
		if err := r.keepPatches(ctx, e); err != nil {
			return err
		}
	}
	p := r.plan(ctx)
	if p != nil && !r.braked {
		r.keepAllHosts(ctx, len(p.Changes) > 0)
	}
	if p == nil || len(p.Changes)+len(p.Remove)+len(p.Release) == 0 {
		r.changed = p != nil && !r.braked
		r.after()
		return nil
	}
	log.FromContext(ctx).Info("Applying", "Migration", r.m.name, "apply", len(p.Changes), "remove", len(p.Remove), "release", len(p.Release))
	engine := r.engine()
	if first := r.repairsFirst(p); len(first.Changes) > 0 {
		results, err := engine.Do(ctx, first)
		r.learn(ctx, results)
		if err != nil {
			return err
		}
	}
	results, err := engine.Do(ctx, *p)
	r.learn(ctx, results)
	r.after()
	r.changed, r.acted = !r.braked, true
	return err
}

// repairsFirst takes the protections that somebody changed or removed out of a plan: they are repaired before anything else is even
// tried.
func (r *round) repairsFirst(p *apply.Plan) (first apply.Plan) {
	var rest []apply.Change
	for i := range p.Changes {
		if c := &p.Changes[i]; r.m.applied.drifted[c.Ref] == v1alpha1.ReasonProtection {
			first.Changes = append(first.Changes, *c)
		} else {
			rest = append(rest, *c)
		}
	}
	if len(first.Changes) > 0 {
		p.Changes = rest
	}
	return first
}

// optionsOf are those of translations for a gateway; nil if there is none.
func (r *round) optionsOf(e *edge) *translate.Options {
	o := &r.m.settings.Live
	if e == &r.m.shadow {
		o = r.m.settings.Shadow
	}
	if o == nil {
		return nil
	}
	guarded := *o
	guarded.Target.HostList = r.Guard.on()
	return &guarded
}

func (r *round) engine() *apply.Engine {
	return &apply.Engine{Client: r.Direct, Pause: r.pause, Workers: r.Workers, Adopt: r.adoption(), Repair: r.m.repairs(), Migration: r.m.name}
}

// adoption says how what `convert` wrote is taken over; nil if it is left alone.
func (r *round) adoption() *apply.Adoption {
	s := r.m.settings
	if s.Spec.Adopt != "generated" {
		return nil
	}
	a := &apply.Adoption{
		Served:     map[string]map[snapshot.Key]bool{s.Live.Target.Gateway.Namespace: served(&r.m.live)},
		Everywhere: s.Live.Target.Ownership == emit.Team || len(s.Spec.GatewayMap) > 0,
	}
	if s.Shadow != nil {
		a.Served[s.Shadow.Target.Gateway.Namespace] = served(&r.m.shadow)
	}
	return a
}

func served(e *edge) map[snapshot.Key]bool {
	keys := make(map[snapshot.Key]bool, len(e.members))
	for k := range e.members {
		keys[k] = true
	}
	return keys
}

// plan compares what is there with what is to be. nil: nothing may be changed.
func (r *round) plan(ctx context.Context) *apply.Plan {
	a := &r.m.applied
	edges := [...]*edge{&r.m.shadow, &r.m.live}
	if !r.certain(ctx) {
		return nil
	}
	a.desired = map[apply.Ref]*apply.Desired{}
	for _, e := range edges {
		if e.unsafe != "" {
			r.problems = append(r.problems, problem{v1alpha1.ReasonFailed, "the translation is not whole, nothing is changed: " + e.unsafe})
			return nil
		}
		maps.Copy(a.desired, e.desired) // of both edges the live one counts
	}
	if most := int(r.m.settings.Spec.Limits.Objects); most > 0 && len(a.desired) > most {
		r.problems = append(r.problems, problem{v1alpha1.ReasonLimitExceeded, fmt.Sprintf("%d objects are to be applied, limits.objects allows %d: nothing is changed, but protections are repaired", len(a.desired), most)})
		r.braked = true
	}
	there := r.Watch.Live.Of(r.m.name)
	a.count = len(there)
	p := &apply.Plan{}
	r.held = r.phases()
	results := map[apply.Ref]apply.Result{}
	clear(a.drifted)
	for _, d := range a.desired {
		l, ok := there[d.Ref]
		delete(there, d.Ref)
		if r.leave[d.Ref] {
			continue
		}
		switch stateOf(d, r.held) {
		case held:
			k, others := r.held.withOthers(d)
			switch same := ok && l.Hash == d.Hash; {
			case !others:
				continue
			case !same && (ok || !a.known[d.Ref]): // else it is repaired: others need it
				results[d.Ref] = apply.Result{State: apply.Waits, Message: fmt.Sprintf("%s stays as it is, because Ingress %s, which it serves as well, is suspended", d.Ref, k)}
				continue
			}
		case released:
			if ok && l.Ours {
				p.Release = append(p.Release, l)
			}
			continue
		}
		if !r.Watch.Has(d.GVK()) {
			results[d.Ref] = apply.Result{State: apply.KindMissing, Message: "kind " + d.Kind + " of " + d.APIVersion + " is not installed"}
			continue
		}
		if c := r.change(ctx, d, l, ok && l.Ours, results); c != nil {
			// What was handed over stays so as long as one of those that got it is there.
			c.Back = !slices.ContainsFunc(d.Origins(), func(k snapshot.Key) bool { return r.held.released[k] })
			p.Changes = append(p.Changes, *c)
		}
	}
	named := r.credentials(there)
	for _, l := range there {
		switch {
		case !named[l.Ref]:
			p.Remove = append(p.Remove, l)
		case r.m.settings.Spec.TLS.Policy != "copy" && l.Ours:
			p.Release = append(p.Release, l)
		}
	}
	p.Sort()
	if most := int(r.m.settings.Spec.Limits.Removals); most > 0 && len(p.Remove) > most {
		r.problems = append(r.problems, problem{v1alpha1.ReasonLimitExceeded, fmt.Sprintf("%d objects are to be removed, limits.removals allows %d at once: nothing is changed, but protections are repaired", len(p.Remove), most)})
		r.braked = true // what is to go may need what would be changed
	}
	r.keepForgotten(ctx, p)
	if r.braked {
		*p = r.repairsFirst(p)
	}
	a.results = results
	maps.DeleteFunc(a.known, func(ref apply.Ref, _ bool) bool { return a.desired[ref] == nil })
	needs(p.Changes, a.desired, results)
	return p
}

// credentials are those copies of Secrets that are no longer made, but that what is applied still names: a gateway that starts without
// one of them loses hosts. They stay, and belong to the platform where somebody else is to provide them.
func (r *round) credentials(there map[apply.Ref]apply.Live) map[apply.Ref]bool {
	left := false
	for ref := range there {
		left = left || ref.Kind == "Secret"
	}
	if !left {
		return nil
	}
	named := map[apply.Ref]bool{}
	for _, e := range [...]struct {
		*edge
		namespace string
	}{{&r.m.live, r.m.settings.Live.Target.Gateway.Namespace}, {&r.m.shadow, r.m.shadowNamespace()}} {
		for _, d := range e.desired {
			for _, name := range d.Credentials() {
				named[apply.Ref{APIVersion: "v1", Kind: "Secret", Namespace: e.namespace, Name: name}] = true
			}
		}
	}
	return named
}

// change says what is to be done with an object; nil for nothing.
func (r *round) change(ctx context.Context, d *apply.Desired, l apply.Live, ok bool, results map[apply.Ref]apply.Result) *apply.Change {
	a := &r.m.applied
	if ok {
		a.known[d.Ref] = true
		if l.Hash == d.Hash && l.Content == l.Hash && l.Edge == d.Edge() {
			return nil
		}
	}
	c := &apply.Change{Desired: d, Known: a.known[d.Ref]}
	if ok {
		c.Live, c.Force = &l, r.m.repairs()
	}
	// The content of Secrets is not watched: that one was written to says nothing.
	if drift := ok && l.Hash == d.Hash && l.Content != "" || !ok && a.known[d.Ref]; drift {
		a.drifted[d.Ref] = v1alpha1.ReasonChanged
		if apply.Protects(d.Ref) {
			a.drifted[d.Ref] = v1alpha1.ReasonProtection
		}
		if !r.m.repairs() {
			return nil
		}
		a.fights[d.Ref] = slices.DeleteFunc(a.fights[d.Ref], func(t time.Time) bool { return time.Since(t) > repairPeriod })
		if len(a.fights[d.Ref]) >= mostRepairs {
			results[d.Ref] = r.fight(ctx, d.Ref)
			return nil
		}
	}
	return c
}

// fight says who changes an object again and again.
func (r *round) fight(ctx context.Context, ref apply.Ref) apply.Result {
	if known := r.m.applied.results[ref]; known.State == apply.Conflict {
		return known
	}
	message := fmt.Sprintf("%s was repaired %d times in %s and changed again each time", ref, mostRepairs, repairPeriod)
	if who := (&apply.Engine{Client: r.Direct}).Who(ctx, ref); who != "" {
		message += " by " + who
	}
	return apply.Result{State: apply.Conflict, Message: message}
}

// The states of objects that are not applied as they are to be.
const (
	held = iota + 1
	released
)

type phases struct {
	suspended map[snapshot.Key]bool
	released  map[snapshot.Key]bool
}

func (r *round) phases() phases {
	p := phases{map[snapshot.Key]bool{}, map[snapshot.Key]bool{}}
	for _, it := range r.items {
		if it.suspended {
			p.suspended[it.key] = true
		}
		if it.decision.Phase == v1alpha1.PhaseReleased {
			p.released[it.key] = true
		}
	}
	return p
}

// stateOf tells whether an object is held because one of its Ingresses is suspended, or released because all of them are.
func stateOf(d *apply.Desired, p phases) int {
	if len(p.suspended)+len(p.released) == 0 {
		return 0
	}
	origins := d.Origins()
	if slices.ContainsFunc(origins, func(k snapshot.Key) bool { return p.suspended[k] }) && d.Team() {
		return held
	}
	if d.Team() && len(origins) > 0 && !slices.ContainsFunc(origins, func(k snapshot.Key) bool { return !p.released[k] }) {
		return released
	}
	return 0
}

// withOthers names a suspended Ingress of an object, and tells whether others that are not suspended wait for it.
func (p phases) withOthers(d *apply.Desired) (suspended snapshot.Key, others bool) {
	for _, k := range d.Origins() {
		if p.suspended[k] {
			suspended = k
		} else {
			others = true
		}
	}
	return suspended, others
}

// needs says what routes depend on: filters of the whole gateway, and what has an Ingress in common with them. Some of that is not
// even tried, because it cannot be applied.
func needs(cs []apply.Change, desired map[apply.Ref]*apply.Desired, broken map[apply.Ref]apply.Result) {
	var all []apply.Ref
	byOrigin := map[snapshot.Key][]apply.Ref{}
	need := func(d *apply.Desired) {
		switch d.Kind {
		case "EnvoyFilter", "DestinationRule", "ServiceEntry":
			origins := d.Origins()
			if len(origins) == 0 && d.Kind == "EnvoyFilter" {
				all = append(all, d.Ref)
			}
			for _, k := range origins {
				byOrigin[k] = append(byOrigin[k], d.Ref)
			}
		}
	}
	for i := range cs {
		need(cs[i].Desired)
	}
	provided := map[string]apply.Ref{} // what is broken, by gateway and host
	for _, ref := range sortedRefs(broken) {
		if d := desired[ref]; d != nil {
			need(d)
			for _, h := range d.Provides() {
				provided[d.Edge()+" "+h] = ref
			}
		}
	}
	for i := range cs {
		c := &cs[i]
		if c.Kind != "VirtualService" {
			continue
		}
		c.Needs, c.Broken = slices.Clip(all), broken
		for _, k := range c.Origins() {
			c.Needs = append(c.Needs, byOrigin[k]...)
		}
		if len(provided) == 0 {
			continue
		}
		for _, h := range c.Destinations() {
			if ref, ok := provided[c.Edge()+" "+h]; ok {
				c.Needs = append(c.Needs, ref)
			}
		}
	}
}

// learn notes what became of a plan.
func (r *round) learn(ctx context.Context, results map[apply.Ref]apply.Result) {
	a := &r.m.applied
	for ref, res := range results {
		switch res.State {
		case apply.Applied:
			r.Watch.Live.Applied(a.desired[ref].AsApplied(res))
			a.known[ref] = true
			delete(a.doubt, ref)
		case apply.Removed:
			r.Watch.Live.Removed(ref, res.Version)
			delete(a.known, ref)
			delete(a.doubt, ref)
		case apply.KindMissing:
			r.Watch.Lost(ref.GVK())
			a.results[ref] = res
		default:
			a.results[ref] = res
			if res.State == apply.Failed {
				a.doubt[ref] = true
			}
			log.FromContext(ctx).Info("Object is not as it is to be", "Migration", r.m.name, "object", ref.String(), "reason", string(res.State), "message", res.Message)
		}
		r.Metrics.Acted(ref.Kind, string(res.State), res.State == apply.Foreign || res.State == apply.Conflict)
	}
	for ref := range a.drifted {
		if res, ok := results[ref]; ok && res.State == apply.Applied {
			log.FromContext(ctx).Info("Repaired", "Migration", r.m.name, "object", ref.String())
			r.Metrics.Repaired()
			a.fights[ref] = append(a.fights[ref], time.Now()) // one that failed says nothing of what others want
			delete(a.drifted, ref)
		}
	}
}

// after says when to look again at what did not work.
func (r *round) after() {
	a := &r.m.applied
	failed := false
	for _, res := range a.results {
		failed = failed || res.State == apply.Failed
	}
	switch {
	case failed:
		r.again = r.m.retry.next()
	case len(a.results) > 0:
		r.again = retryBlocked
	default:
		r.m.retry.reset()
	}
}
