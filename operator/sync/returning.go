package sync

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
	"github.com/ingress2gw/ingress2gw/operator/apply"
	"github.com/ingress2gw/ingress2gw/operator/phase"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// verdict is what became of an object that was handed over, as of a moment.
type verdict struct {
	what   apply.Handed
	why    string
	failed error // it could not be looked at
	at     time.Time
}

// verdictFor is how long a verdict holds: asking costs a request for each object.
const verdictFor = 15 * time.Second

// returning keeps hosts that were released, and go back further than live, on the gateway for one more step: in that the team's
// objects are taken back, so that they are known again, and then go like those of any host that was live. Nobody is live again
// before all that was handed over is taken back.
func (r *round) returning() {
	live := phase.Rank(v1alpha1.PhaseLive)
	r.together(func(it *item) bool { return it.was == v1alpha1.PhaseReleased },
		func(it *item) bool { return phase.Rank(it.was) >= live && phase.Rank(it.decision.Phase) < live },
		func(it *item) {
			it.back, it.target, it.decision = true, it.decision.Phase, phase.Decision{Phase: v1alpha1.PhaseLive}
		})
	for _, it := range r.items {
		if it.was == v1alpha1.PhaseReleased && it.decision.Phase == v1alpha1.PhaseLive && !it.back {
			it.back, it.target = true, v1alpha1.PhaseLive
		}
		if it.back && r.paused() {
			it.back, it.decision.Phase = false, it.was
		}
	}
}

// together calls f for some Ingresses that qualify, and for those that do and have a host in common with them, directly or through others.
func (r *round) together(first, qualifies func(*item) bool, f func(*item)) {
	hosts, done := map[string]bool{}, map[*item]bool{}
	for again := true; again; {
		again = false
		for _, it := range r.items {
			if done[it] || !qualifies(it) || !first(it) && !slices.ContainsFunc(it.source.Hosts, func(h string) bool { return hosts[h] }) {
				continue
			}
			done[it], again = true, true
			for _, h := range it.source.Hosts {
				hosts[h] = true
			}
		}
	}
	for _, it := range r.items {
		if done[it] {
			f(it)
		}
	}
}

// handed looks at the objects that are to be taken back. What the team changed is the team's, and then nothing of the host goes:
// the team's routes would be left without what protects them.
func (r *round) handed(ctx context.Context) {
	back, released := map[snapshot.Key]*item{}, r.phases().released
	for _, it := range r.items {
		if it.back {
			back[it.key] = it
		}
	}
	if len(back) == 0 {
		r.m.handed = nil
		return
	}
	var refs []apply.Ref
	of := map[apply.Ref][]*item{}
	r.leave = map[apply.Ref]bool{}
	for ref, d := range r.m.live.desired {
		origins := d.Origins()
		for _, k := range origins {
			if it := back[k]; it != nil && d.Team() {
				of[ref] = append(of[ref], it)
			}
		}
		switch {
		case of[ref] == nil:
		case slices.ContainsFunc(origins, func(k snapshot.Key) bool { return released[k] }):
			r.leave[ref] = true // others of its Ingresses stay released
		case slices.ContainsFunc(of[ref], func(it *item) bool { return it.target != v1alpha1.PhaseLive }):
			refs = append(refs, ref)
		}
	}
	slices.SortFunc(refs, apply.Compare)
	r.verdicts(ctx, refs)
	for _, ref := range refs {
		switch v := r.m.handed[ref]; {
		case v.failed != nil:
			for _, it := range of[ref] {
				it.stays(v1alpha1.ReasonNotApplied, v.failed.Error())
			}
		case v.what == apply.HandedGone, v.what == apply.HandedLeft:
			r.leave[ref] = true
		case v.what == apply.HandedTeams:
			for _, it := range of[ref] {
				it.stays(v1alpha1.ReasonChangedByTeam, v.why+": it is the team's, and the host stays as it is. "+
					"Delete the object, or go to live first: then it is taken back, and is what the Ingress says")
			}
		}
	}
	r.together(func(it *item) bool { return it.keptReason != "" }, func(it *item) bool { return it.back }, func(it *item) {
		it.stays(v1alpha1.ReasonWaiting, "It stays in phase "+string(it.was)+", because objects of an Ingress that has a host in common with it are the team's")
	})
}

