package cli

import (
	"math"
	"runtime/debug"

	"github.com/ingress2gw/ingress2gw/internal/heap"
)

// A run keeps its heap to smallHeap while its live data leave room in it: that is enough for 10,000 plain Ingresses, and little
// enough for a pod or a pipeline with 256 MiB. largeData are live data that do not.
const (
	smallHeap = 108 << 20
	largeData = 122 << 20
	// largeCeiling is what a fleet of 10,000 Ingresses with many annotations may take.
	largeCeiling = 330 << 20
	// leastGrowth and mostGrowth bound how much is allocated between two collections, in percent of the live data. The latter
	// is Go's default. largeGrowth holds for large data.
	leastGrowth, mostGrowth, largeGrowth = 30, 100, 80
)

// limitMemory makes the garbage collector work harder than by default where that keeps a run small, and not where it would
// only make it slow. Whoever sets GOGC or GOMEMLIMIT decides alone.
func limitMemory(getenv func(string) string) {
	if getenv("GOGC") != "" || getenv("GOMEMLIMIT") != "" {
		return
	}
	limit := int64(math.MaxInt64)
	heap.AfterEachCollection(func(live int) {
		debug.SetGCPercent(growth(live))
		if l := ceiling(live); l != limit {
			limit = l
			debug.SetMemoryLimit(limit)
		}
	})
}

// ceiling is how much the program may hold with some live data. Near it, memory that is not used goes back to the system; large
// data must not be collected all the time.
func ceiling(live int) int64 {
	if live > largeCeiling*2/3 {
		return math.MaxInt64
	}
	return largeCeiling
}

// growth is by how many percent the heap may grow over some live data.
func growth(live int) int {
	switch {
	case live == 0:
		return mostGrowth
	case live > largeData:
		return largeGrowth
	}
	return min(max((smallHeap-live)*100/live, leastGrowth), mostGrowth)
}
