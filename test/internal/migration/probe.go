package migration

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// Counts are what became of requests.
type Counts struct {
	Sent      int
	Slowest   time.Duration
	Failed    int // no answer, or one that says less than it should
	Misrouted int // another backend, or another path
	Open      int // a backend answered what should have been refused
	Lost      int // the first two, while something was broken on purpose
	Exposed   int // the third, while the filters that protect were taken out, and what tells routes that they are there was left
}

func (c *Counts) add(d Counts) {
	c.Sent += d.Sent
	c.Slowest = max(c.Slowest, d.Slowest)
	c.Failed += d.Failed
	c.Misrouted += d.Misrouted
	c.Open += d.Open
	c.Lost += d.Lost
	c.Exposed += d.Exposed
}

// Probe asks the same again and again, and judges every answer. What is right changes as the host moves: while it does, the old
// answers and the new ones are, but once a new one came no old one is.
type Probe struct {
	Name    string
	guarded bool // it asks for what is protected, without being allowed to
	pause   time.Duration
	asker   *asker
	step    func() string

	mu        sync.Mutex
	legal     []string
	next      []string // nil: it does not change
	last      string
	since     int // answers since next was set
	disturbed bool
	exposed   bool
	counts    Counts
	faults    []Fault
	badFrom   time.Time // of the run of wrong answers that is on
	badTo     time.Time
}

// Fault is a wrong answer.
type Fault struct {
	Kind, Probe, Step, Answer string
	Legal                     []string
	At                        time.Time
	Times                     int
}

// String tells it in a line.
func (f *Fault) String() string {
	return fmt.Sprintf("%s %s: %s: %q instead of %q, %d times", f.At.Format("15:04:05.000"), f.Step, f.Probe+" "+f.Kind, f.Answer, f.Legal, f.Times)
}

// run asks until the context ends.
func (p *Probe) run(ctx context.Context) {
	defer p.asker.client.CloseIdleConnections()
	for ctx.Err() == nil {
		begin := time.Now()
		answer, fromBackend := p.asker.ask(ctx)
		if ctx.Err() != nil {
			return
		}
		p.mu.Lock()
		p.counts.Slowest = max(p.counts.Slowest, time.Since(begin))
		p.mu.Unlock()
		p.judge(answer, fromBackend)
		select {
		case <-ctx.Done():
		case <-time.After(p.pause):
		}
	}
}

func (p *Probe) judge(answer string, fromBackend bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.counts.Sent++
	p.last = answer
	p.since++
	if p.next != nil && slices.Contains(p.next, answer) {
		if !slices.Contains(p.legal, answer) || within(p.next, p.legal) {
			p.legal, p.next = p.next, nil
		}
		return
	}
	if slices.Contains(p.legal, answer) {
		return
	}
	now := time.Now()
	if p.badFrom.IsZero() {
		p.badFrom = now
	}
	p.badTo = now
	kind := ""
	switch {
	case fromBackend && p.guarded && p.exposed:
		p.counts.Exposed++
		return
	case fromBackend && p.guarded:
		kind = "open"
		p.counts.Open++
	case fromBackend && !p.disturbed:
		kind = "misrouted"
		p.counts.Misrouted++
	case p.disturbed:
		p.counts.Lost++
		return
	default:
		kind = "failed"
		p.counts.Failed++
	}
	f := Fault{Kind: kind, Probe: p.Name, Step: p.step(), Answer: answer, Legal: slices.Concat(p.legal, p.next), At: now, Times: 1}
	if n := len(p.faults); n > 0 && p.faults[n-1].Answer == answer && p.faults[n-1].Step == f.Step {
		p.faults[n-1].Times++
		return
	}
	p.faults = append(p.faults, f)
}

// open says whether the probe asks for what is protected, as it will be: if the answer that is to come is a backend's, it does not.
func (p *Probe) open(answer string) {
	p.mu.Lock()
	p.guarded = p.guarded && len(strings.Fields(answer)) == 1
	p.mu.Unlock()
}

// within tells whether all of a are in b.
func within(a, b []string) bool {
	return !slices.ContainsFunc(a, func(x string) bool { return !slices.Contains(b, x) })
}

// expect says what is right from now on; until the first such answer what was right before still is.
func (p *Probe) expect(answers ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.since = 0
	if slices.Equal(p.legal, answers) {
		p.next = nil
		return
	}
	p.next = answers
}

// again has the probe wait for further answers as they are right now.
func (p *Probe) again() {
	p.mu.Lock()
	p.since, p.next = 0, nil
	p.mu.Unlock()
}

// arrived tells whether the probe gets what is right, and nothing else any more; if not, what it gets.
func (p *Probe) arrived() (bool, string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	const enough = 2
	ok := p.next == nil && p.since >= enough && slices.Contains(p.legal, p.last)
	return ok, p.last
}

// disturb says that somebody breaks something: what fails is not the operator's fault, though nothing may be open, unless it is exposed.
// It returns how long answers were wrong since the last call.
func (p *Probe) disturb(on, exposed bool) (long time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.disturbed, p.exposed = on, exposed
	if !p.badFrom.IsZero() {
		long = p.badTo.Sub(p.badFrom)
	}
	p.badFrom, p.badTo = time.Time{}, time.Time{}
	return long
}
