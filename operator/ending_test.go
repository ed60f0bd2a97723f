//go:build envtest

package operator

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	utilnet "k8s.io/apimachinery/pkg/util/net"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
)

// An operator ends in time while the API server is away, too, and its watches wait longer and longer before they are tried again.
func TestItEndsWhileTheServerIsAway(t *testing.T) {
	s := shared(t).site(t, "ends", nil)
	defer suffered(t, map[string]int{"ended in an outage": 1})
	s.ingress("shop", "a", "a.test", phaseNote(v1alpha1.PhaseLive))
	p := shared(t).proxied(t, 1)
	config, refused := p.config(), &atomic.Int32{}
	config.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return roundTrip(func(r *http.Request) (*http.Response, error) {
			answer, err := next.RoundTrip(r)
			if utilnet.IsConnectionRefused(err) {
				refused.Add(1)
			}
			return answer, err
		})
	})
	stop := shared(t).operatorAs(t, config, func(o *Options) { o.Grace = time.Second })
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	want := s.bytes()
	p.when(func(r *http.Request) string { // all that is watched has to be read again
		if r.Method == http.MethodGet {
			return unavailable
		}
		return passed
	})
	p.cutAll(100)
	s.eventually(func() error {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.count[unavailable] < 20 {
			return fmt.Errorf("%d requests have failed", p.count[unavailable])
		}
		return nil
	})
	require.NoError(t, p.Listener.Close()) // nobody listens any more
	p.CloseClientConnections()
	s.eventually(func() error {
		if n := refused.Load(); n < 40 { // of a dozen watches, so that most wait for many seconds now
			return fmt.Errorf("%d requests were refused", n)
		}
		return nil
	})
	stop() // which fails if it does not end well
	s.settles(want)
}
