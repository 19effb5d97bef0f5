package ui

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/gdamore/tcell/v2"
)

func TestParseColumns_readsWhatItWrites(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{"default", ""},
		{" time  call:40 host ", "time call:40 host"},
		{"+note -dns +host:30", "+note -dns +host:30"},
	} {
		got, err := parseColumns(c.text)
		if err != nil || got.String() != c.want {
			t.Errorf("parseColumns(%q) = %q, %v; want %q", c.text, got, err, c.want)
		}
	}
}

func TestParseColumns_saysWhatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		"time nope":   "there is no column nope; one of time, origin",
		"time +note":  "either all columns",
		"time time":   "time is there twice",
		"+note -note": "note is there twice",
		"host:x":      "a width is 2 to 400 cells",
		"host:1":      "a width is 2 to 400 cells",
		"-host:40":    "a width is 2 to 400 cells",
		"host:99999":  "a width is 2 to 400 cells",
		"+":           "there is no column ;",
		"ho\x1bst":    "there is no column ho\ufffdst",
	} {
		if c, err := parseColumns(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("parseColumns(%q) = %q, %v; want %q", text, c, err, want)
		}
	}
}

func FuzzParseColumns(f *testing.F) {
	f.Add("time call:40 host")
	f.Add("+note -dns +host:30")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := parseColumns(text)
		if err != nil {
			return
		}
		if again, err := parseColumns(c.String()); err != nil || again.String() != c.String() {
			t.Errorf("%q is read as %q, and that as %q, %v", text, c, again, err)
		}
		for _, w := range []int{0, 40, 120, 300} {
			if cols := c.columns(layouts(), w); len(cols) == 0 || cols[0].title != "" {
				t.Errorf("%q has no sign at %d cells", text, w)
			}
		}
	})
}

// TestColumnChoice_inEveryLayout: what is asked for is there where there is room, with
// its width, and the last ones give way where there isn't.
func TestColumnChoice_inEveryLayout(t *testing.T) {
	for _, c := range []struct {
		choice string
		w      int
		want   string
	}{
		{"", 160, "time origin call host dns tcp tls status total"},
		{"", 80, "time origin call dns result"},
		{"-dns +note", 80, "time origin call result note"},
		{"-dns -origin +note", 80, "time call result note"},
		{"+call:20", 80, "time origin call:20 dns result"},
		{"time origin call dns result", 80, "time origin call dns result"},
		{"id call:30 host:30", 160, "id call:30 host:30"},
		{"id call:30 host:30", 60, "id call:30"},
	} {
		choice, err := parseColumns(c.choice)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, col := range choice.columns(layouts(), c.w)[1:] {
			s := col.name
			if col.min == col.max {
				s += ":" + strconv.Itoa(col.min)
			}
			got = append(got, s)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%q at %d cells is %q, want %q", c.choice, c.w, s, c.want)
		}
	}
}

func TestColumns_areRememberedAndTakenOver(t *testing.T) {
	saved := make(chan string, 1)
	act := Actions{SaveColumns: func(words string) error {
		if words == "id" {
			return errors.New("no space left on device")
		}
		saved <- words
		return nil
	}}
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
	s.sees("columns, in other runs too: what fits the screen")
	s.types(":columns id", tcell.KeyEnter)
	s.sees("no space left on device")
	s.types(tcell.KeyEscape, ":columns call", tcell.KeyEnter)
	<-saved
	s.types(":hide call", tcell.KeyEnter)
	s.sees("it is the last one")
}

func TestColumns_ofBeforeThatCantBeReadAreSaid(t *testing.T) {
	s := start(t, 120, 30, finished(), Actions{}, Options{Columns: "time nope"})
	s.sees("columns: there is no column nope")
	s.sees("TIME     ORIGIN")
}

func TestChooser_ticksPlacesAndWidens(t *testing.T) {
	saved := make(chan string, 1)
	act := Actions{SaveColumns: func(words string) error { saved <- words; return nil }}
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
	s.sees("it is the last one")
	s.types(tcell.KeyEscape, "4c")
	s.sees("c does nothing here")
	s.types(":columns", tcell.KeyEnter)
	s.sees("the table of groups has its own columns")
}

func TestChooser_onASmallScreenIsInTheTablesPlace(t *testing.T) {
	s := start(t, 80, 16, finished(), Actions{}, Options{})
	s.sees("EC2 Describe")
	s.types("ckk") // from the first row around to the last ones
	s.sees("▸ [ ] range")
	s.types(tcell.KeyDown, tcell.KeyDown, tcell.KeyLeft)
	s.sees("▸ [x] time    7 set")
}
