// Package sync keeps a cluster as its Migrations want it: it translates what changed, applies what is to be applied, and says in
// IngressTranslations what became of each Ingress.
package sync

import (
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
	// Guard are the namespaces of gateways whose list of hosts is kept; none for no guard.
	Guard []string
	// Batch is how long changes are collected, Settle how long the proxy is given to hear of a change.
	Batch, Settle time.Duration
	Workers       int // requests at once
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
	busy       time.Duration // spent on translating in this round
	stale      bool          // more is watched than this round has read
	debt       debt
	thorough   bool // in this round, debts are paid
	looked     map[schema.GroupVersionKind]time.Time
	warm       atomic.Bool   // it is known what there is to watch
	relieved   chan struct{} // closed when the Standby is done
}

// New makes a Loop.
func New(c Config) *Loop {
	return &Loop{Config: c, migrations: map[string]*migration{}, relieved: make(chan struct{})}
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
	logger := log.FromContext(ctx).WithName("sync")
	select {
	case <-ctx.Done():
		return nil
	case <-l.relieved:
	}
	l.Watch.Trigger()
	l.timer = time.AfterFunc(longestPause, l.Watch.Trigger)
	defer l.timer.Stop()
	l.audit = time.AfterFunc(l.Watch.Again, func() {
		if len(l.Watch.Live.Unseen(l.Watch.Again)) > 0 {
			l.Watch.Trigger()
		}
	})
	defer l.audit.Stop()
	for {
		if !l.wait(ctx) {
			return nil
		}
		l.timer.Stop()
		l.busy, l.stale, l.thorough = 0, false, l.debt.due(time.Now())
		again, err := l.safely(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			again = l.retry.next()
			logger.Error(err, "Round failed", "again", again.String())
		case again == 0:
			l.retry.reset()
		}
		l.schedule(sooner(again, l.debt.note(l.indebted(), time.Now())))
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
	if after > 0 {
		l.timer.Reset(after)
	}
	if l.Watch.Live.Waits() {
		l.audit.Reset(l.Watch.Again + time.Second)
	}
}

// wait returns when there is something to do: false if there never will be.
func (l *Loop) wait(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return false
	case <-l.Watch.Changes():
	}
	pause := time.NewTimer(max(l.Batch, min(share*l.busy, longestPause)))
	defer pause.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-l.Watch.Urgent():
	case <-pause.C:
	}
	return true
}

// safely runs a round; a panic is an error of ours, and must not end the operator.
func (l *Loop) safely(ctx context.Context) (again time.Duration, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return l.round(ctx)
}

// round looks at everything that may have changed. It says after how long it wants to be called again; 0: when something changes.
func (l *Loop) round(ctx context.Context) (again time.Duration, err error) {
	l.confirm(ctx)
	if ok, what := l.Watch.Synced(); !ok {
		log.FromContext(ctx).V(1).Info("Still reading the cluster", "waitingFor", what)
		return time.Second / 5, nil
	}
	in, err := l.read(ctx)
	if err != nil {
		return 0, fmt.Errorf("reading the cluster: %w", err)
	}
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
