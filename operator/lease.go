package operator

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	coordination "k8s.io/client-go/kubernetes/typed/coordination/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

// lease is how replicas agree on one that works. It knows until when this one may write: a process that was frozen goes on where it
// was, and learns only seconds later that another has taken over.
type lease struct {
	resourcelock.Interface
	length time.Duration // for which others leave a silent leader alone
	now    func() time.Time

	mu      sync.Mutex
	until   time.Time
	refused map[string]error // by verb
}

const defaultLease = 15 * time.Second

// newLease makes one that records no events, for which another right would be needed. It is nil if there is one replica only.
func newLease(config *rest.Config, o Options) (*lease, error) {
	if !o.LeaderElection {
		return nil, nil
	}
	c, err := coordination.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	host, err := os.Hostname()
	if err != nil {
		return nil, err
	}
	lock := &resourcelock.LeaseLock{
		LeaseMeta:  metav1.ObjectMeta{Namespace: o.Namespace, Name: name},
		Client:     c,
		LockConfig: resourcelock.ResourceLockConfig{Identity: host + "_" + rand.Text()},
	}
	return &lease{Interface: lock, length: o.leaseLength(), now: time.Now}, nil
}

func (o *Options) leaseLength() time.Duration {
	if o.Lease == 0 {
		return defaultLease
	}
	return o.Lease
}

// renewal is how long a leader tries to renew a lease before it gives up. What is left of the lease then is for requests that
// are still under way.
func renewal(length time.Duration) time.Duration { return length * 2 / 3 }

// Get implements resourcelock.Interface.
func (l *lease) Get(ctx context.Context) (*resourcelock.LeaderElectionRecord, []byte, error) {
	r, raw, err := l.Interface.Get(ctx)
	l.answered("get", err)
	return r, raw, err
}

// Create implements resourcelock.Interface.
func (l *lease) Create(ctx context.Context, r resourcelock.LeaderElectionRecord) error {
	return l.note(r, func() error {
		err := l.Interface.Create(ctx, r)
		l.answered("create", err)
		return err
	})
}

// Update implements resourcelock.Interface.
func (l *lease) Update(ctx context.Context, r resourcelock.LeaderElectionRecord) error {
	return l.note(r, func() error {
		err := l.Interface.Update(ctx, r)
		l.answered("update", err)
		return err
	})
}

// answered notes whether this replica may do what is needed to lead.
func (l *lease) answered(verb string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case apierrors.IsForbidden(err):
		if l.refused == nil {
			l.refused = map[string]error{}
		}
		l.refused[verb] = err
	case err == nil && verb == "get": // there is one
		delete(l.refused, "get")
		delete(l.refused, "create")
	case err == nil:
		clear(l.refused)
	}
}

// ready is a check: a replica that cannot lead is of no use, and would wait for its turn for good.
func (l *lease) ready(*http.Request) error {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, verb := range [...]string{"get", "create", "update"} {
		if err := l.refused[verb]; err != nil {
			return fmt.Errorf("it cannot lead: %w", err)
		}
	}
	return nil
}

func (l *lease) note(r resourcelock.LeaderElectionRecord, write func() error) error {
	until := l.now().Add(renewal(l.length))
	if r.HolderIdentity != l.Identity() { // it is given up
		until = time.Time{}
		l.set(until)
	}
	err := write()
	if err == nil {
		l.set(until)
	}
	return err
}

func (l *lease) set(until time.Time) {
	l.mu.Lock()
	l.until = until
	l.mu.Unlock()
}

// deadline says until when this replica may write. It goes by both clocks, because a machine may be suspended, too.
func (l *lease) deadline() (time.Time, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	return l.until, now.Before(l.until) && now.Round(0).Before(l.until.Round(0))
}

var errNotLeader = errors.New("another replica may have taken over: nothing is written until the lease is renewed")

// guard ends a request when the lease ends.
func (l *lease) guard(ctx context.Context, end context.CancelFunc) {
	for until, ok := l.deadline(); ok; until, ok = l.deadline() {
		t := time.NewTimer(until.Sub(l.now()))
		select {
		case <-ctx.Done():
			t.Stop()
			return
		case <-t.C:
		}
	}
	end()
}

// fence is a connection that writes only while the lease is held.
type fence struct {
	next  http.RoundTripper
	lease *lease
}

// RoundTrip implements http.RoundTripper.
func (f fence) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodGet || strings.HasPrefix(r.URL.Path, "/apis/authorization.k8s.io/") { // which is a question, too
		return f.next.RoundTrip(r)
	}
	if _, ok := f.lease.deadline(); !ok {
		return nil, fmt.Errorf("%s %s is not sent: %w", r.Method, r.URL.Path, errNotLeader)
	}
	ctx, cancel := context.WithCancel(r.Context())
	go f.lease.guard(ctx, cancel)
	answer, err := f.next.RoundTrip(r.WithContext(ctx))
	if err != nil {
		cancel()
		return nil, err
	}
	answer.Body = &body{answer.Body, cancel}
	return answer, nil
}

// body ends a context when it has been read.
type body struct {
	io.ReadCloser
	done context.CancelFunc
}

// Close implements io.Closer.
func (b *body) Close() error {
	defer b.done()
	return b.ReadCloser.Close()
}
