package ui

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/gdamore/tcell/v2"

	"detour/internal/flow"
	"detour/internal/wording"
	"detour/ui/flowtest"
	"detour/ui/text"
)

func TestShortHost_keepsWhatTellsHostsApart(t *testing.T) {
	for _, c := range []struct {
		in   string
		w    int
		want string
	}{
		{"monitoring.ap-northeast-1.amazonaws.com", 39, "monitoring.ap-northeast-1.amazonaws.com"},
		{"monitoring.ap-northeast-1.amazonaws.com", 36, "monitoring.ap-northeast-1.…aws.com"},
		{"monitoring.ap-northeast-1.amazonaws.com", 30, "monitoring.ap-northeast-1.…com"},
		{"monitoring.ap-northeast-1.amazonaws.com", 20, "monitoring.ap-…t-1.…"},
		{"logs.ap-northeast-1.api.aws", 20, "logs.ap-…t-1.api.aws"},
		{"monitoring.cn-northwest-1.amazonaws.com.cn", 33, "monitoring.cn-northwest-1.…com.cn"},
		{"vpce-0abc123def456-xyz.monitoring.ap-northeast-1.vpce.amazonaws.com", 50, "vpce-0abc….monitoring.ap-northeast-1.vpce.…aws.com"},
		{"ap-northeast-1.console.aws.amazon.com", 30, "ap-northeast-1.console.…com"},
		{"monitoring.ap-northeast-1.amazonaws.com.evil.example", 30, "monitoring.ap-no….evil.example"},
		{"grafana.internal.corp.example.co.jp", 24, "grafana.i….example.co.jp"},
		{"example.com:8443", 16, "example.com:8443"},
		{"logs.ap-northeast-1.amazonaws.com:8443", 30, "logs.ap-northeast-1.…com:8443"},
		{"日本語ホスト.とても.長い.名前.jp", 20, "日本語ホス….名前.jp"},
	} {
		got := shortHost(c.in, c.w)
		if got != c.want || text.Width(got) > c.w {
			t.Errorf("shortHost(%q, %d) = %q, want %q", c.in, c.w, got, c.want)
		}
	}
}

// TestShortHost_neverTooWide nor taken for another: whatever the width, hosts of different
// domains differ as long as their domains have room.
func TestShortHost_neverTooWide(t *testing.T) {
	name := "monitoring.ap-northeast-1."
	hosts := []string{name + "amazonaws.com", name + "api.aws", name + "amazonaws.com.cn", name + "vpce.amazonaws.com", name + "amazonaws.com.evil.example", name + "evil.com"}
	for w := 1; w < 70; w++ {
		seen := map[string]string{}
		for _, h := range hosts {
			got := shortHost(h, w)
			if text.Width(got) > w {
				t.Errorf("shortHost(%q, %d) = %q, too wide", h, w, got)
			}
			if other := seen[got]; other != "" && w >= 18 {
				t.Errorf("at %d cells, %s and %s both read %q", w, h, other, got)
			}
			seen[got] = h
		}
	}
}

func TestShortPage_keepsThePath(t *testing.T) {
	for _, c := range []struct {
		in   string
		w    int
		want string
	}{
		{"ap-northeast-1.console.aws.amazon.com/ec2/home", 60, "ap-northeast-1.console.aws.amazon.com/ec2/home"},
		{"ap-northeast-1.console.aws.amazon.com/ec2/home", 28, "ap-northeast-1 /ec2/home"},
		{"ap-northeast-1.console.aws.amazon.com/ec2/home", 16, "…/ec2/home"},
		{"ap-northeast-1.console.aws.amazon.com/elasticmapreduce/home", 16, "…/elasticmapred…"},
		{"cn-north-1.console.amazonaws.cn/ec2/home", 28, "cn-north-1 /ec2/home"},
		{"console.aws.amazon.com/console/home", 30, "console /console/home"},
		{"ap-northeast-1.console.aws.amazon.com.evil.example/ec2/home", 30, "ap-nort….evil.example/ec2/home"},
		{"no page at all, but a text that is long", 16, "no page at all,…"},
	} {
		if got := shortPage(c.in, c.w); got != c.want {
			t.Errorf("shortPage(%q, %d) = %q, want %q", c.in, c.w, got, c.want)
		}
	}
}

