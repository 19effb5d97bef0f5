package ui

import (
	"testing"
	"time"

	"github.com/gdamore/tcell/v2"

	"detour/internal/flow"
	"detour/ui/flowtest"
)

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

// TestGroups_leaveOutColumnsOnANarrowScreen: none is cut.
func TestGroups_leaveOutColumnsOnANarrowScreen(t *testing.T) {
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
	for i, host := range []string{
		"monitoring.ap-northeast-1.amazonaws.com", "monitoring.ap-northeast-2.amazonaws.com",
		"monitoring.ap-northeast-1.api.aws",
	} {
		flows[i].Request.URL = "https://" + host + "/"
	}
	s := start(t, 145, 24, &stage{flows: flows}, Actions{}, Options{})
	s.sees("monitoring.ap-northeast-1.… ")
	s.sees("monitoring.ap-northeast-2.… ")
	s.sees("monitoring.ap-…st-1.api.aws")
}

// TestTable_showsTheNameOfWhatIsMasked: a name needs no shortening.
func TestTable_showsTheNameOfWhatIsMasked(t *testing.T) {
	f := flowtest.Plain(1)
	f.Request.URL = "https://secret-host.internal.corp.example.com:8443/"
	s := start(t, 160, 24, &stage{flows: []*flow.Flow{f}}, Actions{}, Options{Presenter: true})
	s.sees("EC2 Describe1")
	s.sees(" host-1:8443 ")
	s.lacks("secret")
}

func TestTable_countsSYNsWhereThereIsRoom(t *testing.T) {
	f := flowtest.Call(1, flowtest.Start, flow.OriginDirect, "logs.ap-northeast-1.amazonaws.com", "logs", "CloudWatch Logs", "X")
	f.Conn = flowtest.Private(1, flowtest.Start, "logs.ap-northeast-1.amazonaws.com", flow.DialTimeout, 21*time.Second, "10.0.1.24")
	f.Conn.Attempts[0].Kernel = &flow.KernelTCP{SYNRetransmits: 3}
	src := &stage{flows: []*flow.Flow{flowtest.TimedOut(f, 21*time.Second)}}
	for w, want := range map[int]string{
		80: "TIMEOUT 21.0 s", 120: "TIMEOUT 21.0 s   —", 160: "TIMEOUT 21.0 s   —",
		200: "TIMEOUT 21.0 s · 4 SYNs",
	} {
		s := start(t, w, 24, src, Actions{}, Options{Now: func() time.Time { return flowtest.At(22_000) }})
		s.sees(want)
	}
	s := start(t, 160, 24, src, Actions{}, Options{Columns: "+tcp:23"})
	s.sees("TIMEOUT 21.0 s · 4 SYNs")
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
