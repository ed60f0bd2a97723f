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

// limitMemory makes the garbage collector work harder than Go's default where that keeps a run small, and not where it would
// only make it slow: a limit holds until the live data fill four fifths of it. Whoever sets GOGC or GOMEMLIMIT decides alone.
func limitMemory(getenv func(string) string) {
	if getenv("GOGC") != "" || getenv("GOMEMLIMIT") != "" {
		return
	}
	debug.SetMemoryLimit(smallMemory)
	afterEachCollection(func() {
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(live)
		debug.SetMemoryLimit(memoryLimit(live[0].Value.Uint64()))
	})
}

// memoryLimit is the limit for some live data. Above smallMemory there is none: collections at twice the live data are Go's
// default anyway.
func memoryLimit(live uint64) int64 {
	if live <= smallMemory/5*4 {
		return smallMemory
	}
	return math.MaxInt64
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
