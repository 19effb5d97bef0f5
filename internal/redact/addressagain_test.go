package redact

import (
	"net/netip"
	"testing"
)

// Flows that are read again get the stand-ins of the first time, even where a block is nearly used up.
func TestAddresses_eachHasTheSameStandInAgain(t *testing.T) {
	const n = 5000
	var s addresses
	at := func(i int) netip.Addr { return netip.AddrFrom4([4]byte{192, 168, byte(i * 7 >> 8), byte(i * 7)}) }
	standIn := func(i int) netip.Addr { return s.standIn(at(i), uint64(i)*0x9e3779b97f4a7c15) } //nolint:gosec // small
	var first [n]netip.Addr
	for i := range n {
		first[i] = standIn(i)
	}
	for i := range n {
		if got := standIn(i); got != first[i] {
			t.Fatalf("%s is %s, and then %s", at(i), first[i], got)
		}
	}
}
