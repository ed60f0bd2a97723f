package istio

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	networking "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// retryText is attempts, conditions and timeout of a try.
func retryText(r *networking.HTTPRetry) string {
	if r == nil {
		return ""
	}
	s := fmt.Sprintf("%d %s", r.Attempts, r.RetryOn)
	if r.PerTryTimeout != nil {
		s += " " + r.PerTryTimeout.AsDuration().String()
	}
	return s
}

func TestWhatIsTriedAgain(t *testing.T) {
	const notSent = "connect-failure,refused-stream,reset-before-request"
	for name, c := range map[string]struct {
		in           model.Retries
		noPatches    bool
		all, writing string
		read, idle   time.Duration
	}{
		"error and timeout": {
			model.Retries{Tries: 3, OnError: true, OnTimeout: true}, false,
			"2 connect-failure,refused-stream,reset 1m0s", "2 " + notSent + " 1m0s", time.Minute, 0,
		},
		"writes too": {
			model.Retries{Tries: 3, OnError: true, OnTimeout: true, NonIdempotent: true}, false,
			"2 connect-failure,refused-stream,reset 1m0s", "", time.Minute, 0,
		},
		"one try keeps its timeout": {
			model.Retries{Tries: 1, OnError: true, OnTimeout: true}, false, "1 retriable-headers 1m0s", "", time.Minute, 0,
		},
		"nothing listed": {
			model.Retries{Tries: 3}, false, "1 retriable-headers 1m0s", "", time.Minute, 0,
		},
		"statuses only": {
			model.Retries{Tries: 2, Codes: []int{502, 503}}, false, "1 502,503 1m0s", "1 retriable-headers 1m0s", time.Minute, 0,
		},
		"no limit": {
			model.Retries{OnError: true, OnTimeout: true}, false,
			"99 connect-failure,refused-stream,reset 1m0s", "99 " + notSent + " 1m0s", time.Minute, 0,
		},
		"errors but not timeouts": {
			model.Retries{Tries: 3, OnError: true}, false,
			"2 connect-failure,refused-stream,reset", "2 " + notSent, 0, time.Minute,
		},
		"errors but not timeouts, without patches": {
			model.Retries{Tries: 3, OnError: true}, true,
			"2 " + notSent + " 1m0s", "2 " + notSent + " 1m0s", time.Minute, 0,
		},
		"a budget of two timeouts": {
			model.Retries{Tries: 5, OnError: true, OnTimeout: true, Budget: 90 * time.Second}, false,
			"1 connect-failure,refused-stream,reset 1m0s", "1 " + notSent + " 1m0s", time.Minute, 0,
		},
		"a budget that one timeout uses up": {
			model.Retries{Tries: 5, OnError: true, OnTimeout: true, Budget: time.Minute}, false,
			"4 connect-failure,refused-stream 1m0s", "4 " + notSent + " 1m0s", time.Minute, 0,
		},
	} {
		t.Run(name, func(t *testing.T) {
			e := testEmitter(model.Global{}, emit.Options{NoEnvoyFilter: c.noPatches})
			p := e.retryPlan(&model.Rule{Retries: &c.in, Timeouts: &model.Timeouts{Read: time.Minute}})
			want := []any{c.all, c.writing, c.read, c.idle}
			if diff := cmp.Diff(want, []any{retryText(p.all), retryText(p.writing), p.read, p.idle}); diff != "" {
				t.Errorf("plan (-want +got):\n%s", diff)
			}
		})
	}
}

func TestGapsBetweenReadsAndWrites(t *testing.T) {
	for name, c := range map[string]struct {
		timeouts           model.Timeouts
		tries              int
		try, route, socket time.Duration
	}{
		"the read timeout watches tries and sockets":           {model.Timeouts{Read: 60 * time.Second}, 3, 60 * time.Second, 0, 60 * time.Second},
		"a stated send timeout leaves room for all tries":      {model.Timeouts{Read: 60 * time.Second, Send: 10 * time.Second}, 3, 60 * time.Second, 180 * time.Second, 60 * time.Second},
		"a longer send timeout holds for the route":            {model.Timeouts{Read: 10 * time.Second, Send: 3600 * time.Second}, 3, 10 * time.Second, 3600 * time.Second, 3600 * time.Second},
		"without a read timeout the send timeout stands alone": {model.Timeouts{Send: 10 * time.Second}, 3, 0, 10 * time.Second, 10 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			e := testEmitter(model.Global{}, emit.Options{})
			r := &model.Rule{Timeouts: &c.timeouts, Retries: &model.Retries{Tries: c.tries, OnError: true, OnTimeout: true}}
			x := &entry{rule: r, http: &networking.HTTPRoute{}}
			retries(e, nil, r, []*entry{x})
			got := []time.Duration{
				x.patch.route.GetRoute().GetRetryPolicy().GetPerTryIdleTimeout().AsDuration(),
				x.patch.route.GetRoute().GetIdleTimeout().AsDuration(),
				x.patch.upgrade.GetRoute().GetIdleTimeout().AsDuration(),
			}
			if diff := cmp.Diff([]time.Duration{c.try, c.route, c.socket}, got); diff != "" {
				t.Errorf("try, route, socket (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBodiesAreKeptForTriesAndCopies(t *testing.T) {
	for name, c := range map[string]struct {
		rule model.Rule
		want uint64
	}{
		"any body":                          {model.Rule{Retries: &model.Retries{Tries: 3, OnError: true}}, 8 << 20},
		"bodies of a limited size":          {model.Rule{Retries: &model.Retries{Tries: 3, OnError: true}, Body: &model.Body{Max: 1 << 20, Buffer: true}}, 1 << 20},
		"bodies that are sent as they come": {model.Rule{Retries: &model.Retries{Tries: 3, OnError: true}, Body: &model.Body{Max: 1 << 20}}, 0},
		"one try":                           {model.Rule{Retries: &model.Retries{Tries: 1}}, 0},
		"one try and a copy":                {model.Rule{Retries: &model.Retries{Tries: 1}, Mirror: &model.Mirror{}}, 8 << 20},
	} {
		t.Run(name, func(t *testing.T) {
			x := &entry{rule: &c.rule, http: &networking.HTTPRoute{}}
			retries(testEmitter(model.Global{}, emit.Options{}), nil, &c.rule, []*entry{x})
			if got := x.patch.route.GetRequestBodyBufferLimit().GetValue(); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}