// browsing is a flow of each of some console pages.
func browsing() []*flow.Flow {
	var out []*flow.Flow
	for i, page := range []string{"ec2", "cloudwatch", "lambda"} {
		f := flowtest.Plain(flow.ID(i + 1))
		f.Page = "https://ap-northeast-1.console.aws.amazon.com/" + page + "/home?region=ap-northeast-1#x"
		out = append(out, f)
	}
	return out
}

func TestGroups_pagesAreToldApartByTheirPaths(t *testing.T) {
	for _, w := range []int{40, 60, 80, 120} {
		s := start(t, w, 24, &stage{flows: browsing()}, Actions{}, Options{})
		s.types("5")
		for _, page := range []string{"/ec2/home", "/cloudwatch/home", "/lambda/home"} {
			s.sees(page)
		}
	}
	s := start(t, 120, 24, &stage{flows: browsing()}, Actions{}, Options{Columns: "call page:16 result"})
	s.sees("…/ec2/home")
	s.sees("…/lambda/home")
}

// TestGroups_columnsAreWholeOrNotThere: none has less room than it needs.
func TestGroups_columnsAreWholeOrNotThere(t *testing.T) {
	for w := 40; w < 200; w++ {
		gcols := whole(groupColumns("page"), w-1)
		cols := make([]column, len(gcols))
		for i := range gcols {
			cols[i] = gcols[i].column
		}
		for i, n := range spread(cols, w-1) {
			if n < cols[i].min {
				t.Errorf("%d cells: %s has %d of its %d", w, cols[i].title, n, cols[i].min)
			}
		}
	}
	s := start(t, 60, 24, &stage{flows: browsing()}, Actions{}, Options{})
	s.types("5")
	s.sees("WORST")
	s.lacks("FAI")
}

func TestTable_showsThePortThatIsUnusual(t *testing.T) {
	flows := []*flow.Flow{flowtest.Plain(1), flowtest.Plain(2)}
	flows[0].Request.URL = "https://internal.example:8443/"
	flows[1].Request.URL = "https://other.example:443/"
	s := start(t, 160, 24, &stage{flows: flows}, Actions{}, Options{})
	s.sees("internal.example:8443")
	s.sees("other.example ")
}

// TestTable_hostsDifferWhereTheyAreShort, as from the width on at which they are shown.
func TestTable_hostsDifferWhereTheyAreShort(t *testing.T) {
	flows := flowtest.Plains(1, 3)
	for i, host := range []string{"monitoring.ap-northeast-1.amazonaws.com", "monitoring.ap-northeast-2.amazonaws.com", "monitoring.ap-northeast-1.api.aws"} {
		flows[i].Request.URL = "https://" + host + "/"
	}
	s := start(t, 145, 24, &stage{flows: flows}, Actions{}, Options{})
	s.sees("monitoring.ap-northeast-1.… ")
	s.sees("monitoring.ap-northeast-2.… ")
	s.sees("monitoring.ap-…st-1.api.aws")
}

// TestTable_shortensWhatIsMasked, not the other way round.
func TestTable_shortensWhatIsMasked(t *testing.T) {
	f := flowtest.Plain(1)
	f.Request.URL = "https://secret-host.internal.corp.example.com:8443/"
	s := start(t, 160, 24, &stage{flows: []*flow.Flow{f}}, Actions{}, Options{Presenter: true})
	s.sees("EC2 Describe1")
	s.sees("….*******.***:8443")
	s.lacks("secret")
}

