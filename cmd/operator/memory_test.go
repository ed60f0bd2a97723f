package main

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

func TestTheHeapGrowsLessWhenMuchIsLive(t *testing.T) {
	for live, want := range map[int]int{0: 100, 10 << 20: 100, 64 << 20: 100, 128 << 20: 50, 160 << 20: 40, 1 << 30: 30} {
		if got := growth(live); got != want {
			t.Errorf("%d MiB live: %d %%, want %d", live>>20, got, want)
		}
	}
}

func TestWhoeverSetsGOGCDecidesAlone(t *testing.T) {
	before := debug.SetGCPercent(77)
	defer debug.SetGCPercent(before)
	limitMemory(func(string) string { return "77" })
	runtime.GC()
	if got := debug.SetGCPercent(77); got != 77 {
		t.Errorf("it is %d %% now", got)
	}
	limitMemory(func(string) string { return "" })
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); {
		runtime.GC()
		if debug.SetGCPercent(77) == mostGrowth {
			return
		}
	}
	t.Error("nothing limits the heap")
}
