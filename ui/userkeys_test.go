package ui

import (
	"strings"
	"testing"

	"github.com/gdamore/tcell/v2"

	"detour/internal/flow"
)

func TestKeys_standForActionsInThePlaceOfTheirLetters(t *testing.T) {
	marked := make(chan flow.ID, 4)
	keys := Keys{}
	for _, b := range []string{"mark=M", "down=k", "up=j", "help = F1", "note=Ctrl-N"} {
		if err := keys.Add(b); err != nil {
			t.Fatal(err)
		}
	}
	if err := keys.Check(); err != nil {
		t.Fatal(err)
	}
	s := start(t, 120, 60, finished(), Actions{Edit: EditActions{Mark: func(id flow.ID) error { marked <- id; return nil }}},
		Options{Keys: keys})
	s.sees("EC2 DescribeInstances")
	s.types("gkM")
	if id := <-marked; id != 3 {
		t.Errorf("#%d is marked, want 3", id)
	}
	s.types("m")
	s.sees("m does nothing here")
	s.types("j")
	s.sees("row 1 of 6")
	s.types(tcell.KeyDown) // arrows go on
	s.sees("row 2 of 6")
	s.types(tcell.KeyF1)
	text := s.sees("Your key bindings")
	for _, want := range []string{
		"\n M             mark or unmark the row", "\n Ctrl-N        add a note",
		"\n k j ↓ ↑       next and previous row", "\n F1            show these keys",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the help lacks %q:\n%s", want, text)
		}
	}
}

func TestKeys_mistakesAreSaid(t *testing.T) {
	for binding, want := range map[string]string{
		"mrak=M":      `unknown action "mrak"; choose one of all, back, `,
		"mark":        `"" isn't a key`,
		"mark=MM":     `"MM" isn't a key; use a character, Ctrl-E or F5`,
		"mark=3":      "3 is the key of a view or a tab",
		"mark=Ctrl-C": "Ctrl-C is reserved",
		"mark=\x1b":   "isn't a key",
	} {
		if err := (Keys{}).Add(binding); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", binding, err, want)
		}
	}
	twice := Keys{"mark": "M"}
	if err := twice.Add("mark=X"); err == nil || err.Error() != "mark has the key M already" {
		t.Errorf("bound twice: %v", err)
	}
	for want, keys := range map[string]Keys{
		"": {"mark": "u", "unread": "m"},
		"y can't be the key of mark: it is the key of copy":           {"mark": "y"},
		"Ctrl-F can't be the key of note: it is the key of page-down": {"note": "Ctrl-F"},
	} {
		err := keys.Check()
		if got := ""; err != nil {
			if got = err.Error(); got != want {
				t.Errorf("%v: %s, want %s", keys, got, want)
			}
		} else if want != "" {
			t.Errorf("%v is no mistake, want %s", keys, want)
		}
	}
	if err := (Keys{"mark": "M", "note": "M"}).Check(); err == nil {
		t.Error("a key is taken twice")
	}
}

// TestCommands_noKeyStandsForTwo in one place, whatever was bound.
func TestCommands_noKeyStandsForTwo(t *testing.T) {
	cs := keyActions(&app{}, builtIn(), nil)
	for i, c := range cs {
		for _, d := range cs[i+1:] {
			if k := sharedKey(c, d); k != "" && c.on&d.on != 0 {
				t.Errorf("%s is %q and %q", k, c.long, d.long)
			}
		}
		if c.run != nil && c.name == "" && !strings.ContainsAny(c.show, "123456789") {
			t.Errorf("%s has no name", c.show)
		}
	}
}
