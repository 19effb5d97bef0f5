package ui

import (
	"errors"
	"strings"
	"testing"

	"github.com/gdamore/tcell/v2"

	"detour/internal/flow"
	"detour/ui/flowtest"
)

func TestNote_isWrittenOnTheRow(t *testing.T) {
	notes := make(chan string, 1)
	fail := errors.New("the capture is read-only")
	act := Actions{Edit: EditActions{Note: func(id flow.ID, text string) error {
		if id != 4 {
			return fail
		}
		notes <- text
		return nil
	}}}
	s := start(t, 120, 30, finished(), act, Options{})
	s.sees("EC2 DescribeInstances")
	for _, c := range []struct {
		keys []any
		want string
		says string
	}{
		{[]any{"gjjn", "ask the admins", tcell.KeyEnter}, "ask the admins", "noted on #4; :show note adds the column"},
		{[]any{"n", tcell.KeyEnter}, "", "removed the note of #4"},
		{[]any{":note look here", tcell.KeyEnter}, "look here", "noted on #4"},
		{[]any{":note", tcell.KeyEnter, "a\u202eb", tcell.KeyEnter}, "a\uFFFDb", "noted on #4"},
	} {
		s.types(c.keys...)
		if got := <-notes; got != c.want {
			t.Errorf("%q: the note is %q, want %q", c.keys, got, c.want)
		}
		s.sees(c.says)
	}
	s.types("jnx", tcell.KeyEnter)
	s.sees("the capture is read-only") // and what was written isn't lost
	s.sees("note: x")
}

func TestNote_withoutSomebodyToKeepItSaysSo(t *testing.T) {
	s := start(t, 80, 24, finished(), Actions{}, Options{})
	s.sees("EC2 DescribeInstances")
	s.types("gn")
	s.sees("n: notes can't be saved here")
	s.types(":note x", tcell.KeyEnter)
	s.sees("note x")
	s.sees("notes can't be saved here")
}

// TestNews_ofANewProblem: not of the first, of one that changes, or of a notice.
func TestNews_ofANewProblem(t *testing.T) {
	src := finished()
	s := start(t, 80, 24, src, Actions{}, Options{})
	if text := s.sees("PROBLEM"); strings.Contains(text, "new problem") {
		t.Errorf("what was there is called new:\n%s", text)
	}
	other := flow.Finding{Code: "dns", Level: flow.LevelProblem, Title: "a name is gone", Flows: []flow.ID{9}}
	notice := flow.Finding{Code: "n", Level: flow.LevelNotice, Title: "a notice", Flows: []flow.ID{9}}
	src.set(flowtest.Story(true), append(flowtest.Findings(true), notice))
	s.sees("of 2 findings")
	s.lacks("new problem")
	src.set(flowtest.Story(true), append(flowtest.Findings(true), notice, other))
	s.sees("! a new problem: a name is gone; ! shows it")
	s.types("m") // the outcome of a key comes first
	s.sees("m: marks can't")
	s.types("!")
	s.sees("▸ findings")
	s.lacks("new problem")
}

func TestQuit_leavesTheLastScreen(t *testing.T) {
	var last strings.Builder
	s := start(t, 80, 24, finished(), Actions{}, Options{Last: &last})
	s.sees("EC2 DescribeInstances")
	s.types("Q")
	if err := s.ended(); err != nil {
		t.Fatal(err)
	}
	got := last.String()
	if !strings.HasPrefix(got, "detour proxy 127.0.0.1:8080") || !strings.HasSuffix(got,
		"200 in 84 ms\n") || strings.Contains(got, "quit") {
		t.Errorf("left is\n%s", got)
	}
	if s.term.fini == 0 {
		t.Error("the terminal was not restored")
	}

	last.Reset()
	s = start(t, 80, 24, finished(), Actions{}, Options{Last: &last})
	s.sees("EC2 DescribeInstances")
	s.types("q")
	if _ = s.ended(); last.String() != "" {
		t.Errorf("q leaves %q", last.String())
	}
	s = start(t, 80, 24, finished(), Actions{}, Options{})
	s.types("Q")
	if err := s.ended(); err != nil {
		t.Error(err)
	}
}

// TestFleeting_isSaidAndAskedAbout: of a file that isn't written to, marks and notes
// end with the screen.
func TestFleeting_isSaidAndAskedAbout(t *testing.T) {
	act := Actions{
		Edit: EditActions{
			Mark: func(flow.ID) error { return nil }, Note: func(flow.ID, string) error { return nil },
			Unsaved: "e exports it",
		},
	}
	s := start(t, 120, 30, finished(), act, Options{})
	s.sees("EC2 DescribeInstances")
	s.types("gm")
	s.sees("marked #2, not saved: e exports it")
	s.types("nlooks odd", tcell.KeyEnter)
	s.sees("noted on #2, not saved: e exports it")
	s.types("q")
	s.sees("will be lost; quit?")
	s.types("x:quit", tcell.KeyEnter)
	s.sees("will be lost; quit?")
	s.types("e")
	s.sees("exporting isn't possible here")
	s.types("qy")
	if err := s.ended(); err != nil {
		t.Error(err)
	}
}
