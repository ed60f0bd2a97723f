package sync

import (
	"context"
	"errors"
	"maps"
	"slices"

	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/ingress2gw/ingress2gw/operator/apply"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// flight is a plan of a quick round that is carried out while the loop goes on: most of its time is spent on waiting for proxies to hear
// of what routes need. What has to do with it waits until it has landed, and whole rounds wait for all.
type flight struct {
	r       *round
	done    *touched
	landed  chan struct{}
	results map[apply.Ref]apply.Result // once it has landed
	plan    *apply.Plan
	err     error
}

// mostFlights is how many plans are carried out at once.
const mostFlights = 8

// flies tells whether a plan has steps between which it waits.
func flies(p *apply.Plan) bool {
	return len(p.Remove) > 0 || slices.ContainsFunc(p.Changes, func(c apply.Change) bool { return c.Kind != "VirtualService" })
}

// meets tells whether what two rounds have to do with has anything in common.
func (t *touched) meets(other *touched) bool {
	for ref := range t.refs {
		if other.refs[ref] {
			return true
		}
	}
	for k := range t.keys {
		if other.keys[k] {
			return true
		}
	}
	return false
}

// add adds what another round has to do with.
func (t *touched) add(more *touched) {
	maps.Copy(t.refs, more.refs)
	maps.Copy(t.keys, more.keys)
}

// whole tells whether some of it concerns a whole gateway.
func (t *touched) whole(r *round) bool {
	for ref := range t.refs {
		if d := r.m.applied.desired[ref]; ref.Kind == "EnvoyFilter" || ref.Kind == "Gateway" || d != nil && len(d.Origins()) == 0 {
			return true
		}
	}
	return false
}

// waits tells whether something that is under way has to land first, and notes what is to be done then. One plan at a time changes what
// concerns a whole gateway.
func (r *round) waits(done *touched) bool {
	m := r.m
	if len(m.flights) < mostFlights && !(len(m.flights) > 0 && done.whole(r)) && (m.waiting == nil || !m.waiting.meets(done)) &&
		!slices.ContainsFunc(m.flights, func(f *flight) bool { return f.done.meets(done) }) {
		return false
	}
	if m.waiting == nil {
		m.waiting = newTouched()
	}
	m.waiting.add(done)
	return true
}

// carryOut does what is to be done. changed are Ingresses that are to be remembered as they are.
func (r *round) carryOut(ctx context.Context, done *touched, changed []*item) error {
	if r.waits(done) {
		return r.rememberSome(ctx, changed)
	}
	p, err := r.quickPlan(ctx, done)
	if err != nil {
		return err
	}
	if !r.paused() && flies(p) {
		r.fly(ctx, p, done)
		return r.rememberSome(ctx, changed)
	}
	return r.quickApply(ctx, changed, p, done)
}

// fly carries out a plan while the loop goes on.
func (r *round) fly(ctx context.Context, p *apply.Plan, done *touched) {
	for i := range p.Changes { // they are asked for while the loop goes on
		p.Changes[i].Broken = maps.Clone(p.Changes[i].Broken)
	}
	f := &flight{r: r, done: done, plan: p, landed: make(chan struct{})}
	r.m.flights = append(r.m.flights, f)
	r.keepAllHosts(ctx, false)
	r.logPlan(ctx, p)
	engine := r.engine()
	r.Watch.Live.Begin(planned(p))
	go func() {
		defer func() {
			close(f.landed)
			select {
			case r.landings <- struct{}{}:
			default: // the loop is to look already
			}
		}()
		_, f.err = r.safely(func() (_ bool, err error) {
			f.results, err = engine.Do(ctx, *p)
			return true, err
		})
	}()
}

func planned(p *apply.Plan) (applied, removed []apply.Ref) {
	for i := range p.Changes {
		applied = append(applied, p.Changes[i].Ref)
	}
	for i := range p.Remove {
		removed = append(removed, p.Remove[i].Ref)
	}
	return applied, removed
}

// finish notes what became of a plan. It says true if somebody else changed its objects meanwhile.
func (f *flight) finish(ctx context.Context) bool {
	<-f.landed
	m := f.r.m
	m.flights = slices.DeleteFunc(m.flights, func(x *flight) bool { return x == f })
	f.r.count(f.plan, f.results)
	f.r.learn(ctx, f.results)
	applied, removed := planned(f.plan)
	return f.r.Watch.Live.End(append(applied, removed...)...)
}

// land ends the flights that have landed, and goes on with what waits for them.
func (r *round) land(ctx context.Context) error {
	var errs []error
	for _, f := range slices.Clone(r.m.flights) {
		select {
		case <-f.landed:
			if f.finish(ctx) {
				r.Watch.Urge()
			}
			errs = append(errs, f.err, r.quickResults(ctx, f.results, f.done))
		default:
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	w := r.m.waiting
	if r.m.waiting = nil; w == nil {
		return nil
	}
	return r.carryOut(ctx, w, nil)
}

// land ends all flights that have landed. It says false if a whole round is needed.
func (l *Loop) land(ctx context.Context) (bool, error) {
	var errs []error
	for _, r := range l.rounds {
		r.again = 0
		errs = append(errs, r.land(ctx))
	}
	err := errors.Join(errs...)
	return err == nil, ignoreLeft(ctx, err)
}

// flying tells whether something is under way.
func (l *Loop) flying() bool {
	return slices.ContainsFunc(l.rounds, func(r *round) bool { return len(r.m.flights) > 0 })
}

// landAll waits for all flights. What waits for them is left to the whole round that follows.
func (l *Loop) landAll(ctx context.Context) {
	for _, m := range l.migrations {
		for len(m.flights) > 0 {
			f := m.flights[0]
			if f.finish(ctx); f.err != nil && ctx.Err() == nil {
				log.FromContext(ctx).WithName("sync").Error(f.err, "Applying failed", "Migration", m.name)
			}
		}
		m.waiting = nil
	}
}

func newTouched() *touched {
	return &touched{refs: map[apply.Ref]bool{}, keys: map[snapshot.Key]bool{}}
}
