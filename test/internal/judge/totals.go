package judge

import (
	"cmp"
	"slices"

	"github.com/ingress2gw/ingress2gw/test/internal/backend"
	"github.com/ingress2gw/ingress2gw/test/internal/client"
)

// totals counts over the answers of a repeated request.
type totals struct {
	services  map[string]int
	endpoints map[string]int
	statuses  map[int]int
}

func newTotals() *totals {
	return &totals{services: map[string]int{}, endpoints: map[string]int{}, statuses: map[int]int{}}
}

func (t *totals) count(a *client.Answer, served string, last *backend.Record) {
	t.statuses[a.Status]++
	t.services[served]++
	if last != nil {
		t.endpoints[last.Service+"/"+last.Endpoint]++
	}
}

// totals checks what is only true of all answers together.
func (c *check) totals(t *totals) {
	for _, service := range sortedKeys(c.want.Share) {
		bounds := c.want.Share[service]
		share := float64(t.services[service]) / float64(len(c.Answers))
		if share < bounds[0] || share > bounds[1] {
			c.report("share of %s %.3f, want %v", service, share, bounds)
		}
	}
	for _, status := range sortedKeys(c.want.Statuses) {
		bounds := c.want.Statuses[status]
		if n := t.statuses[status]; n < bounds[0] || n > bounds[1] {
			c.report("%d answers with status %d, want %v (all: %v)", n, status, bounds, t.statuses)
		}
	}
	if len(c.want.Endpoints) > 0 && !c.want.Endpoints.Within(len(t.endpoints)) {
		c.report("%d endpoints answered, want %v", len(t.endpoints), c.want.Endpoints)
	}
	if name := c.want.SameEndpointAs; name != "" {
		before := c.Earlier[name]
		now := EndpointsOf(c.want, c.Observation)
		if before == "" || before != now {
			c.report("endpoint %q, want %q as for %q", now, before, name)
		}
	}
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
