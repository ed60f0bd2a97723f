//go:build envtest

package operator

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
)

// tally counts the faults of a run of the tests, and those after which all was as it is to be.
type tally struct {
	mu              sync.Mutex
	tried, survived map[string]int
}

// counted is what all tests tried.
var counted = &tally{tried: map[string]int{}, survived: map[string]int{}}

// suffered counts faults when the test ends.
func suffered(t *testing.T, faults map[string]int) {
	counted.mu.Lock()
	defer counted.mu.Unlock()
	for kind, n := range faults {
		counted.tried[kind] += n
		if !t.Failed() {
			counted.survived[kind] += n
		}
	}
}

// String is one line.
func (x *tally) String() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	tried, survived := 0, 0
	var kinds []string
	for _, kind := range slices.Sorted(maps.Keys(x.tried)) {
		tried, survived = tried+x.tried[kind], survived+x.survived[kind]
		kinds = append(kinds, fmt.Sprintf("%s %d", kind, x.tried[kind]))
	}
	return fmt.Sprintf("faults: %d tried, %d survived (%s)", tried, survived, strings.Join(kinds, ", "))
}

// proxy stands between an operator and the API server, and does to requests what networks, load balancers and servers do.
type proxy struct {
	*httptest.Server
	t      *testing.T
	next   *httputil.ReverseProxy
	mu     sync.Mutex
	random *rand.Rand
	storm  int // of a hundred requests, so many go wrong
	rule   func(*http.Request) string
	gate   *sluice
	count  map[string]int
	open   map[*stream]bool // watches
	lag    chan struct{}    // is closed when watches of the resource late tell again what happens
	late   string
}

// The faults. Those with a number are answers of the server.
const (
	conflict    = "409"
	throttled   = "429"
	internal    = "500"
	unavailable = "503"
	badGateway  = "502 of a load balancer"
	expired     = "410 of a watch"
	unsent      = "dropped requests"
	unanswered  = "dropped answers"
	slow        = "slow answers"
	cut         = "watches cut"
	lagging     = "watches that lag"
	heldBack    = "held requests"
	passed      = ""
)

// proxied makes one.
func (c *cluster) proxied(t *testing.T, seed uint64) *proxy {
	t.Helper()
	url, _, err := rest.DefaultServerUrlFor(c.config)
	require.NoError(t, err)
	transport, err := rest.TransportFor(c.config)
	require.NoError(t, err)
	p := &proxy{t: t, random: rand.New(rand.NewPCG(seed, seed)), count: map[string]int{}, open: map[*stream]bool{}}
	p.next = &httputil.ReverseProxy{
		Rewrite:        func(r *httputil.ProxyRequest) { r.SetURL(url) },
		Transport:      transport,
		FlushInterval:  -1,
		ErrorLog:       log.New(io.Discard, "", 0),
		ErrorHandler:   func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
		ModifyResponse: p.watched,
	}
	p.Server = httptest.NewServer(p)
	t.Cleanup(func() {
		p.calm()
		p.keepsUp()
		p.cutAll(100)
		p.CloseClientConnections()
		p.Close()
		suffered(t, p.count)
	})
	return p
}

func (p *proxy) config() *rest.Config { return &rest.Config{Host: p.URL} }

// storms makes so many of a hundred requests go wrong.
func (p *proxy) storms(percent int) {
	p.mu.Lock()
	p.storm = percent
	p.mu.Unlock()
	p.cutAll(percent)
}

func (p *proxy) calm() { p.storms(0) }

// lags makes watches of a resource tell nothing of what happens from now on until keepsUp is called.
func (p *proxy) lags(resource string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lag, p.late = make(chan struct{}), resource
	p.count[lagging]++
}

func (p *proxy) keepsUp() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.lag != nil {
		close(p.lag)
	}
	p.lag = nil
}

// when does to a request what f says.
func (p *proxy) when(f func(*http.Request) string) {
	p.mu.Lock()
	p.rule = f
	p.mu.Unlock()
}

func watches(r *http.Request) bool {
	v := r.URL.Query().Get("watch")
	return v == "true" || v == "1"
}

