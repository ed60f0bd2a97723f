//go:build envtest

package operator

import (
	"fmt"
	"net/http"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	coordinationv1 "k8s.io/api/coordination/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
)

// sluice lets some writes through, and then holds all until it is opened; those that it held never arrive.
type sluice struct {
	mu     sync.Mutex
	passes int // -1: all
	opened chan struct{}
	held   int
	wrote  int // since it was opened
}

func (g *sluice) rule(r *http.Request) string {
	if r.Method == http.MethodGet || is(r, r.Method, "leases") || is(r, r.Method, "events") || is(r, r.Method, "selfsubjectaccessreviews") || r.URL.Query().Has("dryRun") {
		return passed
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.passes != 0 {
		g.passes = max(-1, g.passes-1)
		g.wrote++
		return passed
	}
	g.held++
	return heldBack
}

func (s *site) holder() string {
	l := &coordinationv1.Lease{}
	if err := s.admin.Get(s.t.Context(), client.ObjectKey{Namespace: "ops", Name: name}, l); err != nil || l.Spec.HolderIdentity == nil {
		return ""
	}
	return *l.Spec.HolderIdentity
}

// TestLeadersAreLost takes the leader away in the middle of its work: frozen until another has taken over, and let go then; killed; and
// ended in an orderly way.
func TestLeadersAreLost(t *testing.T) {
	s := shared(t).site(t, "leaders", func(m *v1alpha1.Migration) { m.Spec.Limits.Removals = 0 })
	defer func() {
		suffered(t, map[string]int{"leaders frozen": 1, "leaders killed": 1, "leaders ended": 1})
	}()
	f := s.fleet(3, 8, v1alpha1.PhaseLive)
	options := impatient()
	options.LeaderElection, options.Lease, options.Workers = true, 6*time.Second, 4
	shuffle := func() {
		for range 6 {
			f.move(0)
		}
	}
	g := &sluice{passes: -1, opened: make(chan struct{})}
	frozenProxy := shared(t).proxied(t, 1)
	frozenProxy.gate = g
	frozenProxy.when(g.rule)
	first := frozenProxy.replica(options)
	f.arrive()
	old := s.holder()
	p := shared(t).proxied(t, 2)
	second := p.replica(options)
	g.mu.Lock()
	g.passes = 5
	g.mu.Unlock()
	for i := range f.hosts {
		f.to(i, v1alpha1.PhasePreview)
	}
	s.eventually(func() error {
		g.mu.Lock()
		defer g.mu.Unlock()
		if g.held == 0 {
			return fmt.Errorf("nothing is held")
		}
		return nil
	})
	first.signal(syscall.SIGSTOP)
	s.eventually(func() error {
		if now := s.holder(); now == "" || now == old {
			return fmt.Errorf("%q has the lease", now)
		}
		return nil
	})
	shuffle()
	got := f.arrive()
	g.mu.Lock()
	g.passes, g.wrote = -1, 0
	g.mu.Unlock()
	close(g.opened)
	first.signal(syscall.SIGCONT)
	first.ends("leader election lost")
	g.mu.Lock()
	if g.wrote > 0 {
		t.Errorf("the old leader wrote %d times", g.wrote)
	}
	g.mu.Unlock()
	if diff := cmp.Diff(got, f.rest()); diff != "" {
		t.Errorf("(-before +after it went on):\n%s", diff)
	}

	third := p.replica(options)
	shuffle()
	f.pause(time.Second)
	second.signal(syscall.SIGKILL)
	shuffle()
	f.arrive()
	last := p.replica(options)
	shuffle()
	f.pause(time.Second)
	third.signal(syscall.SIGTERM)
	third.ends("")
	shuffle()
	got = f.arrive()
	last.signal(syscall.SIGTERM)
	last.ends("")
	f.same(got)
}
