package sync

import "time"

// debt says when what nothing uses any more is to go from the gateways: when nothing has changed for a while, and at last after a longer
// one. For that, all Ingresses are translated.
type debt struct {
	quiet       time.Duration // for which nothing must have changed
	since, last time.Time
}

const (
	defaultQuiet = 10 * time.Second
	longestDebt  = 5 * time.Minute
)

// note notes whether there is a debt after a round. It gives the time until it is due; 0 if there is none.
func (d *debt) note(is bool, now time.Time) time.Duration {
	if !is {
		*d = debt{quiet: d.quiet}
		return 0
	}
	if d.last = now; d.since.IsZero() {
		d.since = now
	}
	return min(d.quiet, max(time.Millisecond, d.since.Add(longestDebt).Sub(now)))
}

// due tells whether it is time to pay.
func (d *debt) due(now time.Time) bool {
	return !d.since.IsZero() && (now.Sub(d.last) >= d.quiet || now.Sub(d.since) >= longestDebt)
}
