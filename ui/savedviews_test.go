package ui

import (
	"errors"
	"strings"
	"testing"

	"github.com/gdamore/tcell/v2"

	"detour/internal/filter"
	"detour/ui/flowtest"
	"detour/ui/table"
)

func TestSavedViews_areKeptAndShown(t *testing.T) {
	saved := make(chan SavedView, 1)
	act := Actions{Save: SaveActions{View: func(v SavedView) error {
		saved <- v
		return nil
	}}}
	s := start(t, 120, 30, finished(), act, Options{})
	s.sees("EC2 DescribeInstances")
	s.types("0")
	s.sees("0: there are no saved views")
	s.types("6/tcp:timeout", tcell.KeyEnter, ":save stuck", tcell.KeyEnter)
	if v := <-saved; v != (SavedView{Name: "stuck", Base: "all", Filter: "tcp:timeout"}) {
		t.Errorf("saved is %+v", v)
	}
	s.sees("stuck: saved: all, tcp:timeout; 0 shows it")
	s.sees("3 flows, 6 hidden")
	s.types("1")
	s.sees("6 AWS calls, 3 hidden")
	s.types("0")
	s.sees("3 flows, 6 hidden")
	s.types("/logs", tcell.KeyEnter, ":save stucklogs", tcell.KeyEnter)
	if v := <-saved; v != (SavedView{Name: "stucklogs", Base: "all", Filter: "(tcp:timeout) (logs)"}) {
		t.Errorf("saved is %+v", v)
	}
	s.types("10")
	s.sees("which view?")
	s.types("2")
	s.sees("1 flow, 8 hidden")
	s.types("1:view stu", tcell.KeyTab)
	s.sees(":view stuck")
}

// TestSavedViews_holdThePictureAsItIs: its flows, filter, order, groups, columns and digit.
func TestSavedViews_holdThePictureAsItIs(t *testing.T) {
	saved := make(chan SavedView, 1)
	act := Actions{Save: SaveActions{View: func(v SavedView) error {
		saved <- v
		return nil
	}}}
	s := start(t, 120, 30, finished(), act, Options{})
	s.sees("EC2 DescribeInstances")
	s.types("/tcp:timeout", tcell.KeyEnter, ":sort total", tcell.KeyEnter, ":columns id total:12 call", tcell.KeyEnter,
		":save 7 silent calls", tcell.KeyEnter)
	want := SavedView{Name: "silent calls", Digit: 7, Base: "calls", Filter: "tcp:timeout", Sort: "total", Columns: "id total:12 call"}
	if v := <-saved; v != want {
		t.Errorf("saved is %+v, want %+v", v, want)
	}
	s.sees("silent calls: saved: calls, tcp:timeout, sorted by total, columns id total:12 call; 7 shows it")
	s.types("1:columns default", tcell.KeyEnter)
	s.sees("TIME     ORIGIN")
	s.types("7")
	s.sees("3 AWS calls, 6 hidden (a: all) · sorted by total▼")
	s.sees("    #       TOTAL▼ CALL")
	s.types(":group host", tcell.KeyEnter, ":sort flows up", tcell.KeyEnter, ":save", tcell.KeyEnter)
	want.Group, want.Sort = "host", "flows up"
	if v := <-saved; v != want {
		t.Errorf("brought up to date is %+v, want %+v", v, want)
	}
	s.types(":group off", tcell.KeyEnter, ":hide id", tcell.KeyEnter)
	want.Columns = "total:12 call"
	if v := <-saved; v != want {
		t.Errorf("its columns changed is %+v, want %+v", v, want)
	}
	s.sees("columns saved in silent calls: total:12 call")
	s.lacks("of 2 groups") // what isn't saved stays as it is
	s.types("?", tcell.KeyPgDn)
	s.sees("silent calls: saved: calls, tcp:timeout, by host, sorted by flows up")
}