// stays ends an Ingress's way back.
func (it *item) stays(reason, why string) {
	if it.keptReason == "" {
		it.keptReason, it.kept = reason, why
	}
	it.back, it.decision.Phase = false, it.was
}

// verdicts looks at objects, several at a time, unless that was done a moment ago.
func (r *round) verdicts(ctx context.Context, refs []apply.Ref) {
	now := time.Now()
	known := make(map[apply.Ref]verdict, len(refs))
	engine := &apply.Engine{Client: r.Direct, Migration: r.m.name}
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		slots = make(chan struct{}, max(1, r.Workers))
	)
	for _, ref := range refs {
		if v, ok := r.m.handed[ref]; ok && (v.what == apply.HandedTeams || v.failed != nil) && now.Sub(v.at) < verdictFor {
			known[ref] = v
			continue
		}
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			what, why, failed := engine.Handed(ctx, ref)
			mu.Lock()
			defer mu.Unlock()
			known[ref] = verdict{what, why, failed, now}
		})
	}
	wg.Wait()
	r.m.handed = known
}

// settle notes which Ingresses are live after what was handed over was taken back, or before it is handed over. They go on in the
// next round.
func (r *round) settle() {
	wrong := map[snapshot.Key]apply.Result{}
	for _, ref := range sortedRefs(r.m.applied.results) {
		if d := r.m.applied.desired[ref]; d != nil {
			for _, k := range d.Origins() {
				if _, known := wrong[k]; !known {
					wrong[k] = r.m.applied.results[ref]
				}
			}
		}
	}
	for _, it := range r.items {
		res, failed := wrong[it.key]
		switch {
		case it.back && failed:
			it.stays(v1alpha1.ReasonNotApplied, "What was handed over cannot be taken back: "+res.Message)
		case it.back && !r.changed:
			why := "nothing can be changed"
			if len(r.problems) > 0 {
				why = r.problems[0].message
			}
			it.stays(v1alpha1.ReasonNotApplied, "What was handed over cannot be taken back: "+why)
		case it.back && it.target == v1alpha1.PhaseLive:
			r.m.phases[it.key] = v1alpha1.PhaseLive
		case it.back:
			it.keptReason, it.kept = v1alpha1.ReasonProgressing, fmt.Sprintf("What was handed over is taken back, and goes in phase %s", it.wanted)
			r.m.phases[it.key] = v1alpha1.PhaseLive
			r.Watch.Trigger()
		case it.leaving && !failed && r.acted:
			it.keptReason, it.kept = v1alpha1.ReasonProgressing, "It is live first; then what is the team's is handed over"
			r.Watch.Trigger()
		case it.keptReason != "":
			r.again = sooner(r.again, verdictFor)
		}
	}
}

// leaving keeps Ingresses live that are to be handed over, until all is there that they lead to.
func (r *round) leaving() {
	for _, it := range r.items {
		if it.leaving = it.decision.Phase == v1alpha1.PhaseReleased && it.was != v1alpha1.PhaseReleased; it.leaving {
			it.decision.Phase = v1alpha1.PhaseLive
		}
	}
}

// handOver says which of them can go now: a host as a whole.
func (r *round) handOver() {
	leaving := map[snapshot.Key]*item{}
	for _, it := range r.items {
		if it.leaving {
			leaving[it.key] = it
		}
	}
	if len(leaving) == 0 {
		return
	}
	there := map[apply.Ref]string{}
	for _, l := range r.Watch.Live.List(r.m.name, r.m.live.name) {
		if l.Ours {
			there[l.Ref] = l.Hash
		}
	}
	lacking := map[*item]bool{}
	for ref, d := range r.m.live.desired {
		if there[ref] == d.Hash {
			continue
		}
		for _, k := range d.Origins() {
			if it := leaving[k]; it != nil {
				lacking[it] = true
			}
		}
	}
	r.together(func(it *item) bool { return lacking[it] }, func(it *item) bool { return it.leaving }, func(it *item) { lacking[it] = true })
	for _, it := range r.items {
		if it.leaving && !lacking[it] {
			it.leaving, it.decision.Phase = false, v1alpha1.PhaseReleased
			r.m.phases[it.key] = v1alpha1.PhaseReleased
		}
	}
}
