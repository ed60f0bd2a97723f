package cli

import (
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// smallMemory is what a run keeps to while its live data leave room in it: enough for 10,000 plain Ingresses, and little
// enough for a pod or a pipeline with 256 MiB.
const smallMemory = 150 << 20

// limitMemory makes a run use what it may, and no more while that is possible: nothing is collected before smallMemory is
// full, and then as often as it takes to keep to it. When the live data fill four fifths of it, that would only make the run
// slow, and Go's default holds: collections at twice the live data. Whoever sets GOGC or GOMEMLIMIT decides alone.
func limitMemory(getenv func(string) string) {
	if getenv("GOGC") != "" || getenv("GOMEMLIMIT") != "" {
		return
	}
	set := func(live uint64) {
		percent, limit := collecting(live)
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	}
	set(0)
	afterEachCollection(func() {
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(live)
		set(live[0].Value.Uint64())
	})
}

// collecting gives the collector's settings for some live data: how much they may grow, in percent, and the limit of all memory.
func collecting(live uint64) (percent int, limit int64) {
	if live <= smallMemory/5*4 {
		return -1, smallMemory
	}
	return 100, math.MaxInt64
}

// afterEachCollection calls f when the collector has finished: it has then met an object that nobody holds.
func afterEachCollection(f func()) {
	runtime.SetFinalizer(&collected{}, func(*collected) {
		f()
		afterEachCollection(f)
	})
}

// collected is large enough not to share its memory with other objects, which would keep it.
type collected struct{ _ [64]byte }
