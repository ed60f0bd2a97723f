package sync

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	netv1 "k8s.io/api/networking/v1"

	"github.com/ingress2gw/ingress2gw/operator/apply"
	"github.com/ingress2gw/ingress2gw/operator/watch"
)

// TestAChangeThatWasNotAnswered has the answer to a change lost: the object is not there, and no watch has told of it yet.
func TestAChangeThatWasNotAnswered(t *testing.T) {
	l, c := newLoop(t, 2, nil)
	ref := apply.Ref{APIVersion: "networking.istio.io/v1", Kind: "VirtualService", Namespace: "shop", Name: "i2g-i00000.test"}
	require.NotNil(t, l.rounds[0].m.applied.desired[ref])
	l.full(t.Context())
	require.Empty(t, c.written(), "what is known is as it should be")

	l.rounds[0].learn(t.Context(), map[apply.Ref]apply.Result{ref: {State: apply.Failed, Message: "EOF"}})
	n := c.edit(1, func(o *netv1.Ingress) { o.Spec.Rules[0].HTTP.Paths[0].Path = "/api" })
	ok, err := l.quick(t.Context(), map[watch.Noted]bool{n: true})
	require.NoError(t, err)
	if written := c.written(); ok || len(written) > 0 {
		t.Errorf("a quick round goes by what may be too old: %v, %v", ok, written)
	}
	l.full(t.Context())
	if written := c.written(); !slices.Contains(written, "virtualservices shop/i2g-i00000.test") {
		t.Errorf("it is not made again, only %v", written)
	}
	if doubt := l.rounds[0].m.applied.doubt; len(doubt) > 0 {
		t.Errorf("still in doubt: %v", doubt)
	}
}