// choose says what becomes of a request, and after how long.
func (p *proxy) choose(r *http.Request) (fault string, after time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.rule != nil {
		if fault = p.rule(r); fault != passed {
			p.count[fault]++
			return fault, 0
		}
	}
	if p.random.IntN(100) >= p.storm {
		return passed, 0
	}
	kinds := []string{throttled, internal, unavailable, badGateway, unsent, unanswered, slow}
	switch {
	case watches(r):
		kinds = []string{throttled, internal, unavailable, unsent, expired, slow}
	case r.Method != http.MethodGet:
		kinds = append(kinds, conflict)
	}
	fault = kinds[p.random.IntN(len(kinds))]
	p.count[fault]++
	return fault, time.Duration(50+p.random.IntN(300)) * time.Millisecond
}

// ServeHTTP implements http.Handler.
func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	fault, after := p.choose(r)
	switch fault {
	case unsent:
		panic(http.ErrAbortHandler)
	case unanswered: // but done
		p.next.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	case heldBack:
		<-p.gate.opened
		panic(http.ErrAbortHandler)
	case slow:
		time.Sleep(after)
	case expired:
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"type": "ERROR", "object": refusal(http.StatusGone, metav1.StatusReasonExpired)})
		return
	case conflict:
		refuse(w, http.StatusConflict, metav1.StatusReasonConflict)
		return
	case throttled:
		w.Header().Set("Retry-After", "1")
		refuse(w, http.StatusTooManyRequests, metav1.StatusReasonTooManyRequests)
		return
	case internal:
		refuse(w, http.StatusInternalServerError, metav1.StatusReasonInternalError)
		return
	case unavailable:
		refuse(w, http.StatusServiceUnavailable, metav1.StatusReasonServiceUnavailable)
		return
	case badGateway:
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusBadGateway)
		_, _ = io.WriteString(w, "<html><body>Bad gateway</body></html>")
		return
	}
	p.next.ServeHTTP(w, r)
}

func refuse(w http.ResponseWriter, code int, reason metav1.StatusReason) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(refusal(code, reason))
}

func refusal(code int, reason metav1.StatusReason) metav1.Status {
	return metav1.Status{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Status"},
		Status:   metav1.StatusFailure, Code: int32(code), Reason: reason, Message: "a fault of the test",
	}
}

// stream is the body of a watch, which can be cut, and can lag.
type stream struct {
	io.ReadCloser
	p     *proxy
	path  string
	ended chan struct{}
	once  sync.Once
}

// Read implements io.Reader.
func (s *stream) Read(b []byte) (int, error) {
	n, err := s.ReadCloser.Read(b)
	s.p.mu.Lock()
	lag, late := s.p.lag, s.p.late
	s.p.mu.Unlock()
	if lag != nil && strings.HasSuffix(s.path, "/"+late) {
		select {
		case <-lag:
		case <-s.ended:
		}
	}
	return n, err
}

// Close implements io.Closer.
func (s *stream) Close() error {
	s.p.mu.Lock()
	delete(s.p.open, s)
	s.p.mu.Unlock()
	s.once.Do(func() { close(s.ended) })
	return s.ReadCloser.Close()
}

func (p *proxy) watched(r *http.Response) error {
	if !watches(r.Request) {
		return nil
	}
	s := &stream{ReadCloser: r.Body, p: p, path: r.Request.URL.Path, ended: make(chan struct{})}
	r.Body = s
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open[s] = true
	if p.random.IntN(100) < p.storm {
		p.count[cut]++
		time.AfterFunc(time.Duration(100+p.random.IntN(1500))*time.Millisecond, func() { _ = s.Close() })
	}
	return nil
}

// cutAll cuts so many of a hundred watches.
func (p *proxy) cutAll(percent int) {
	p.mu.Lock()
	var some []*stream
	for s := range p.open {
		if p.random.IntN(100) < percent {
			some = append(some, s)
		}
	}
	if percent < 100 && len(some) > 0 {
		p.count[cut] += len(some)
	}
	p.mu.Unlock()
	for _, s := range some {
		_ = s.Close()
	}
}

// rounds is how often a test does what it does at random; more with the environment's FAULTS.
func rounds(t *testing.T, n int) int {
	t.Helper()
	if v := os.Getenv("FAULTS"); v != "" {
		var times int
		_, err := fmt.Sscan(v, &times)
		require.NoError(t, err, "FAULTS says how many times as long the storms are")
		return n * times
	}
	return n
}

// is tells whether a request is one to an object or collection of a resource.
func is(r *http.Request, method, resource string) bool {
	return r.Method == method && slices.Contains(strings.Split(r.URL.Path, "/"), resource)
}
