package cli

import (
	"math"
	"runtime"
	"runtime/debug"
	"testing"
)

func TestTheUserDecidesAboutMemoryAlone(t *testing.T) {
	before := debug.SetGCPercent(77)
	defer debug.SetGCPercent(before)
	for _, name := range []string{"GOGC", "GOMEMLIMIT"} {
		limitMemory(func(asked string) string {
			if asked == name {
				return "100"
			}
			return ""
		})
	}
	runtime.GC()
	runtime.GC()
	if got := debug.SetGCPercent(77); got != 77 {
		t.Errorf("it was set to %d%%", got)
	}
}

func TestTheHeapStaysSmallWhileThereIsRoomInIt(t *testing.T) {
	for live, want := range map[int]int{
		0: mostGrowth, smallHeap / 4: mostGrowth, smallHeap / 2: mostGrowth, smallHeap * 2 / 3: 50, largeData: leastGrowth, 10 * largeData: largeGrowth,
	} {
		if got := growth(live); got < want-1 || got > want+1 {
			t.Errorf("%d%% over %d, want %d%%", got, live, want)
		}
	}
}

func TestOnlyWhatFitsHasACeiling(t *testing.T) {
	for live, want := range map[int]int64{0: largeCeiling, largeData: largeCeiling, largeCeiling / 2: largeCeiling, largeCeiling: math.MaxInt64} {
		if got := ceiling(live); got != want {
			t.Errorf("%d over %d, want %d", got, live, want)
		}
	}
}
