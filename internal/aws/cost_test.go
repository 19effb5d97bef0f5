package aws

import (
	"runtime"
	"testing"
	"time"

	"detour/internal/cputime"
)

// What start-up pays, and what the tables take once every service has been met.
func TestLoad_costsLittle(t *testing.T) {
	const maxTime, maxHeap = 20 * time.Millisecond, 15 << 20
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before, fastest := heap(), time.Hour
	var tables *Tables
	for range 5 { // the others on this machine are not what is measured
		fastest = min(fastest, cputime.Of(func() { tables = load(t) }))
	}
	for service := range tables.operations {
		tables.operationsOf(service)
	}
	after := heap()
	runtime.KeepAlive(tables)
	t.Logf("%v, and %.1f MB with all services read", fastest, float64(after-min(after, before))/1e6)
	if fastest > maxTime*5 { // the race detector's share
		t.Errorf("takes %v, want %v", fastest, maxTime)
	}
	if after > before+maxHeap {
		t.Errorf("takes %d bytes, want %d at most", after-before, maxHeap)
	}
}
