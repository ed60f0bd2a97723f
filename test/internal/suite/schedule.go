package suite

import (
	"path"
	"slices"
	"strings"
	"time"

	"github.com/ingress2gw/ingress2gw/test/internal/casefile"
)

// Select keeps the cases that one of the comma-separated patterns names; no pattern keeps all.
func Select(cases []*casefile.Case, patterns string) []*casefile.Case {
	if patterns == "" {
		return cases
	}
	return slices.DeleteFunc(slices.Clone(cases), func(c *casefile.Case) bool {
		for p := range strings.SplitSeq(patterns, ",") {
			if ok, err := path.Match(strings.TrimSpace(p), c.Name); ok && err == nil {
				return false
			}
		}
		return true
	})
}

// SlowestFirst orders cases so that those that wait by nature start at once and nothing waits for them in the end.
func SlowestFirst(cases []*casefile.Case) []*casefile.Case {
	out := slices.Clone(cases)
	slices.SortStableFunc(out, func(a, b *casefile.Case) int { return int(Waits(b) - Waits(a)) })
	return out
}

// Waits is how long a case waits at least: pauses, delayed answers, and lower bounds of what it measures.
func Waits(c *casefile.Case) time.Duration {
	var total time.Duration
	for i := range c.Requests {
		r := &c.Requests[i]
		total += parse(r.Send.Pause)
		var one time.Duration
		if r.Send.Echo != nil {
			one = parse(r.Send.Echo.Delay)
		}
		if e := r.Expect.Elapsed; len(e) == 2 {
			one = max(one, time.Duration(e[0]*float64(time.Second)))
		}
		rounds := max(1, r.Send.Repeat) / max(1, r.Send.Concurrency)
		total += one * time.Duration(rounds)
	}
	return total
}

func parse(s string) time.Duration {
	d, _ := time.ParseDuration(s) // checked by the lint
	return d
}

// Timed tells whether a case measures time, so that a busy machine may spoil it.
func Timed(c *casefile.Case) bool {
	if c.Need("slow") {
		return true
	}
	for i := range c.Requests {
		if r := &c.Requests[i]; len(r.Expect.Elapsed) > 0 || len(r.Expect.Statuses) > 0 || r.Send.Pause != "" {
			return true
		}
	}
	return false
}