func TestTable_countsSYNsWhereThereIsRoom(t *testing.T) {
	f := flowtest.Call(1, flowtest.Start, flow.OriginDirect, "logs.ap-northeast-1.amazonaws.com", "logs", "CloudWatch Logs", "X")
	f.Conn = flowtest.Private(1, flowtest.Start, "logs.ap-northeast-1.amazonaws.com", flow.DialTimeout, 21*time.Second, "10.0.1.24")
	f.Conn.Attempts[0].Kernel = &flow.KernelTCP{SYNRetransmits: 3}
	src := &stage{flows: []*flow.Flow{flowtest.TimedOut(f, 21*time.Second)}}
	for w, want := range map[int]string{80: "TIMEOUT 21.0 s", 120: "TIMEOUT 21.0 s   —", 160: "TIMEOUT 21.0 s   —", 200: "TIMEOUT 21.0 s · 4 SYN"} {
		s := start(t, w, 24, src, Actions{}, Options{Now: func() time.Time { return flowtest.At(22_000) }})
		s.sees(want)
	}
	s := start(t, 160, 24, src, Actions{}, Options{Columns: "+tcp:22"})
	s.sees("TIMEOUT 21.0 s · 4 SYN")
}

func TestTCPCell_countsTheSYNsOfEveryAttempt(t *testing.T) {
	of := func(o flow.DialOutcome, retransmits ...int) row {
		c := flowtest.Conn(flowtest.Lookup(flowtest.Start, "x", "10.0.1.23", "10.0.2.23"))
		for i, n := range retransmits {
			a := flow.DialAttempt{Addr: netip.MustParseAddrPort(fmt.Sprintf("10.0.%d.23:443", i+1)), Outcome: o, Start: flowtest.Start, Took: 5 * time.Second}
			if n >= 0 {
				a.Kernel = &flow.KernelTCP{SYNRetransmits: n}
			}
			c.Attempts = append(c.Attempts, a)
		}
		state := flow.StateDone
		if o == flow.DialPending {
			state = flow.StateConnecting
		}
		return row{Flow: &flow.Flow{State: state, Conn: c}, now: flowtest.At(12_000)}
	}
	for _, c := range []struct {
		want string
		r    row
	}{
		{"TIMEOUT 5.0 s · 4 SYN", of(flow.DialTimeout, 3)},
		{"TIMEOUT 5.0 s ×2 · 8 SYN", of(flow.DialTimeout, 3, 3)},
		{"TIMEOUT 5.0 s ×2", of(flow.DialTimeout, 3, -1)},
		{"canceled 5.0 s · 3 SYN", of(flow.DialCanceled, 2)},
		{"RST 5.0 s", of(flow.DialRefused, 0)},
		{"connecting 12 s · 4 SYN", of(flow.DialPending, 3)},
		{"connecting 12 s", of(flow.DialPending, 0)},
	} {
		if got := tcpCell(c.r).text; got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
	if got := shortConnect("TIMEOUT 5.0 s ×2 · 8 SYN", 16); got != "TIMEOUT 5.0 s ×2" {
		t.Errorf("in 16 cells: %q", got)
	}
	if long := "403 " + strings.Repeat("a · b", 9); shortConnect(long, 16) != long {
		t.Error("another text with a dot is shortened as if it counted SYNs")
	}
}

func TestTLSCell_plainConnectionsHaveNone(t *testing.T) {
	f := flowtest.Plain(1)
	f.Request.URL = "http://localhost:8000/x"
	f.Conn = flowtest.Conn(flowtest.Lookup(flowtest.Start, "localhost", "127.0.0.1"), flowtest.Attempt(flowtest.Start, "127.0.0.1", flow.DialConnected, flowtest.Millis(1)))
	r := row{Flow: f, now: flowtest.Start}
	if got := tlsCell(r).text; got != wording.None {
		t.Errorf("TLS of a plain connection used again: %q, want %q", got, wording.None)
	}
	if got := road(r); strings.Contains(got, "TLS") {
		t.Errorf("the road of a plain request: %q", got)
	}
	f.Request.URL = "https://localhost:8000/x"
	if got := tlsCell(r).text; got != "reused" {
		t.Errorf("TLS of a connection used again: %q, want reused", got)
	}
}

// TestHeader_namesTheGroupOnANarrowScreenToo: its key is shortened as in its column.
func TestHeader_namesTheGroupOnANarrowScreenToo(t *testing.T) {
	s := start(t, 80, 24, &stage{flows: browsing()}, Actions{}, Options{})
	s.types("5")
	s.sees("WORST")
	s.types(tcell.KeyEnter)
	s.sees("· page ap-northeast-1 /")
	s.sees(" (Esc: all)")
}
