package sync

import (
	"context"
	"fmt"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
	"github.com/ingress2gw/ingress2gw/operator/settings"
)

// Standby is what a replica does until it is its turn: it watches all that the one that works does, Istio's kinds among them, so that it
// can take over without asking for any of it.
type Standby struct {
	Loop *Loop
	// Elected is closed when it is this replica's turn.
	Elected <-chan struct{}
}

// NeedLeaderElection says that every replica does this.
func (s *Standby) NeedLeaderElection() bool { return false }

// standbyEvery is how often it is looked at most what there is to watch.
const standbyEvery = time.Second

// Start works until it is this replica's turn. The Loop, which does the same as a part of its rounds, waits for that.
func (s *Standby) Start(ctx context.Context) error {
	l := s.Loop
	defer close(l.relieved)
	logger := log.FromContext(ctx).WithName("standby")
	again := time.NewTimer(0)
	defer again.Stop()
	for elected := s.Elected; elected != nil || !l.warm.Load(); {
		select {
		case <-ctx.Done():
			return nil
		case <-elected:
			elected = nil // but not before it is known what there is to watch
			continue
		case <-l.Watch.Changes():
		case <-again.C:
		}
		after, err := l.prepare(ctx)
		if err != nil && ctx.Err() == nil {
			logger.Error(err, "Cannot watch what Migrations need", "again", l.Watch.Again.String())
			after = l.Watch.Again
		}
		if after == 0 && l.Watch.Missing() {
			after = l.Watch.Again
		}
		if again.Stop(); after > 0 {
			again.Reset(after)
		}
		pause := standbyEvery
		if elected == nil || !l.warm.Load() {
			pause = standbyEvery / 20
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
	return nil
}

// prepare watches what the Migrations need. What one of them may not watch keeps no other from it. It says after how long it is worth
// trying again; 0: when something changes.
func (l *Loop) prepare(ctx context.Context) (again time.Duration, err error) {
	if ok, _ := l.Watch.Synced(); !ok {
		return standbyEvery / 10, nil
	}
	all := &v1alpha1.MigrationList{}
	if err := l.Cache.List(ctx, all); err != nil {
		return 0, fmt.Errorf("listing Migrations: %w", err)
	}
	for i := range all.Items {
		m := &migration{name: all.Items[i].Name}
		if m.settings, err = settings.Of(&all.Items[i]); err != nil {
			continue // the Migration's condition says so
		}
		_, p, err := l.follow(ctx, m)
		if err != nil {
			return 0, err
		}
		if p != nil {
			again = l.Watch.Again
		}
	}
	l.warm.Store(true)
	return again, nil
}

// Warm tells whether it is known what is to be watched, and all of that is in the caches. If not, it says what is missing.
func (l *Loop) Warm() (bool, string) {
	if ok, what := l.Watch.Synced(); !ok {
		return false, what
	}
	return l.warm.Load(), "which kinds there are"
}
