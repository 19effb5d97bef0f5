package ui

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/gdamore/tcell/v2"
	"github.com/google/go-cmp/cmp"

	"detour/internal/flow"
)

// exporting writes nothing, and says what it was asked for.
func exporting(wrote chan Export) Actions {
	return Actions{
		Export: ExportActions{Name: "detour-run", Count: func(_ context.Context, x Export) (Exported, error) {
			out := Exported{Flows: len(x.Flows), Redacted: map[string]int{"token": 3, "cookie": 40}}
			if x.Strict {
				out.Redacted["account"] = 7
			}
			return out, nil
		}, Write: func(_ context.Context, x Export) (Exported, error) {
			wrote <- x
			if x.File == "taken.md" {
				return Exported{}, errors.New("taken.md is there already; take another name")
			}
			return Exported{File: "/tmp/" + x.File, Flows: len(x.Flows), Redacted: map[string]int{"token": 3}}, nil
		}},
	}
}

func TestExport_asksWhatAndWhereAndSaysWhatIsTakenOut(t *testing.T) {
	wrote := make(chan Export, 1)
	s := start(t, 120, 35, finished(), exporting(wrote), Options{})
	s.sees("EC2 DescribeInstances")
	s.types("/tcp:timeout", tcell.KeyEnter, "e")
	golden(t, "export", s.sees("43 values redacted: 40 cookie, 3 token"))
	s.types("jl")
	s.sees("3 flows; 43 values")
	s.types("jl")
	s.sees("50 values redacted: 7 account, 40 cookie, 3 token")
	s.types("jhh")
	s.sees("detour-run.har")
	s.types("h") // around the end
	s.sees("detour-run.zip")
	s.types("l", tcell.KeyEnter)
	s.sees("write to: detour-run.har")
}

func TestExport_writesAndNeverOverAFile(t *testing.T) {
	wrote := make(chan Export, 1)
	s := start(t, 120, 35, finished(), exporting(wrote), Options{})
	s.sees("EC2 DescribeInstances")
	s.types("e", tcell.KeyEnter)
	s.sees("write to: detour-run.md")
	s.types(tcell.KeyCtrlU, "taken.md", tcell.KeyEnter)
	<-wrote
	s.sees("is there already; take another name")
	s.types(tcell.KeyCtrlU, "b.md", tcell.KeyEnter)
	want := Export{Format: "md", File: "b.md", Flows: []flow.ID{1, 2, 3, 4, 5, 6, 7, 8, 9}}
	if diff := cmp.Diff(want, <-wrote); diff != "" {
		t.Errorf("written is (-want +got):\n%s", diff)
	}
	s.sees("wrote 9 flows to /tmp/b.md; 3 values redacted: 3 token")
	s.types("e")
	s.sees("detour-run-2.md") // another name
	s.types(tcell.KeyEscape)
	s.sees("EC2 DescribeInstances")
}

func TestExport_ofNothingSaysSo(t *testing.T) {
	s := start(t, 80, 24, &stage{}, exporting(nil), Options{})
	s.types("e")
	s.sees("e: there are no flows yet")
	s = start(t, 80, 24, finished(), Actions{}, Options{})
	s.sees("DescribeInst")
	s.types("e")
	s.sees("e: exporting isn't possible here")
}

func TestTakenOut_saysThatSecretsAreKept(t *testing.T) {
	for _, c := range []struct {
		x    Exported
		want string
	}{
		{Exported{Secrets: true, Redacted: map[string]int{"a": 1}}, "NOTHING is redacted"},
		{Exported{}, "nothing had to be redacted"},
		{Exported{Redacted: map[string]int{"token": 1}}, "1 value redacted: 1 token"},
	} {
		if got := redactions(c.x); !strings.HasPrefix(got, c.want) {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// TestExport_ofWhatIsStrictOffersNothingElse: the form mustn't say that it exports what isn't there.
func TestExport_ofWhatIsStrictOffersNothingElse(t *testing.T) {
	asked := make(chan Export, 10)
	count := func(_ context.Context, x Export) (Exported, error) { asked <- x; return Exported{}, nil }
	s := start(t, 120, 30, finished(), Actions{Export: ExportActions{Strict: true, Write: count, Count: count}}, Options{})
	s.sees("EC2 DescribeInstances")
	s.types("e")
	s.sees("[strict]")
	s.lacks("normal")
	if x := <-asked; !x.Strict {
		t.Errorf("it asks for %+v", x)
	}
}
