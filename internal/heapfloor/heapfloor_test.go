package heapfloor

import (
	"runtime"
	"testing"
)

func TestHold_countsAsUsedUntilItIsReleased(t *testing.T) {
	used := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := used()
	release := Hold()
	if held := used() - before; held < size*9/10 {
		t.Errorf("%d bytes count as used", held)
	}
	release()
	if after := used(); after >= before+size/10 {
		t.Errorf("%d bytes are left", after-before)
	}
}
