package detail

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"detour/internal/flow"
	"detour/ui/pane"
)

func TestConnLines_sayWhatWasLearnedLater(t *testing.T) {
	a := netip.MustParseAddrPort("10.0.1.23:443")
	f := &flow.Flow{State: flow.StateDone, Conn: &flow.Conn{ID: 1, Authority: "x:443"}, Later: []flow.Later{
		{Kind: flow.LaterLoser, Addr: a, Outcome: flow.DialTimeout, Took: 3 * time.Second, Err: "no response yet within 3 s"},
		{Kind: flow.LaterLoser, Addr: a, Outcome: flow.DialCanceled, Took: 6500 * time.Millisecond},
		{Kind: flow.LaterProbe, Addr: a, Outcome: flow.DialConnected, Took: 12 * time.Millisecond},
		{Kind: flow.LaterOther, Addr: netip.MustParseAddrPort("203.0.113.5:443"), Outcome: flow.DialRefused, Took: 12 * time.Millisecond},
	}}
	var p pane.Page
	connLines(&p, f, time.Time{})
	got := fmt.Sprint(p)
	for _, want := range []string{
		"tried alone: 10.0.1.23:443 (private) TIMEOUT: no response within 3.0 s", "no response yet within 3 s",
		"tried alone: 10.0.1.23:443 (private) no response for 6.5 s, then stopped",
		"probed: 10.0.1.23:443 (private) ok in 12 ms", "reference's address: 203.0.113.5:443 (public) RST: refused after 12 ms",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}
