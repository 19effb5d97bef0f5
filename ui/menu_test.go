package ui

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/gdamore/tcell/v2"

	"detour/internal/flow"
	"detour/ui/flowtest"
)

// TestMenu_asksItsWholeQuestion, on as many lines as it takes.
func TestMenu_asksItsWholeQuestion(t *testing.T) {
	never := func(context.Context, string) (string, error) { return "", nil }
	for _, w := range []int{60, 80, 120} {
		s := start(t, w, 24, finished(), Actions{Probe: ProbeActions{Run: never, Counterfactual: never, Reference: func() string { return "203.0.113.53" }}},
			Options{})
		s.sees("DescribeInst")
		s.types("gjjx")
		text := s.sees("connect 3 times to each of 10.0.1.23")
		dense := func(s string) string { return strings.Join(strings.Fields(s), "") }
		want := "connect 3 times to each of 10.0.1.23 and 10.0.2.23, and once to the addresses that 203.0.113.53 returns for monitoring.ap-northeast-1.amazonaws.com:443? y connect n cancel"
		if !strings.Contains(dense(text), dense(want)) {
			t.Errorf("at %d cells the question isn't whole:\n%s", w, text)
		}
		if n := strings.Count(text, "\n"); n != 24 {
			t.Errorf("the screen has %d lines", n)
		}
		s.types("n")
		s.sees("Enter detail")
	}
}

func TestCopy_saysFirstWhatMatters(t *testing.T) {
	f := flowtest.Plain(7)
	f.Request.Body, f.Request.BodySize = nil, 99
	s := start(t, 80, 24, &stage{flows: []*flow.Flow{f}}, Actions{}, Options{})
	s.sees("EC2 Describe7")
	s.types("gyc")
	s.sees("sent #7 as curl without its body (99 B, not stored), secrets redacted, ")
}

// TestNews_isShort where the banner says it, and waits for help and forms to close.
func TestNews_isShort(t *testing.T) {
	src := &stage{flows: flowtest.Story(true)}
	s := start(t, 80, 24, src, Actions{}, Options{})
	s.sees("EC2 DescribeInstances")
	src.set(flowtest.Story(true), flowtest.Findings(false))
	s.sees("! a new problem; ! shows it")

	src = &stage{flows: flowtest.Story(true)}
	s = start(t, 80, 24, src, Actions{}, Options{})
	s.sees("EC2 DescribeInstances")
	s.types("?")
	s.sees("In the table")
	src.set(append(flowtest.Story(true), flowtest.Plain(30)), flowtest.Findings(false))
	s.until("the news taken in", func(string) bool { src.mu.Lock(); defer src.mu.Unlock(); return src.reads > 1 })
	s.types("j")
	s.lacks("a new problem")
	s.types("q")
	s.sees("! a new problem; ! shows it")
	s.types("?")
	s.lacks("a new problem")
}

func TestNote_keepsAJoinedEmoji(t *testing.T) {
	const family = "👩\u200d👩\u200d👧\u200d👦"
	noted := make(chan string, 1)
	act := Actions{Edit: EditActions{Note: func(_ flow.ID, s string) error { noted <- s; return nil }}}
	s := start(t, 80, 24, finished(), act, Options{})
	s.sees("EC2 DescribeInstances")
	s.types("gn", "x"+family+"y\u200dz")
	s.sees("note: x" + family + "y\ufffdz")
	s.types(tcell.KeyLeft, tcell.KeyLeft, tcell.KeyBackspace) // the family is one character
	s.sees("note: xy\ufffdz")
	s.types(family, tcell.KeyEnter)
	if got, want := <-noted, "x"+family+"y\ufffdz"; got != want {
		t.Errorf("noted %q, want %q", got, want)
	}
}

// TestTable_saysTheDayWhereThereAreSeveral, at every width, and a person's own width stays.
func TestTable_saysTheDayWhereThereAreSeveral(t *testing.T) {
	flows := flowtest.Plains(1, 2)
	flows[1].Times.Start = flows[1].Times.Start.Add(24 * time.Hour)
	for _, w := range []int{80, 100, 120, 140, 160, 200} {
		s := start(t, w, 24, &stage{flows: flows}, Actions{}, Options{})
		s.sees("11-23 10:28:00 console")
		s.sees("11-24 10:28:00 console")
	}
	s := start(t, 120, 24, &stage{flows: flows}, Actions{}, Options{Columns: "time:8 call"})
	s.sees("10:28:00 EC2 Describe1")
	s = start(t, 120, 24, &stage{flows: flowtest.Plains(1, 2)}, Actions{}, Options{})
	s.sees("10:28:00 console")
	s.lacks("11-23")
}
