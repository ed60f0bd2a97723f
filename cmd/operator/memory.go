package main

import (
	"runtime/debug"

	"github.com/ingress2gw/ingress2gw/internal/heap"
)

// By default the heap doubles between two collections. That is little while little is live; with a large cluster it is half of what the program
// takes. mostGrowth and leastGrowth bound it in percent, and room is how many bytes it may grow by as long as that is between these.
const (
	room                    = 64 << 20
	mostGrowth, leastGrowth = 100, 30
)

// limitMemory makes the garbage collector work harder with a large cluster. Whoever sets GOGC decides alone.
func limitMemory(getenv func(string) string) {
	if getenv("GOGC") == "" {
		heap.AfterEachCollection(func(live int) { debug.SetGCPercent(growth(live)) })
	}
}

// growth is by how many percent the heap may grow over some live data.
func growth(live int) int {
	if live == 0 {
		return mostGrowth
	}
	return min(max(room*100/live, leastGrowth), mostGrowth)
}
