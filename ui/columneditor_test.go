package ui

import (
	"errors"
	"testing"

	"github.com/gdamore/tcell/v2"
)

func TestColumns_areRememberedAndTakenOver(t *testing.T) {
	saved := make(chan string, 1)
	act := Actions{Save: SaveActions{Columns: func(words string) error {
		if words == "id" {
			return errors.New("no space left on device")
		}
		saved <- words
		return nil
	}}}
	s := start(t, 160, 30, finished(), act, Options{Columns: "id call:60 size"})
	s.sees("    # CALL                                                             SIZE")
	for _, c := range []struct{ command, kept string }{
		{":show region", "id call:60 size region"},
		{":show call:20", "id call:20 size region"},
		{":hide size", "id call:20 region"},
		{":columns +note -dns", "+note -dns"},
		{":hide note", "-dns -note"},
		{":show dns", "+dns -note"},
		{":columns default", ""},
	} {
		s.types(c.command, tcell.KeyEnter)
		if got := <-saved; got != c.kept {
			t.Errorf("%s: kept is %q, want %q", c.command, got, c.kept)
		}
	}
	s.sees("columns saved: those that fit the screen")
	s.types(":columns id", tcell.KeyEnter)
	s.sees("no space left on device")
	s.types(tcell.KeyEscape, ":columns call", tcell.KeyEnter)
	<-saved
	s.types(":hide call", tcell.KeyEnter)
	s.sees("the last column can't be hidden")
}

func TestColumns_ofBeforeThatCantBeReadAreSaid(t *testing.T) {
	s := start(t, 120, 30, finished(), Actions{}, Options{Columns: "time nope"})
	s.sees("columns: unknown column nope")
	s.sees("TIME     ORIGIN")
}

func TestChooser_ticksPlacesAndWidens(t *testing.T) {
	saved := make(chan string, 1)
	act := Actions{Save: SaveActions{Columns: func(words string) error { saved <- words; return nil }}}
	s := start(t, 120, 35, finished(), act, Options{})
	s.sees("EC2 DescribeInstances")
	s.types("c")
	s.sees("▸ [x] time")
	s.sees("EC2 DescribeInstances") // the table is above
	s.types(" ")
	s.sees("▸ [ ] time")
	s.lacks("10:28:00")
	s.types("jJ", tcell.KeyRight) // origin, after call, wider
	s.sees("▸ [x] origin  10 set")
	golden(t, "chooser-120x35", s.sees("    CALL"))
	s.types(tcell.KeyEnter)
	if got, want := <-saved, "call origin:10 dns tcp tls status total"; got != want {
		t.Errorf("kept is %q, want %q", got, want)
	}
	s.types("c")
	s.sees("▸ [x] call")
	s.types("d")
	s.sees("▸ [x] time")
	s.types(tcell.KeyEscape) // leaves it as it was
	s.lacks("[x]")
	s.sees("    CALL")
	s.types(":columns call", tcell.KeyEnter)
	<-saved
	s.types("c ")
	s.sees("the last column can't be hidden")
	s.types(tcell.KeyEscape, "4c")
	s.sees("c does nothing here")
	s.types(":columns", tcell.KeyEnter)
	s.sees("groups have fixed columns")
}

func TestChooser_onASmallScreenIsInTheTablesPlace(t *testing.T) {
	s := start(t, 80, 16, finished(), Actions{}, Options{})
	s.sees("EC2 Describe")
	s.types("ckk") // from the first row around to the last ones
	s.sees("▸ [ ] range")
	s.types(tcell.KeyDown, tcell.KeyDown, tcell.KeyLeft)
	s.sees("▸ [x] time    7 set")
}
