package operator

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

// paper is a lease that no server keeps.
type paper struct {
	resourcelock.Interface
	err error
}

func (p *paper) Identity() string { return "me" }

func (p *paper) Create(context.Context, resourcelock.LeaderElectionRecord) error { return p.err }

func (p *paper) Update(context.Context, resourcelock.LeaderElectionRecord) error { return p.err }

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestNothingIsWrittenWithoutTheLease(t *testing.T) {
	ours, others := resourcelock.LeaderElectionRecord{HolderIdentity: "me"}, resourcelock.LeaderElectionRecord{}
	down := errors.New("down")
	for name, tt := range map[string]struct {
		do     func(p *paper, l *lease)
		method string
		sent   bool
	}{
		"before it is ours":                {func(*paper, *lease) {}, http.MethodPatch, false},
		"reading needs no lease":           {func(*paper, *lease) {}, http.MethodGet, true},
		"when it was made":                 {func(_ *paper, l *lease) { _ = l.Create(t.Context(), ours) }, http.MethodPatch, true},
		"while it is young":                {func(_ *paper, l *lease) { _ = l.Update(t.Context(), ours); time.Sleep(9 * time.Second) }, http.MethodDelete, true},
		"when it was not renewed for long": {func(_ *paper, l *lease) { _ = l.Update(t.Context(), ours); time.Sleep(10 * time.Second) }, http.MethodDelete, false},
		"when it was renewed": {func(_ *paper, l *lease) {
			_ = l.Create(t.Context(), ours)
			time.Sleep(9 * time.Second)
			_ = l.Update(t.Context(), ours)
			time.Sleep(9 * time.Second)
		}, http.MethodPost, true},
		"when renewing failed": {func(p *paper, l *lease) {
			_ = l.Create(t.Context(), ours)
			time.Sleep(9 * time.Second)
			p.err = down
			_ = l.Update(t.Context(), ours)
			time.Sleep(9 * time.Second)
		}, http.MethodPost, false},
		"when it was given up": {func(_ *paper, l *lease) { _ = l.Create(t.Context(), ours); _ = l.Update(t.Context(), others) }, http.MethodPost, false},
		"when nobody knows whether it was given up": {func(p *paper, l *lease) {
			_ = l.Create(t.Context(), ours)
			p.err = down
			_ = l.Update(t.Context(), others)
		}, http.MethodPost, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &paper{}
				l := &lease{Interface: p, length: defaultLease, now: time.Now}
				tt.do(p, l)
				sent := false
				f := fence{roundTripper(func(*http.Request) (*http.Response, error) {
					sent = true
					return &http.Response{Body: io.NopCloser(strings.NewReader(""))}, nil
				}), l}
				answer, err := f.RoundTrip(httptest.NewRequestWithContext(t.Context(), tt.method, "/apis", nil))
				if sent != tt.sent || sent != (err == nil) || err != nil && !errors.Is(err, errNotLeader) {
					t.Errorf("sent: %v, %v", sent, err)
				}
				if err == nil {
					require.NoError(t, answer.Body.Close())
				}
			})
		})
	}
}

func TestARequestEndsWithTheLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &lease{Interface: &paper{}, length: defaultLease, now: time.Now}
		ours := resourcelock.LeaderElectionRecord{HolderIdentity: "me"}
		require.NoError(t, l.Create(t.Context(), ours))
		go func() { // it is renewed once
			time.Sleep(8 * time.Second)
			_ = l.Update(t.Context(), ours)
		}()
		start := time.Now()
		f := fence{roundTripper(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}), l}
		answer, err := f.RoundTrip(httptest.NewRequestWithContext(t.Context(), http.MethodPatch, "/apis", nil))
		if err == nil {
			require.NoError(t, answer.Body.Close())
		}
		if took := time.Since(start); err == nil || took != 18*time.Second {
			t.Errorf("it ended with %v after %s", err, took)
		}
	})
}
