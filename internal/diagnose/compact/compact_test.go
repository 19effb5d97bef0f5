package compact

import (
	"net/netip"
	"reflect"
	"runtime"
	"testing"
	"time"

	"detour/internal/flow"
)

// plainFlow is a flow with a connection of its own.
func plainFlow(i int) *flow.Flow {
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC).Add(time.Duration(i) * 37 * time.Millisecond)
	addr := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 1, byte(i % 5)}), 443)
	f := &flow.Flow{
		ID: flow.ID(3 * i), State: flow.StateDone, Source: flow.SourceHAR, Origin: flow.OriginDirect, //nolint:gosec // small
		Request: flow.Request{Method: "POST"}, Response: &flow.Response{Status: 200},
		Times: flow.Times{Start: at, FirstByte: at.Add(time.Millisecond), Done: at.Add(2 * time.Millisecond)},
		Conn: &flow.Conn{
			Authority: "logs.eu-central-1.amazonaws.com:443", Start: at.Add(-time.Duration(i) * time.Microsecond),
			Attempts: []flow.DialAttempt{{Addr: addr, Outcome: flow.DialConnected, Start: at.Add(-time.Microsecond), Took: time.Duration(i)}},
			TLS:      &flow.TLSInfo{Outcome: flow.TLSOK},
		},
	}
	switch i % 4 {
	case 1:
		f.Conn.TLS = nil
	case 2:
		f.Conn.Attempts[0].Start = time.Time{}
	case 3:
		f.Conn.Attempts = nil
	}
	return f
}

// Flows with many connections come back as they were, and take little: also those whose connections
// aren't kept to be used again.
func TestFlows_eachWithItsConnection(t *testing.T) {
	const n, most = 4 * maxConns, 48 // flows, and the bytes of one
	var all Flows
	for i := range maxConns {
		all.Add(plainFlow(i + 1))
	}
	before := live()
	for i := maxConns; i < n; i++ {
		all.Add(plainFlow(i + 1))
	}
	if took := (live() - before) / (n - maxConns); took > most {
		t.Errorf("%d bytes of a flow", took)
	}
	i := 0
	for f := range all.All() {
		i++
		if want := plainFlow(i); !reflect.DeepEqual(want, f) {
			t.Fatalf("flow %d is %+v, want %+v", i, f, want)
		}
	}
	if i != n {
		t.Errorf("%d flows, want %d", i, n)
	}
}

// live is the size of what the heap has after a collection.
func live() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc) //nolint:gosec // a size
}
