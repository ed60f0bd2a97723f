package istio

import (
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"
	networking "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// writingMethods are never repeated by nginx once they were sent.
var writingMethods = []string{"POST", "LOCK", "PATCH"}

// unlimitedTries stands for tries without a limit.
const unlimitedTries = 100

// retries makes retries and the read timeout explicit, because the mesh's defaults differ. Envoy does not look at the
// method: requests with a method that must not be repeated get an entry of their own.
func retries(e *emitter, _ *model.Host, r *model.Rule, xs []*entry) []*entry {
	if r.Retries == nil && r.Timeouts == nil {
		return xs
	}
	var out []*entry
	for _, x := range xs {
		if x.answer {
			out = append(out, x)
			continue
		}
		p := e.retryPlan(r)
		if p.idle > 0 && !e.opts.NoEnvoyFilter {
			x.patch.action().IdleTimeout = durationpb.New(p.idle)
			x.patch.label("idle-" + p.idle.String())
		}
		if p.writing != nil && x.cond.method == nil {
			w := x.clone()
			w.cond.method = regex(strings.Join(writingMethods, "|"))
			w.http.Retries = p.writing
			out = append(out, w)
		}
		x.http.Retries = p.all
		out = append(out, x)
	}
	return out
}

type retryPlan struct {
	all     *networking.HTTPRetry
	writing *networking.HTTPRetry // nil: as all
	idle    time.Duration         // stream idle timeout instead of a timeout per try
}

func (e *emitter) retryPlan(r *model.Rule) retryPlan {
	var read time.Duration
	if r.Timeouts != nil {
		read = r.Timeouts.Read
	}
	n := r.Retries
	tries := 1
	if n != nil {
		tries = n.Tries
		if tries == 0 {
			tries = unlimitedTries
		}
	}
	if n == nil || tries == 1 || (!n.OnError && !n.OnTimeout && len(n.Codes) == 0) {
		return retryPlan{all: noRetry(read)}
	}
	reset := n.OnError || n.OnTimeout
	if n.Budget > 0 && n.OnTimeout && read > 0 {
		if n.Budget <= read {
			reset = false // a try that timed out is the last
		} else if most := int((n.Budget + read - 1) / read); most < tries {
			tries = most
		}
	}
	var on, onWriting []string
	if n.OnError || n.OnTimeout {
		on = []string{"connect-failure", "refused-stream"}
		onWriting = []string{"connect-failure", "refused-stream", "reset-before-request"}
		if reset {
			on = append(on, "reset")
		}
	}
	for _, c := range n.Codes {
		on = append(on, strconv.Itoa(c))
	}
	p := retryPlan{all: e.retry(tries, on, read)}
	if n.OnError && !n.OnTimeout {
		// A timeout must not be repeated, a reset must: the timeout is the stream's.
		p.idle, p.all = read, e.retry(tries, on, 0)
		read = 0
	}
	if n.NonIdempotent {
		return p
	}
	if onWriting == nil {
		p.writing = noRetry(read)
	} else {
		p.writing = e.retry(tries, onWriting, read)
	}
	return p
}

// noRetry keeps the timeout of a try without a second one: a condition that never holds, because zero attempts may not
// have a timeout.
func noRetry(read time.Duration) *networking.HTTPRetry {
	if read <= 0 {
		return &networking.HTTPRetry{Attempts: 0}
	}
	return &networking.HTTPRetry{Attempts: 1, RetryOn: "retriable-headers", PerTryTimeout: durationpb.New(read)}
}

func (e *emitter) retry(tries int, on []string, read time.Duration) *networking.HTTPRetry {
	p := &networking.HTTPRetry{Attempts: int32(tries - 1), RetryOn: strings.Join(on, ",")}
	if read > 0 {
		p.PerTryTimeout = durationpb.New(read)
	}
	if e.can(26) {
		p.Backoff = durationpb.New(time.Millisecond) // nginx tries again at once
	}
	return p
}

// connectTimeout and balancing of the controller's defaults stand in the DestinationRule's top-level policy, which only
// the gateway sees.
func (e *emitter) basePolicy() *networking.TrafficPolicy {
	if e.opts.Profile == emit.ProfileNative {
		return nil
	}
	return &networking.TrafficPolicy{
		LoadBalancer:   &networking.LoadBalancerSettings{LbPolicy: &networking.LoadBalancerSettings_Simple{Simple: networking.LoadBalancerSettings_ROUND_ROBIN}},
		ConnectionPool: &networking.ConnectionPoolSettings{Tcp: &networking.ConnectionPoolSettings_TCPSettings{ConnectTimeout: durationpb.New(5 * time.Second)}},
	}
}
