// Package sync keeps a cluster as its Migrations want it: it translates what changed, applies what is to be applied, and says in
// IngressTranslations what became of each Ingress.
package sync

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
	"github.com/ingress2gw/ingress2gw/operator/apply"
	"github.com/ingress2gw/ingress2gw/operator/inputs"
	"github.com/ingress2gw/ingress2gw/operator/metrics"
	"github.com/ingress2gw/ingress2gw/operator/watch"
)

// Config is what a Loop works with.
type Config struct {
	Cache     client.Reader // of the input, of Migrations and IngressTranslations
	Direct    *apply.Client
	Watch     *watch.Watcher
	Events    events.EventRecorder
	Metrics   *metrics.Recorder
	Namespace string // the operator's own
	Secrets   bool   // the metadata of Secrets is in Cache
	Apply     bool   // not only previews
	Version   string // of this program
	Guard     Guard
	// Batch is how long changes are collected, Settle how long the proxy is given to hear of a change.
	Batch, Settle time.Duration
	// Quiet is for how long nothing must have changed before what nothing uses any more goes; 0: 10 s.
	Quiet   time.Duration
	Workers int // requests at once
}

// Loop does one thing after the other, in one goroutine: nothing it decides on changes meanwhile.
type Loop struct {
	Config
	store      inputs.Store
	configMaps configMaps
	secrets    secretReader
	migrations map[string]*migration
	retry      backoff
	timer      *time.Timer   // for the next round without a change
	audit      *time.Timer   // for what no watch tells of
	audited    time.Time     // when it ends
	busy       time.Duration // spent on translating in this round
	stale      bool          // more is watched than this round has read
	debt       debt
	thorough   bool // in this round, debts are paid
	looked     map[schema.GroupVersionKind]time.Time
	warm       atomic.Bool   // it is known what there is to watch
	relieved   chan struct{} // closed when the Standby is done
	pending    watch.Changes
	rest       time.Time                   // when the next whole round may be
	due        time.Time                   // when one is wanted at the latest; zero: only when something changes
	payday     *time.Timer                 // for debts
	in         *input                      // of the last whole round, with what changed since; nil if that failed
	rounds     []*round                    // the last whole ones, by Migration
	shown      time.Time                   // when metrics were
	landings   chan struct{}               // tells that flights have landed
	pause      func(context.Context) error // until proxies have heard of what was applied
	unread     map[string]unread           // what was said of Migrations since something could not be read
}

// New makes a Loop.
func New(c Config) *Loop {
	return &Loop{
		Config: c, migrations: map[string]*migration{}, relieved: make(chan struct{}), debt: debt{quiet: cmp.Or(c.Quiet, defaultQuiet)},
		landings: make(chan struct{}, 1), pause: apply.Settle(c.Settle),
	}
}

// NeedLeaderElection says that only one replica does this.
func (l *Loop) NeedLeaderElection() bool { return true }

// share is how much longer than translating a pause is, up to longestPause: a cluster that never rests keeps a third of a core busy at
// most.
const (
	share        = 2
	longestPause = 10 * time.Second
)

// Start works until the context ends. It begins when a Standby has prepared it.
func (l *Loop) Start(ctx context.Context) error {
	for waits := true; waits; {
		select {
		case <-ctx.Done():
			return nil
		case <-l.relieved:
			waits = false
		case <-time.After(standbyEvery):
			l.tellUnread(ctx) // else it may be waiting for good, and nobody knows
		}
	}
	if l.Watch.CatchUp(ctx, l.Direct, l.tellUnread) != nil {
		return nil // the context ended
	}
	l.Watch.Trigger()
	l.timer, l.payday = time.AfterFunc(longestPause, l.Watch.Trigger), time.AfterFunc(longestPause, l.Watch.Trigger)
	defer l.timer.Stop()
	l.audit = time.AfterFunc(l.Watch.Again, func() {
		if len(l.Watch.Live.Unseen(l.Watch.Again)) > 0 {
			l.Watch.Trigger()
		} else if l.Watch.Live.Waits() { // younger ones
			l.audit.Reset(l.Watch.Again + time.Second)
		}
	})
	defer l.audit.Stop()
	defer l.payday.Stop()
	l.payday.Stop()
	pause := time.NewTimer(longestPause)
	defer pause.Stop()
	defer l.landAll(ctx)
	for {
		urgent := false
		select {
		case <-ctx.Done():
			return nil
		case <-l.Watch.Urgent():
			urgent = true
		case <-l.Watch.Changes():
		case <-l.landings:
		case <-pause.C:
		}
		l.pending.Add(l.Watch.Take())
		l.quickly(ctx)
		if !l.pending.Else && !urgent {
			continue
		}
		if left := time.Until(l.rest); left > 0 && !urgent {
			pause.Reset(left)
			continue
		}
		l.pending = watch.Changes{}
		l.full(ctx)
		l.rest = time.Now().Add(max(l.Batch, min(share*l.busy, longestPause)))
	}
}

