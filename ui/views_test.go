package ui

import (
	"strings"
	"testing"

	"github.com/gdamore/tcell/v2"

	"detour/internal/flow"
	"detour/ui/flowtest"
)

func TestViews_eachDigitShowsItsFlows(t *testing.T) {
	s := start(t, 120, 30, finished(), Actions{}, Options{})
	s.sees("6 AWS calls, 3 hidden (a: all)")
	for _, c := range []struct{ key, want string }{
		{"2", "4 direct calls, 5 hidden"},
		{"3", "3 flows, 6 hidden"},
		{"4", "6 AWS calls, 3 hidden (a: all) · by host"},
		{"5", "by page"},
		{"6", "9 flows (a: AWS calls)"},
		{"7", "1 tunnel, 8 hidden"},
		{"8", "No marked flow yet."},
		{"9", "by operation"},
		{"1", "6 AWS calls, 3 hidden"},
		{"a", "9 flows (a: AWS calls)"},
		{"a", "6 AWS calls, 3 hidden"},
	} {
		s.types(c.key)
		s.sees(c.want)
	}
}

func TestGroups_showCountsAndTheWorstAndOpen(t *testing.T) {
	src := finished()
	s := start(t, 120, 30, src, Actions{}, Options{})
	s.sees("EC2 DescribeInstances")
	s.types("4")
	text := s.sees("1 of 4 groups")
	first := lineWith(text, "monitoring.ap-northeast-1.amazonaws.com")
	if !strings.Contains(first, "▸!") || !strings.Contains(first, "TIMEOUT 4.0 s ×2") || len(strings.Fields(first)) < 4 {
		t.Errorf("the host that failed most isn't first, or lacks its worst outcome: %q", first)
	}
	s.types("j")
	s.sees("2 of 4 groups")
	// The chosen group stays chosen when another overtakes it.
	worse := append(flowtest.Story(true), flowtest.TimedOut(flowtest.Plain(20), flowtest.Millis(9)),
		flowtest.TimedOut(flowtest.Plain(21), flowtest.Millis(9)), flowtest.TimedOut(flowtest.Plain(22),
			flowtest.Millis(9)), flowtest.TimedOut(flowtest.Plain(23), flowtest.Millis(9)))
	src.set(worse, flowtest.Findings(false))
	s.sees("3 of 4 groups")
	s.types(tcell.KeyEnter)
	s.sees("1 AWS call, 12 hidden (a: all) · host logs.ap-northeast-1.amazonaws.com (Esc: all)")
	s.sees("CloudWatch Logs DescribeL")
	s.types(tcell.KeyEscape)
	s.sees("3 of 4 groups")
	s.types("x")
	s.sees("x does nothing here")
	s.types("k", tcell.KeyTab) // the detail of the group's worst
	s.sees("Overview")
}

// lineWith is the first line of a text that has want in it.
func lineWith(text, want string) string {
	for _, l := range strings.Split(text, "\n") {
		if strings.Contains(l, want) {
			return l
		}
	}
	return ""
}

func TestCommand_sortKeepsTheSelection(t *testing.T) {
	src := finished()
	s := start(t, 120, 30, src, Actions{}, Options{})
	s.sees("EC2 DescribeInstances")
	s.types("gjj") // #4
	s.sees("row 3 of 6")
	s.types(":sort total", tcell.KeyEnter)
	s.sees("sorted by total▼")
	s.sees("row 1 of 6")
	s.types("o", tcell.KeyBackspace, " time up", tcell.KeyEnter)
	s.sees("row 3 of 6")
	s.types(":sort off", tcell.KeyEnter)
	s.lacks("sorted by")
	s.types("G:sort total", tcell.KeyEnter)
	text := s.sees("sorted by total▼")
	if lines := strings.Split(text, "\n"); !strings.Contains(lines[5], "CloudWatch") || !strings.Contains(lines[8], "EC2") {
		t.Errorf("the slowest aren't first:\n%s", text)
	}
	slow := flowtest.Answered(flowtest.Call(30, flowtest.At(3000), flow.OriginDirect, "h.example", "s3", "S3", "GetObject"), 200,
		flowtest.Millis(99_000))
	src.set(append(flowtest.Story(true), slow), flowtest.Findings(false))
	if lines := strings.Split(s.sees("GetObject"), "\n"); !strings.Contains(lines[5], "GetObject") {
		t.Error("a slower one that arrives doesn't go to the top")
	}
}

func TestCommand_columns(t *testing.T) {
	s := start(t, 160, 30, finished(), Actions{}, Options{})
	s.sees("EC2 DescribeInstances")
	for _, c := range []struct{ command, want string }{
		{":columns id call size region", "    # CALL"},
		{":hide size", "    # CALL                                             REGION"},
		{":show page", "PAGE"},
		{":columns default", "TLS       STATUS"},
		{":hide tls", "TCP              STATUS"},
		{":show method", "TOTAL METHOD"},
	} {
		s.types(c.command, tcell.KeyEnter)
		s.sees(c.want)
	}
	s.types(":columns nonsense", tcell.KeyEnter)
	s.sees("unknown column nonsense; choose one of time, origin")
}

func TestCommand_mistakesAndCompletion(t *testing.T) {
	s := start(t, 120, 30, finished(), Actions{}, Options{})
	s.sees("EC2 DescribeInstances")
	for _, c := range []struct{ typed, want string }{
		{":frobnicate", `unknown command "frobnicate"; Tab lists them`},
		{":s", `"s" is ambiguous: save or share`},
		{":sort", "usage: sort COLUMN [up] or off"},
		{":goto 99", "there is no flow 99"},
		{":view x", "one of calls, direct"},
	} {
		s.types(c.typed, tcell.KeyEnter)
		s.sees(c.want)
		s.types(tcell.KeyEscape)
	}
	s.types(":gr", tcell.KeyTab, "op", tcell.KeyTab, tcell.KeyEnter)
	s.sees("by operation")
	s.types(":group off", tcell.KeyEnter)
	s.lacks("by operation")
	s.types(":9", tcell.KeyEnter) // hidden by the view
	s.sees("row 9 of 9")
}