func TestSavedViews_mistakesAreSaid(t *testing.T) {
	act := Actions{Save: SaveActions{View: func(SavedView) error { return errors.New("no space left on device") }}}
	s := start(t, 120, 30, finished(), act, Options{Filter: "logs"})
	s.sees("DescribeL")
	for text, want := range map[string]string{
		"save":                            "give the view a name",
		"save 9":                          "give the view a name",
		"save 10 x":                       "a digit is 1 to 9",
		"save calls":                      "calls is a built-in view",
		"save " + strings.Repeat("x", 33): "1 to 32 characters",
		"save mine":                       "no space left on device",
		"view nothing":                    "one of calls, direct",
		"forget calls":                    "no saved view has that name",
	} {
		s.types(":")
		s.pastes(text)
		s.types(tcell.KeyEnter)
		s.sees(want)
		s.types(tcell.KeyEscape)
	}
	s.types("4", tcell.KeyEnter, ":group step", tcell.KeyEnter, tcell.KeyEnter, ":save x", tcell.KeyEnter)
	s.sees("a view can't save a single step; Esc goes back to the groups")
}

func TestSavedViews_ofBeforeAreThere(t *testing.T) {
	s := start(t, 120, 30, finished(), Actions{}, Options{Views: []SavedView{
		{Name: "bad\x1b[2J", Filter: "logs"},
		{Name: "older", Digit: 2, Filter: "logs"},
		{Name: "stuck", Digit: 2, Filter: "tcp:timeout"},
	}})
	s.sees("the view bad␛[2J: ")
	s.sees("EC2 DescribeInstances")
	s.types("2")
	s.sees("3 flows, 6 hidden")
	checkCells(t, s.term)
	s.types(":view older", tcell.KeyEnter)
	s.sees("older: saved: all, logs")
	s.types(":view direct", tcell.KeyEnter)
	s.sees("4 direct calls, 5 hidden")
	s.types("6/logs", tcell.KeyEnter, ":save own", tcell.KeyEnter)
	s.sees("own, for this run: saved: all, logs")
	s.types(":forget stuck", tcell.KeyEnter)
	s.sees("deleted stuck")
	s.types("2")
	s.sees("4 direct calls, 5 hidden")
}

func TestSavedView_whatCantBeReadIsRefused(t *testing.T) {
	for _, c := range []struct {
		s    SavedView
		want string
	}{
		{SavedView{}, "a name has"},
		{SavedView{Name: "x", Digit: 10}, "a digit"},
		{SavedView{Name: "x", Base: "nope"}, "no built-in view nope"},
		{SavedView{Name: "x", Filter: "(("}, ""},
		{SavedView{Name: "x", Group: "nope"}, "there is no group nope"},
		{SavedView{Name: "x", Sort: "total sideways"}, "up or down"},
		{SavedView{Name: "x", Columns: "nope"}, "unknown column nope"},
	} {
		if _, err := c.s.view(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.s, err, c.want)
		}
	}
}

// TestGroupings_filtersLetTheirGroupThrough: a group that is looked into can be saved
// as the filter that its grouping names.
func TestGroupings_filtersLetTheirGroupThrough(t *testing.T) {
	m := newModel(flowtest.Start)
	m.accept(snapshot{flows: append(flowtest.Story(true), flowtest.WithBodies()...)}, flowtest.Start)
	for _, g := range table.Groupings() {
		if g.Filter == "" {
			continue
		}
		for _, f := range m.flows {
			key := g.Key(m.row(f))
			if key == "" {
				continue
			}
			x, err := filter.Parse(filter.Equals(g.Filter, key))
			if err != nil {
				t.Fatal(err)
			}
			for _, y := range m.flows {
				if got, want := x.Match(y, flowtest.Start), g.Key(m.row(y)) == key; got != want {
					t.Errorf("%s: flow %d passes %s: %v, want %v", g.Name, y.ID, x.Text(), got, want)
				}
			}
		}
	}
}
