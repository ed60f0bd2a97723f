package heap

import (
	"runtime"
	"sync/atomic"
	"testing"
)

func TestEachCollectionIsToldOfWithWhatIsLive(t *testing.T) {
	var calls, last atomic.Int64
	AfterEachCollection(func(live int) {
		last.Store(int64(live))
		calls.Add(1)
	})
	held := make([]byte, 50<<20)
	for n := int64(1); n <= 3; n++ {
		for calls.Load() < n {
			runtime.GC()
		}
	}
	if got := last.Load(); got < int64(len(held)) {
		t.Errorf("%d bytes are live", got)
	}
	runtime.KeepAlive(held)
}