// quickly looks at single objects that changed. What it cannot do is left to a whole round, which may have to wait: meanwhile others go
// on.
func (l *Loop) quickly(ctx context.Context) {
	if len(l.pending.Objects) == 0 && !l.flying() || ctx.Err() != nil {
		return
	}
	l.busy = 0
	ok, err := l.safely(func() (bool, error) {
		if ok, err := l.land(ctx); !ok || err != nil {
			return ok, err
		}
		return l.quick(ctx, l.pending.Objects)
	})
	if err != nil && ctx.Err() == nil {
		log.FromContext(ctx).WithName("sync").Error(err, "Quick round failed")
		l.Metrics.Failed()
	}
	l.pending.Objects = nil
	if !ok || err != nil {
		l.pending.Else = true
		return
	}
	for _, r := range l.rounds {
		if r.again > 0 {
			l.schedule(r.again)
		}
	}
	l.lookLater()
	if l.owes(); time.Since(l.shown) > showEvery {
		l.show(l.in)
	}
}

// full looks at everything.
func (l *Loop) full(ctx context.Context) {
	l.landAll(ctx)
	l.timer.Stop()
	l.due = time.Time{}
	l.busy, l.stale, l.thorough = 0, false, l.debt.due(time.Now())
	var again time.Duration
	_, err := l.safely(func() (_ bool, err error) {
		again, err = l.round(ctx)
		return true, err
	})
	switch {
	case ctx.Err() != nil:
		return
	case err != nil:
		l.in, again = nil, l.retry.next()
		log.FromContext(ctx).WithName("sync").Error(err, "Round failed", "again", again.String())
		l.Metrics.Failed()
	case again == 0:
		l.retry.reset()
	}
	l.owes()
	l.schedule(again)
}

// owes sees to it that debts are paid.
func (l *Loop) owes() {
	l.payday.Stop()
	if after := l.debt.note(l.indebted(), time.Now()); after > 0 {
		l.payday.Reset(after)
	}
}

// indebted tells whether a gateway may have what nothing uses any more.
func (l *Loop) indebted() bool {
	for _, m := range l.migrations {
		if m.live.debt() || m.shadow.debt() {
			return true
		}
	}
	return false
}

// schedule asks for another round after a while.
func (l *Loop) schedule(after time.Duration) {
	if l.Watch.Missing() && (after == 0 || after > l.Watch.Again) {
		after = l.Watch.Again
	}
	if at := time.Now().Add(after); after > 0 && (l.due.IsZero() || at.Before(l.due)) {
		l.due = at
		l.timer.Reset(after)
	}
	l.lookLater()
}

// lookLater sees to it that objects are looked at of which no watch tells.
func (l *Loop) lookLater() {
	if now := time.Now(); l.Watch.Live.Waits() && now.After(l.audited) {
		after := l.Watch.Again + time.Second
		l.audited = now.Add(after)
		l.audit.Reset(after)
	}
}

// safely runs a round; a panic is an error of ours, and must not end the operator.
func (l *Loop) safely(round func() (bool, error)) (ok bool, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return round()
}

// round looks at everything that may have changed. It says after how long it wants to be called again; 0: when something changes.
func (l *Loop) round(ctx context.Context) (again time.Duration, err error) {
	l.confirm(ctx)
	if ok, what := l.Watch.Synced(); !ok {
		log.FromContext(ctx).V(1).Info("Still reading the cluster", "waitingFor", what)
		l.tellUnread(ctx)
		return time.Second / 5, nil
	}
	in, err := l.read(ctx)
	if err != nil {
		return 0, fmt.Errorf("reading the cluster: %w", err)
	}
	l.in, l.rounds = in, nil
	l.told(in)
	var errs []error
	for i := range in.migrations {
		wait, err := l.migrate(ctx, in, &in.migrations[i])
		errs = append(errs, err)
		again = sooner(again, wait)
	}
	errs = append(errs, l.orphans(ctx, in))
	l.show(in)
	return again, errors.Join(errs...)
}

func sooner(a, b time.Duration) time.Duration {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// backoff grows with every failure.
type backoff struct{ last time.Duration }

const (
	firstRetry = time.Second
	lastRetry  = 30 * time.Second
)

func (b *backoff) next() time.Duration {
	b.last = min(max(firstRetry, 2*b.last), lastRetry)
	return b.last
}

func (b *backoff) reset() { b.last = 0 }

// harmless drops the error of writing to what is going away.
func harmless(err error) error {
	if apierrors.IsNotFound(err) && !apply.NoKind(err) || apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause) {
		return nil
	}
	return err
}

func (l *Loop) event(o runtime.Object, kind, reason, action, message string) {
	if l.Events != nil {
		const longest = 1000
		if len(message) > longest {
			message = message[:longest] + "…"
		}
		l.Events.Eventf(o, nil, kind, reason, action, "%s", message)
	}
}

// Own are the kinds of the operator's own API.
func Own() []client.Object {
	return []client.Object{&v1alpha1.Migration{}, &v1alpha1.IngressTranslation{}}
}
