package sync

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/ingress2gw/ingress2gw/operator/apply"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// flight is what a quick round does at the cluster while the loop goes on: it carries out a plan, and writes what the Ingresses say into their
// IngressTranslations; when that has landed, what became of them. What has to do with it waits until all of it has landed, and whole rounds
// wait for all flights.
type flight struct {
	r       *round
	done    *touched
	plan    *apply.Plan
	memory  *memory
	reports *reports // on the second leg
	landed  chan struct{}
	results map[apply.Ref]apply.Result // once the plan has landed
	err     error
}

// mostFlights is how many there are at once.
const mostFlights = 16

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
	maps.Copy(t.later, more.later)
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

// relies tells whether routes come to need other things than they did: these may be on their way for somebody else.
func (r *round) relies(done *touched) bool {
	for ref := range done.refs {
		now := cmp.Or(r.m.live.desired[ref], r.m.shadow.desired[ref])
		if ref.Kind != "VirtualService" || now == nil {
			continue
		}
		old := r.m.applied.desired[ref]
		if old == nil || adds(old.RouteNames(), now.RouteNames()) || adds(old.Destinations(), now.Destinations()) {
			return true
		}
	}
	return false
}

func adds(old, now []string) bool {
	return slices.ContainsFunc(now, func(x string) bool { return !slices.Contains(old, x) })
}

// waits tells whether something that is under way has to land first, and notes what is to be done then. One plan at a time changes what
// concerns a whole gateway.
func (r *round) waits(done *touched) bool {
	m := r.m
	whole := m.waiting != nil && m.waiting.whole(r)
	for _, f := range m.flights {
		whole = whole || f.reports == nil && f.done.whole(r)
	}
	inTheWay := len(m.flights) >= mostFlights || whole && (done.whole(r) || r.relies(done)) || m.waiting != nil && m.waiting.meets(done) ||
		slices.ContainsFunc(m.flights, func(f *flight) bool { return f.done.meets(done) })
	if !inTheWay {
		return false
	}
	if m.waiting == nil {
		m.waiting = newTouched()
	}
	m.waiting.add(done)
	return true
}

// carryOut does what is to be done. changed are Ingresses that are to be remembered as they are: that need not be done before the plan. The
// Ingresses are there, and whoever comes after this process reads them. Only one that is deleted in the moment in which this process is
// killed is then remembered as it was before its last change.
func (r *round) carryOut(ctx context.Context, done *touched, changed []*item) error {
	if r.waits(done) {
		return r.rememberSome(ctx, r.notWriting(changed))
	}
	p, err := r.quickPlan(ctx, done)
	if err != nil {
		return err
	}
	if r.paused() {
		*p = apply.Plan{}
	} else {
		r.keepAllHosts(ctx, false)
	}
	m, err := r.recall(changed)
	if err != nil {
		return err
	}
	r.fly(ctx, &flight{r: r, done: done, plan: p, memory: m})
	return nil
}

// notWriting gives those of some Ingresses whose IngressTranslations nobody is writing. The others wait for that: what is written last is to
// be what they say last.
func (r *round) notWriting(changed []*item) (some []*item) {
	for _, it := range changed {
		if slices.ContainsFunc(r.m.flights, func(f *flight) bool { return f.done.keys[it.key] }) {
			r.m.waiting.later[it.key] = true
		} else {
			some = append(some, it)
		}
	}
	return some
}

// fly begins a flight.
func (r *round) fly(ctx context.Context, f *flight) {
	p := f.plan
	for i := range p.Changes { // they are asked for while the loop goes on
		p.Changes[i].Broken = maps.Clone(p.Changes[i].Broken)
	}
	r.m.flights = append(r.m.flights, f)
	engine, work := r.engine(), len(p.Changes)+len(p.Remove) > 0
	if work {
		r.logPlan(ctx, p)
		r.Watch.Live.Begin(planned(p))
	}
	f.begin(func() (err error) {
		var wg sync.WaitGroup
		wg.Go(func() { f.memory.write(ctx) })
		if work {
			f.results, err = engine.Do(ctx, *p)
		}
		wg.Wait()
		return err
	})
}

// begin does something beside the loop, which is told when it has landed.
func (f *flight) begin(do func() error) {
	f.landed = make(chan struct{})
	go func() {
		defer func() {
			close(f.landed)
			select {
			case f.r.landings <- struct{}{}:
			default: // the loop is to look already
			}
		}()
		_, f.err = f.r.safely(func() (bool, error) { return true, do() })
	}()
}

func planned(p *apply.Plan) (applied, removed []apply.Ref) {
	for i := range p.Changes {
		applied = append(applied, p.Changes[i].Ref)
	}
	for i := range p.Remove {
		removed = append(removed, p.Remove[i].Ref)
	}
	removed = append(removed, p.Covers()...)
	return applied, removed
}

// note notes what became of a plan. It says true if somebody else changed its objects meanwhile.
func (f *flight) note(ctx context.Context) bool {
	f.r.count(f.plan, f.results)
	f.r.learn(ctx, f.results)
	if err := f.memory.note(); f.err == nil {
		f.err = err
	}
	applied, removed := planned(f.plan)
	return f.r.Watch.Live.End(append(applied, removed...)...)
}

// next ends a leg that has landed, and begins the next one if there is any.
func (f *flight) next(ctx context.Context) error {
	err := f.err
	switch {
	case f.reports != nil:
		f.reports.tell()
	default:
		if f.note(ctx) {
			f.r.Watch.Urge()
		}
		if err = f.err; err == nil {
			f.reports, err = f.r.quickResults(ctx, f.results, f.done)
		}
		if err == nil {
			f.begin(func() error { return f.reports.write(ctx) })
			return nil
		}
	}
	f.ends()
	return err
}

func (f *flight) ends() {
	m := f.r.m
	m.flights = slices.DeleteFunc(m.flights, func(x *flight) bool { return x == f })
}

// land goes on with the flights that have landed, and with what waits for them.
func (r *round) land(ctx context.Context) error {
	var errs []error
	for _, f := range slices.Clone(r.m.flights) {
		select {
		case <-f.landed:
			errs = append(errs, f.next(ctx))
		default:
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	w := r.m.waiting
	if w == nil {
		return nil
	}
	if len(r.m.applied.doubt) > 0 {
		return left("it is not known whether an object was changed")
	}
	r.m.waiting = nil
	var changed []*item
	for _, k := range slices.SortedFunc(maps.Keys(w.later), compareKeys) {
		if it := r.byKey[k]; it != nil {
			changed = append(changed, it)
		}
	}
	return r.carryOut(ctx, w, changed)
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

// landAll waits for all flights. What is to be said of them, and what waits for them, is left to the whole round that follows.
func (l *Loop) landAll(ctx context.Context) {
	for _, m := range l.migrations {
		for len(m.flights) > 0 {
			f := m.flights[0]
			<-f.landed
			if f.ends(); f.reports != nil {
				f.reports.tell()
			} else {
				f.note(ctx)
			}
			if f.err != nil && ctx.Err() == nil {
				log.FromContext(ctx).WithName("sync").Error(f.err, "Applying failed", "Migration", m.name)
			}
		}
		m.waiting = nil
	}
}

func newTouched() *touched {
	return &touched{refs: map[apply.Ref]bool{}, keys: map[snapshot.Key]bool{}, later: map[snapshot.Key]bool{}}
}
