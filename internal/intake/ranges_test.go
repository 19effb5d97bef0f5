package intake

import (
	"net/netip"
	"testing"

	"detour/internal/aws"
	"detour/internal/flow"
)

func TestInRanges_leavesAConnectionThatHasItsRangesAlone(t *testing.T) {
	table, err := aws.LoadRanges()
	if err != nil {
		t.Fatal(err)
	}
	c := inRanges(table, &flow.Conn{Resolution: &flow.Resolution{Addrs: []netip.Addr{netip.MustParseAddr("3.5.140.1")}}})
	if c.Resolution.Ranges[0] != "S3 ap-northeast-2" || inRanges(table, c) != c {
		t.Errorf("ranges %q, and it was copied again", c.Resolution.Ranges)
	}
	private := &flow.Conn{Resolution: &flow.Resolution{Addrs: []netip.Addr{netip.MustParseAddr("10.0.1.23")}}}
	if inRanges(table, private) != private {
		t.Error("a private address has nothing to do with AWS's ranges")
	}
}
