package migration

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ingress2gw/ingress2gw/test/internal/cluster"
	"github.com/ingress2gw/ingress2gw/test/internal/keys"
)

// Crowd is everybody who asks.
type Crowd struct {
	Probes []*Probe

	ring *keys.Ring
	step atomic.Value // of string
	stop context.CancelFunc
	done sync.WaitGroup
}

func newCrowd(ring *keys.Ring) *Crowd {
	c := &Crowd{ring: ring, stop: func() {}}
	c.step.Store("before")
	return c
}

// say notes what is going on.
func (c *Crowd) say(format string, args ...any) { c.step.Store(fmt.Sprintf(format, args...)) }

func (c *Crowd) now() string {
	s, _ := c.step.Load().(string)
	return s
}

// gateway gives the addresses of a gateway.
func gateway(w cluster.Workload, tls bool) func() string {
	address := fmt.Sprintf("127.0.0.1:%d", w.HTTPPort)
	if tls {
		address = fmt.Sprintf("127.0.0.1:%d", w.HTTPSPort)
	}
	return func() string { return address }
}

// add adds a probe.
func (c *Crowd) add(name string, a Ask, address func() string, guarded bool, legal ...string) *Probe {
	if a.Kept {
		name += " (kept)"
	}
	p := &Probe{
		Name: name, guarded: guarded, pause: 60 * time.Millisecond, asker: newAsker(a, c.ring, address), step: c.now, legal: legal,
	}
	c.Probes = append(c.Probes, p)
	return p
}

// start has everybody ask.
func (c *Crowd) start(ctx context.Context) {
	ctx, c.stop = context.WithCancel(ctx)
	for _, p := range c.Probes {
		c.done.Go(func() { p.run(ctx) })
	}
}

func (c *Crowd) end() {
	c.stop()
	c.done.Wait()
}

// waiting lists those that do not get what is right; "" if all do.
func waiting(ps []*Probe) string {
	var left []string
	for _, p := range ps {
		if ok, last := p.arrived(); !ok {
			left = append(left, fmt.Sprintf("%s gets %q", p.Name, last))
		}
	}
	return strings.Join(left, ", ")
}

// counts of all.
func (c *Crowd) counts() (total Counts) {
	for _, p := range c.Probes {
		p.mu.Lock()
		total.add(p.counts)
		p.mu.Unlock()
	}
	return total
}

// faults of all, oldest first.
func (c *Crowd) faults() (out []Fault) {
	for _, p := range c.Probes {
		p.mu.Lock()
		out = append(out, p.faults...)
		p.mu.Unlock()
	}
	slices.SortStableFunc(out, func(a, b Fault) int { return a.At.Compare(b.At) })
	return out
}
