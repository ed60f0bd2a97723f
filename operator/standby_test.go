//go:build envtest

package operator

import (
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
)

// reads notes which collections an operator lists and watches.
type reads struct {
	mu        sync.Mutex
	resources []string
}

func (r *reads) of(config *rest.Config) *rest.Config {
	config = rest.CopyConfig(config)
	config.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return roundTrip(func(q *http.Request) (*http.Response, error) {
			if query := q.URL.Query(); q.Method == http.MethodGet && (query.Has("watch") || query.Has("resourceVersion")) {
				r.mu.Lock()
				r.resources = append(r.resources, q.URL.Path[strings.LastIndexByte(q.URL.Path, '/')+1:])
				r.mu.Unlock()
			}
			return next.RoundTrip(q)
		})
	})
	return config
}

// take gives them, each once, and forgets them.
func (r *reads) take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := slices.Clone(r.resources)
	r.resources = nil
	slices.Sort(out)
	return slices.Compact(out)
}

// freeAddress is one that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}

// answers waits until a path of an operator's health address answers with a code.
func (s *site) answers(address, path string, want int) {
	s.t.Helper()
	s.eventually(func() error {
		r, err := http.Get("http://" + address + path)
		if err != nil {
			return err
		}
		defer r.Body.Close()
		if r.StatusCode != want {
			return fmt.Errorf("%s answers %d", path, r.StatusCode)
		}
		return nil
	})
}

// A replica that waits for its turn is ready when it holds all that the other one does, what was applied and Istio's kinds among it,
// and then takes over without listing anything.
func TestOfTwoReplicasOneTakesOverWithoutListing(t *testing.T) {
	s := shared(t).site(t, "replicas", func(m *v1alpha1.Migration) { m.Spec.TLS.Policy = "copy" })
	s.ingress("shop", "a", "a.replicas.test", phaseNote(v1alpha1.PhaseLive), allowList)
	elect := func(o *Options) { o.LeaderElection = true }
	first := shared(t).operator(t, elect)
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	var asked reads
	address := freeAddress(t)
	second := shared(t).operatorAs(t, asked.of(shared(t).config), func(o *Options) {
		elect(o)
		o.HealthAddress = address
	})
	defer second()
	s.answers(address, "/readyz", http.StatusOK)
	warm := asked.take()
	for _, resource := range []string{
		"ingresses", "ingressclasses", "services", "configmaps", "namespaces", "secrets", "migrations", "ingresstranslations",
		"destinationrules", "envoyfilters", "gateways", "serviceentries", "telemetries", "virtualservices",
	} {
		if !slices.Contains(warm, resource) {
			t.Errorf("%s are not in the caches of the one that waits, but %v", resource, warm)
		}
	}
	// A Migration that comes while it waits, and wants more, is read as well.
	shared(t).published(t, "gateway.networking.k8s.io", "referencegrants")
	shared(t).site(t, "replicas-too", func(m *v1alpha1.Migration) { m.Spec.TLS.Policy = "reference-grant" })
	s.eventually(func() error {
		if warm = append(warm, asked.take()...); !slices.Contains(warm, "referencegrants") {
			return fmt.Errorf("it reads %v", warm)
		}
		return nil
	})
	s.answers(address, "/readyz", http.StatusOK)
	want := s.bytes()
	asked.take()
	first()
	s.ingress("blog", "b", "b.replicas.test", phaseNote(v1alpha1.PhaseLive))
	s.becomes("blog", "b", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	if got := asked.take(); len(got) > 0 {
		t.Errorf("taking over, it reads %v", got)
	}
	name := "VirtualService " + s.ns("shop") + "/i2g-a.replicas.test"
	if diff := cmp.Diff(want[name], s.bytes()[name]); diff != "" {
		t.Errorf("(-first +second):\n%s", diff)
	}
}
