package sync

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	netv1 "k8s.io/api/networking/v1"

	"github.com/ingress2gw/ingress2gw/operator/apply"
	"github.com/ingress2gw/ingress2gw/operator/watch"
)

// TestOthersGoOnMeanwhile has routes wait for their filters, while other Ingresses change.
func TestOthersGoOnMeanwhile(t *testing.T) {
	path := func(p string) func(*netv1.Ingress) {
		return func(o *netv1.Ingress) { o.Spec.Rules[0].HTTP.Paths[0].Path = p }
	}
	l, c := newLoop(t, 6, nil)
	heard := make(chan struct{})
	reached := make(chan struct{}, 10)
	l.pause = func(ctx context.Context) error {
		reached <- struct{}{}
		select {
		case <-heard:
		case <-ctx.Done():
		}
		return ctx.Err()
	}
	quick := func(i int, change func(*netv1.Ingress)) {
		ok, err := l.quick(t.Context(), map[watch.Noted]bool{c.edit(i, change): true})
		require.NoError(t, err)
		require.True(t, ok)
	}
	has := slices.Contains[[]string]

	quick(1, annotate(prefix+"proxy-read-timeout", "34"))
	<-reached // its filter is there
	written := c.written()
	require.True(t, has(written, "envoyfilters istio-system/i2g-routes"), written)
	require.False(t, has(written, "virtualservices shop/i2g-i00001.test"), "the route waits: %v", written)
	require.False(t, has(written, "ingresstranslations/status shop/i00001"), "it does not say that it is applied: %v", written)

	quick(2, path("/api"))
	landed(t, l, 1)
	written = c.written()
	require.True(t, has(written, "virtualservices shop/i2g-i00002.test"), "another route does not: %v", written)
	require.True(t, has(written, "ingresstranslations/status shop/i00002"), written)

	quick(3, annotate(prefix+"proxy-read-timeout", "35"))
	quick(4, annotate(prefix+"proxy-read-timeout", "34"))
	quick(1, path("/v2"))
	require.Equal(t, []string{"ingresstranslations shop/i00003", "ingresstranslations shop/i00004"}, c.written(),
		"what changes the same filter, needs what it is to have, or is under way, waits")

	close(heard)
	landed(t, l, 0)
	written = c.written()
	for _, what := range []string{
		"virtualservices shop/i2g-i00001.test", "virtualservices shop/i2g-i00003.test", "virtualservices shop/i2g-i00004.test",
		"ingresstranslations/status shop/i00001", "ingresstranslations/status shop/i00003", "ingresstranslations/status shop/i00004",
		"ingresstranslations shop/i00001",
	} {
		require.True(t, has(written, what), "%s: %v", what, written)
	}
	l.full(t.Context())
	require.Empty(t, c.written(), "a whole round finds nothing to do")
}

// TestWholeRoundsWaitForWhatIsUnderWay has a whole round come while routes wait for their filters.
func TestWholeRoundsWaitForWhatIsUnderWay(t *testing.T) {
	l, c := newLoop(t, 6, nil)
	heard := make(chan struct{})
	l.pause = func(context.Context) error { <-heard; return nil }
	for i, v := range []string{"34", "35"} {
		ok, err := l.quick(t.Context(), map[watch.Noted]bool{c.edit(i, annotate(prefix+"proxy-read-timeout", v)): true})
		require.NoError(t, err)
		require.True(t, ok)
	}
	close(heard)
	l.full(t.Context())
	require.False(t, l.flying())
	written := c.written()
	for _, what := range []string{"virtualservices shop/i2g-i00000.test", "virtualservices shop/i2g-i00001.test"} {
		require.Contains(t, written, what)
	}
	l.full(t.Context())
	require.Empty(t, c.written(), "nothing is left to do")
}

// TestWhatWaitsIsNotDoneInDoubt has a change that was not answered, while another one waits for it.
func TestWhatWaitsIsNotDoneInDoubt(t *testing.T) {
	l, c := newLoop(t, 6, nil)
	heard := make(chan struct{})
	l.pause = func(context.Context) error { <-heard; return nil }
	for i, v := range []string{"34", "35"} {
		ok, err := l.quick(t.Context(), map[watch.Noted]bool{c.edit(i, annotate(prefix+"proxy-read-timeout", v)): true})
		require.NoError(t, err)
		require.True(t, ok)
	}
	l.rounds[0].m.applied.doubt[apply.Ref{Kind: "EnvoyFilter", Name: "unanswered"}] = true
	close(heard)
	<-l.landings
	ok, err := l.land(t.Context())
	require.NoError(t, err)
	require.False(t, ok, "a whole round is needed")
	require.NotContains(t, c.written(), "virtualservices shop/i2g-i00001.test")
	delete(l.rounds[0].m.applied.doubt, apply.Ref{Kind: "EnvoyFilter", Name: "unanswered"})
	l.full(t.Context())
	require.Contains(t, c.written(), "virtualservices shop/i2g-i00001.test")
}
