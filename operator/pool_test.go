//go:build envtest

package operator

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ingress2gw/ingress2gw/internal/testcluster"
)

// pool lends API servers to tests, one test each at a time: an operator looks after all Migrations that there are. Tests mostly wait, so
// that several run at once even on two cores.
type pool struct {
	free chan *cluster // nil: one that has not been started
	mu   sync.Mutex
	lent map[string]*cluster // by the test's name
	all  []*cluster
	// sites are the tests by the names of their sites. Two of one name would meet on one API server now and then only.
	sites map[string]string
}

// apiServers is how many there are at most.
const apiServers = 3

var servers = newPool()

func newPool() *pool {
	p := &pool{free: make(chan *cluster, apiServers), lent: map[string]*cluster{}, sites: map[string]string{}}
	for range apiServers {
		p.free <- nil
	}
	return p
}

// shared is the cluster that a test has for as long as it runs, with its subtests. All tests that ask for one run in parallel; so do the
// subtests of one that does not ask itself.
func shared(t *testing.T) *cluster {
	t.Helper()
	if c := servers.lentTo(t.Name()); c != nil {
		return c
	}
	t.Parallel()
	c := <-servers.free
	if c == nil {
		var err error
		if c, err = started(); err != nil {
			servers.free <- nil
			t.Fatal("starting an API server: ", err)
		}
	}
	servers.lend(t.Name(), c)
	t.Cleanup(func() {
		servers.lend(t.Name(), nil)
		servers.free <- c
	})
	return c
}

// name gives a site's name to a test; it says whose it is already, or "".
func (p *pool) name(site, test string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if other, ok := p.sites[site]; ok {
		return other
	}
	p.sites[site] = test
	return ""
}

// lentTo is what a test has, or one of which it is a part.
func (p *pool) lentTo(test string) *cluster {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		if c := p.lent[test]; c != nil {
			return c
		}
		i := strings.LastIndexByte(test, '/')
		if i < 0 {
			return nil
		}
		test = test[:i]
	}
}

func (p *pool) lend(test string, c *cluster) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c == nil {
		delete(p.lent, test)
		return
	}
	if p.lent[test] = c; !slices.Contains(p.all, c) {
		p.all = append(p.all, c)
	}
}

// started is a new cluster with Istio's kinds and ours.
func started() (*cluster, error) {
	istio, err := testcluster.Istio()
	if err != nil {
		return nil, err
	}
	env, err := testcluster.Start("../deploy/crds", istio)
	if err != nil {
		return nil, err
	}
	c, err := connected(env)
	if err != nil {
		testcluster.Stop(env)
	}
	return c, err
}

// alone is a cluster of certain kinds that no other test sees, now or later: what the test does to it, it does not undo.
func alone(t *testing.T, crds ...string) *cluster {
	t.Helper()
	t.Parallel()
	env, err := testcluster.Start(crds...)
	require.NoError(t, err)
	t.Cleanup(func() { testcluster.Stop(env) })
	c, err := connected(env)
	require.NoError(t, err)
	return c
}

// end stops all.
func (p *pool) end() {
	var wg sync.WaitGroup
	for _, c := range p.all {
		wg.Go(func() { testcluster.Stop(c.env) })
	}
	wg.Wait()
}
