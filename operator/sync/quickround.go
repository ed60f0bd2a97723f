package sync

import (
	"cmp"
	"context"
	"hash/fnv"
	"maps"
	"slices"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
	"github.com/ingress2gw/ingress2gw/operator/apply"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// quick does for some Ingresses what a round does for all: of these Ingresses neither the hosts nor the phases change.
func (r *round) quick(ctx context.Context, changed []*item) error {
	if r.tokenErr != nil || len(r.m.applied.doubt) > 0 || r.braked || r.leave != nil || len(r.problems) > 0 || r.m.handed != nil {
		return left("the Migration is not at rest")
	}
	r.in, r.again = r.Loop.in, 0
	for _, it := range changed {
		if !it.ready && len(r.m.applied.results) > 0 {
			return left("something did not work before") // what did not work is tried again
		}
		r.replace(it)
	}
	done := newTouched()
	if err := r.quickEdges(ctx, changed, done); err != nil {
		return err
	}
	if err := r.quickPreview(changed, done); err != nil {
		return err
	}
	return r.carryOut(ctx, done, changed)
}

// replace puts an Ingress in the place of what it was.
func (r *round) replace(it *item) {
	i, _ := slices.BinarySearchFunc(r.items, it, func(a, b *item) int { return compareKeys(a.key, b.key) })
	r.items[i], r.byKey[it.key] = it, it
}

// quickEdges brings the translations up to date.
func (r *round) quickEdges(ctx context.Context, changed []*item, done *touched) error {
	for _, e := range [...]*edge{&r.m.live, &r.m.shadow} {
		some := map[snapshot.Key]*item{}
		for _, it := range changed {
			done.keys[it.key] = true
			if m, ok := e.members[it.key]; ok && m.stamp != r.stampOf(it) {
				some[it.key] = it
			}
		}
		if len(some) == 0 {
			continue
		}
		why, err := r.translatePart(e, r.optionsOf(e), view{r.in.shared, r.secrets, e.view.foreign}, some, done)
		if err != nil {
			return err
		}
		if why != "" {
			return left(why)
		}
		if filters := func(ref apply.Ref) bool { return ref.Kind == "EnvoyFilter" }; !r.paused() && slices.ContainsFunc(slices.Collect(maps.Keys(done.refs)), filters) {
			if err := r.keepPatches(ctx, e); err != nil {
				return err
			}
		}
	}
	return nil
}

// quickPreview says of the Ingresses what is known before they are live. Where all that hang together are on one gateway, that is what
// their translation for it says.
func (r *round) quickPreview(changed []*item, done *touched) error {
	keys := make([]snapshot.Key, 0, len(changed))
	for _, it := range changed {
		keys = append(keys, it.key)
	}
	all := func(snapshot.Key) bool { return true }
	keys, ok := r.m.groups.With(keys, all, mostTogether) // as they were
	if !ok {
		return left("too many Ingresses hang together")
	}
	for _, it := range changed {
		r.m.groups.Note(it.key, it.source, func() []string { return it.source.Words(r.m.wild) })
	}
	for len(keys) > 0 {
		some, ok := r.m.groups.With(keys[:1], all, mostTogether)
		if !ok {
			return left("too many Ingresses hang together")
		}
		slices.SortFunc(some, compareKeys)
		keys = slices.DeleteFunc(keys, func(k snapshot.Key) bool { return slices.Contains(some, k) })
		if err := r.quickGroup(some, done); err != nil {
			return err
		}
	}
	return nil
}

func (r *round) quickGroup(keys []snapshot.Key, done *touched) error {
	h := fnv.New128a()
	_, _ = h.Write([]byte(r.previewBase))
	group := make([]*item, len(keys))
	live := true
	for i, k := range keys {
		group[i] = r.byKey[k]
		_, _ = h.Write([]byte(r.stampOf(group[i])))
		_, member := r.m.live.members[k]
		live = live && member
	}
	stamp := string(h.Sum(nil))
	infos := map[snapshot.Key]*info{}
	for _, k := range keys {
		infos[k] = &info{stamp: stamp}
		if live {
			*infos[k] = *r.m.live.infos[k]
			infos[k].stamp = stamp
		}
	}
	if !live {
		blocking, err := r.previewOf(group, infos)
		if err != nil {
			return err
		}
		if len(blocking) > 0 {
			return left("a protection cannot be carried over")
		}
	}
	for _, k := range keys {
		old := r.m.infos[k]
		flips := old == nil || (old.blockingCount > 0) != (infos[k].blockingCount > 0)
		done.keys[k] = true
		if r.m.infos[k] = infos[k]; flips {
			return left("an Ingress is blocked, or no longer") // it may hold others back, or do so no more
		}
	}
	return nil
}

// quickPlan compares what is there with what is to be, as far as it changed.
func (r *round) quickPlan(ctx context.Context, done *touched) (*apply.Plan, error) {
	a := &r.m.applied
	p := &apply.Plan{}
	for ref := range done.refs {
		if _, bad := a.results[ref]; bad && !r.concerns(ref, done) {
			return nil, left("an object is not as it is to be")
		}
		d := cmp.Or(r.m.live.desired[ref], r.m.shadow.desired[ref])
		l, ok := r.Watch.Live.Get(ref, r.m.name)
		if d == nil {
			delete(a.desired, ref)
			delete(a.known, ref)
			delete(a.results, ref)
			delete(a.drifted, ref)
			if ok {
				p.Remove = append(p.Remove, l)
			}
			continue
		}
		a.desired[ref] = d
		if !r.Watch.Has(d.GVK()) || stateOf(d, r.held) != 0 {
			return nil, left("an object is held, or its kind is missing")
		}
		delete(a.results, ref)
		delete(a.drifted, ref)
		if c := r.change(ctx, d, l, ok && l.Ours, a.results); c != nil {
			c.Back = !slices.ContainsFunc(d.Origins(), func(k snapshot.Key) bool { return r.held.released[k] })
			p.Changes = append(p.Changes, *c)
		}
	}
	limits := &r.m.settings.Spec.Limits
	if limits.Objects > 0 && len(a.desired) > int(limits.Objects) || limits.Removals > 0 && len(p.Remove) > int(limits.Removals) {
		return nil, left("a limit is exceeded")
	}
	if r.keepForgotten(ctx, p); r.braked {
		return nil, left("removals are withheld")
	}
	p.Sort()
	needs(p.Changes, a.desired, a.results)
	return p, nil
}

func (r *round) logPlan(ctx context.Context, p *apply.Plan) {
	log.FromContext(ctx).Info("Applying", "Migration", r.m.name, "apply", len(p.Changes), "remove", len(p.Remove), "release", 0)
}

// count keeps the number of objects.
func (r *round) count(p *apply.Plan, results map[apply.Ref]apply.Result) {
	for i := range p.Changes {
		if c := &p.Changes[i]; c.Live == nil && results[c.Ref].State == apply.Applied {
			r.m.applied.count++
		}
	}
	for i := range p.Remove {
		if results[p.Remove[i].Ref].State == apply.Removed {
			r.m.applied.count--
		}
	}
}

// quickResults goes on with what became of a plan: it is to be said, unless all are to hear of it.
func (r *round) quickResults(ctx context.Context, results map[apply.Ref]apply.Result, done *touched) (*reports, error) {
	if len(results) > 0 {
		r.after()
	}
	for ref, res := range results {
		if res.State != apply.Applied && res.State != apply.Removed && !r.concerns(ref, done) {
			return nil, left("others need what could not be applied")
		}
	}
	return r.quickReport(ctx, done)
}

// concerns tells whether an object is known to belong to some of the Ingresses that a round has to do with, and to no others: else more
// are to hear of what is wrong with it.
func (r *round) concerns(ref apply.Ref, done *touched) bool {
	d := r.m.applied.desired[ref]
	if d == nil || len(d.Origins()) == 0 {
		return false
	}
	return !slices.ContainsFunc(d.Origins(), func(k snapshot.Key) bool { return !done.keys[k] })
}

// quickReport says what became of the Ingresses that a quick round had to do with.
func (r *round) quickReport(ctx context.Context, done *touched) (*reports, error) {
	t := r.troubles()
	var some []*item
	for _, k := range slices.SortedFunc(maps.Keys(done.keys), compareKeys) {
		if it := r.byKey[k]; it != nil && it.it != nil {
			c := &v1alpha1.IngressTranslation{} // its status is not watched
			if err := r.Cache.Get(ctx, client.ObjectKey{Namespace: k.Namespace, Name: k.Name}, c); err != nil {
				return nil, left("an IngressTranslation is gone")
			}
			it.it = c
			some = append(some, it)
		}
	}
	x := r.reports(some, &t)
	return x, r.reportMigration(ctx, &t, r.m.totals, r.m.unready)
}

// showEvery is how often a series of quick rounds shows metrics: they are those of everything.
const showEvery = 15 * time.Second
