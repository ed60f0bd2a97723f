package cli

import (
	"math"
	"runtime"
	"runtime/debug"
	"testing"
)

func TestTheUserDecidesAboutMemoryAlone(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	for _, name := range []string{"GOGC", "GOMEMLIMIT"} {
		limitMemory(func(asked string) string {
			if asked == name {
				return "100"
			}
			return ""
		})
	}
	if got := debug.SetMemoryLimit(-1); got != before {
		t.Errorf("the limit was set to %d", got)
	}
}

func TestALimitHoldsWhileThereIsRoomInIt(t *testing.T) {
	for live, want := range map[uint64]int64{
		0: smallMemory, smallMemory / 2: smallMemory, smallMemory: math.MaxInt64, 10 * smallMemory: math.MaxInt64,
	} {
		percent, limit := collecting(live)
		if limit != want || (percent < 0) != (want == smallMemory) {
			t.Errorf("%d%% and %d for %d", percent, limit, live)
		}
	}
}

func TestEachCollectionIsFollowed(t *testing.T) {
	done := make(chan struct{}, 1)
	calls := 0
	afterEachCollection(func() {
		if calls++; calls == 2 { // it goes on after the first
			done <- struct{}{}
		}
	})
	for {
		runtime.GC()
		select {
		case <-done:
			return
		default:
			runtime.Gosched()
		}
	}
}
