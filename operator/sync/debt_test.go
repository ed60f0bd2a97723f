package sync

import (
	"testing"
	"time"
)

func TestDebt(t *testing.T) {
	const quiet = 10 * time.Second
	d := debt{quiet: quiet}
	start := time.Unix(1000, 0)
	if after := d.note(false, start); after != 0 || d.due(start) {
		t.Errorf("nothing is owed: %s", after)
	}
	if after := d.note(true, start); after != quiet || d.due(start) || !d.due(start.Add(quiet)) {
		t.Errorf("a quiet cluster: %s", after)
	}
	now := start
	for now.Sub(start) < longestDebt-time.Second {
		if d.due(now) {
			t.Fatalf("paid after %s, while everything changes", now.Sub(start))
		}
		d.note(true, now)
		now = now.Add(time.Second)
	}
	if after := d.note(true, now); after != time.Second || !d.due(now.Add(after)) {
		t.Errorf("at last: %s", after)
	}
	if d.note(false, now); d.due(now.Add(time.Hour)) {
		t.Error("it was paid")
	}
}
