package istio

import (
	"strconv"
	"strings"
	"time"

	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/wrapperspb"
	networking "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/translate/model"
)

// writingMethods are never repeated by nginx once they were sent.
var isWriting = regex("POST|LOCK|PATCH")

// defaultRead is the source's longest gap where nothing is stated; it goes without saying in names.
const defaultRead = 60 * time.Second

// unlimitedTries stands for tries without a limit.
const unlimitedTries = 100

// retries makes retries and the read timeout explicit, because the mesh's defaults differ. Envoy does not look at the
// method: requests with a method that must not be repeated get an entry of their own. The VirtualService bounds the wait for
// the head of an answer; the patch bounds every gap, as nginx does.
func retries(e *emitter, _ *model.Host, r *model.Rule, xs []*entry) []*entry {
	if r.Retries == nil && r.Timeouts == nil {
		return xs
	}
	var out []*entry
	p := e.retryPlan(r)
	for _, x := range xs {
		if x.answer {
			out = append(out, x)
			continue
		}
		e.gaps(r, x, p)
		if p.writing != nil && x.cond.method == nil {
			w := x.clone()
			w.cond.method = isWriting
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
	tries   int
	read    time.Duration // longest gap between two reads in one try; 0: none
	idle    time.Duration // the stream's own timeout instead, which is not repeated
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
		return retryPlan{all: e.noRetry(read), tries: 1, read: read}
	}
	reset := "reset"
	if n.Budget > 0 && n.OnTimeout && read > 0 {
		if n.Budget <= read {
			reset = "" // a try that timed out is the last
		} else if most := int((n.Budget + read - 1) / read); most < tries {
			tries = most
		}
	}
	p := retryPlan{tries: tries, read: read}
	if n.OnError && !n.OnTimeout && read > 0 {
		// A timeout must not be repeated, a reset must: the timeout is the stream's. Without patches only a reset before the
		// request was sent is repeated, so that a timeout of the try is not.
		if e.opts.NoEnvoyFilter {
			reset = "reset-before-request"
		} else {
			p.idle, p.read = read, 0
		}
	}
	var on, onWriting []string
	if n.OnError || n.OnTimeout {
		on = []string{"connect-failure", "refused-stream"}
		onWriting = []string{"connect-failure", "refused-stream", "reset-before-request"}
		if reset != "" {
			on = append(on, reset)
		}
	}
	for _, c := range n.Codes {
		on = append(on, strconv.Itoa(c))
	}
	p.all = e.retry(r, tries, on, p.read)
	switch {
	case n.NonIdempotent:
	case onWriting == nil:
		p.writing = e.noRetry(p.read)
	default:
		p.writing = e.retry(r, tries, onWriting, p.read)
	}
	return p
}

// gaps bounds silence: between two reads of a try, of a WebSocket, and where stated between two writes. The last two share
// the stream's timer, which runs over all tries.
func (e *emitter) gaps(r *model.Rule, x *entry, p retryPlan) {
	if e.opts.NoEnvoyFilter {
		e.forgetBody(r, p)
		return
	}
	var send time.Duration
	if r.Timeouts != nil {
		send = r.Timeouts.Send
	}
	idle := p.idle
	if send > 0 {
		idle = max(idle, send, p.read*time.Duration(p.tries))
	}
	keep := e.keptBody(r, x, p)
	var key [96]byte
	e.step(x, stepKey(key[:0], "gaps", int64(p.read), int64(p.idle), int64(send), int64(idle), keep), func() {
		patchGaps(x, p, send, idle)
		if keep > 0 {
			x.patch.base().RequestBodyBufferLimit = wrapperspb.UInt64(uint64(keep))
			x.patch.label("keep-" + sizeWord(keep))
		}
	})
}

// patchGaps writes the bounds into an entry's patch.
func patchGaps(x *entry, p retryPlan, send, idle time.Duration) {
	if p.read > 0 {
		x.patch.action().RetryPolicy = &routev3.RetryPolicy{PerTryIdleTimeout: durationpb.New(p.read)}
		if p.read != defaultRead {
			x.patch.label("read-" + seconds(p.read))
		}
	}
	if idle > 0 {
		x.patch.action().IdleTimeout = durationpb.New(idle)
		x.patch.label("idle-" + seconds(idle))
	}
	if socket := max(p.read, p.idle, send); socket > 0 {
		x.patch.unshare()
		x.patch.upgrade = &routev3.Route{Action: &routev3.Route_Route{Route: &routev3.RouteAction{IdleTimeout: durationpb.New(socket)}}}
		if socket != p.read && socket != idle {
			x.patch.label("ws-" + seconds(socket))
		}
	}
}

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', -1, 64) + "s" }

// keptBody lets large bodies be sent again, or copied: what does not fit into memory is sent once. The buffer filter keeps
// them anyway. It gives 0 for no change.
func (e *emitter) keptBody(r *model.Rule, x *entry, p retryPlan) int64 {
	if x.patch.plain != nil || !e.can(28) || p.tries == 1 && r.Mirror == nil {
		return 0
	}
	most := e.opts.BodyBuffer
	if b := r.Body; b != nil {
		if !b.Buffer && r.Mirror == nil {
			return 0 // sent as it comes: nginx cannot repeat it either
		}
		if b.Max > 0 {
			most = min(most, b.Max)
		}
	}
	return most
}

// proxyBuffer is what the proxy keeps of a request by itself.
const proxyBuffer = 1 << 20

// forgetBody says which bodies are not sent again without patches.
func (e *emitter) forgetBody(r *model.Rule, p retryPlan) {
	b, n := r.Body, r.Retries
	if p.tries == 1 || n == nil || len(n.Origins) == 0 || b == nil || !b.Buffer || b.Max > 0 && b.Max <= proxyBuffer {
		return
	}
	e.withoutEnvoyFilter(n.Origins[0], "requests with a body above 1 MiB are sent only once")
}

// noRetry keeps the timeout of a try without a second one: a condition that never holds, because zero attempts may not
// have a timeout.
func (e *emitter) noRetry(read time.Duration) *networking.HTTPRetry {
	k := retryKey{read: max(read, 0)}
	p := e.retried[k]
	if p == nil {
		p = &networking.HTTPRetry{Attempts: 0}
		if read > 0 {
			p = &networking.HTTPRetry{Attempts: 1, RetryOn: "retriable-headers", PerTryTimeout: durationpb.New(read)}
		}
		e.keepRetry(k, p)
	}
	return p
}

// retryKey is what a retry policy is made of. Most routes have one of two, so each is made once; none is changed later.
type retryKey struct {
	tries     int
	on        string
	read      time.Duration
	elsewhere bool
}

func (e *emitter) retry(r *model.Rule, tries int, on []string, read time.Duration) *networking.HTTPRetry {
	a := r.Affinity
	// The hash of the cookie would lead to the same endpoint.
	k := retryKey{tries, strings.Join(on, ","), read, a != nil && a.ChangeOnFailure && e.opts.NoEnvoyFilter && e.can(26)}
	if p := e.retried[k]; p != nil {
		return p
	}
	p := &networking.HTTPRetry{Attempts: int32(tries - 1), RetryOn: k.on}
	if read > 0 {
		p.PerTryTimeout = durationpb.New(read)
	}
	if k.elsewhere {
		p.RetryIgnorePreviousHosts = wrapperspb.Bool(true)
	}
	if e.can(26) {
		p.Backoff = durationpb.New(time.Millisecond) // nginx tries again at once
	}
	e.keepRetry(k, p)
	return p
}

func (e *emitter) keepRetry(k retryKey, p *networking.HTTPRetry) {
	if e.retried == nil {
		e.retried = map[retryKey]*networking.HTTPRetry{}
	}
	e.retried[k] = p
}
