package flow

import (
	"net/netip"
	"testing"
	"time"
)

func TestAddLater_keepsTheNewestOfEachAddress(t *testing.T) {
	addr := func(n int) netip.AddrPort {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(n)}), 443)
	}
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	f := &Flow{}
	f.AddLater(Later{Kind: LaterLoser, At: at, Addr: addr(99)})
	for i := range 100 { // four addresses, again and again
		f.AddLater(Later{Kind: LaterProbe, At: at.Add(time.Duration(1+i) * time.Second), Addr: addr(i % 4)})
	}
	if len(f.Later) != MaxLater || f.Later[0].Kind != LaterLoser {
		t.Errorf("%d entries, the first one %+v", len(f.Later), f.Later[0])
	}
	if last := f.Later[MaxLater-1]; last.Addr != addr(3) || !last.At.Equal(at.Add(100*time.Second)) {
		t.Errorf("the last one is %+v", last)
	}
	published := f.Later
	f.AddLater(Later{Kind: LaterWatch, At: at.Add(time.Hour), Addr: addr(1)})
	if published[1].Kind == LaterWatch || len(published) != MaxLater || published[MaxLater-1].Kind == LaterWatch {
		t.Error("a published slice was written to")
	}
}

func TestAnswered_needsWhatFollowsTheConnectToo(t *testing.T) {
	for l, want := range map[Later]bool{
		{Outcome: DialConnected}:                                               true,
		{Outcome: DialConnected, Status: 403}:                                  true,
		{Outcome: DialConnected, Stage: StageTLS, Err: "bad cert"}:             false,
		{Outcome: DialConnected, Err: "written by an earlier version"}:         false,
		{Outcome: DialTimeout, Stage: StageDial}:                               false,
		{DNS: DNSNXDomain, Stage: StageDNS}:                                    false,
		{Outcome: DialConnected, Via: "http://p:1", Stage: StageUpstreamProxy}: false,
	} {
		if l.Answered() != want {
			t.Errorf("%+v: answered is %v", l, !want)
		}
	}
}
