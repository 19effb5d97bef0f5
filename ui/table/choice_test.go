package table

import (
	"strconv"
	"strings"
	"testing"
)

func TestParseChoice_readsWhatItWrites(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{"default", ""},
		{" time  call:40 host ", "time call:40 host"},
		{"+note -dns +host:30", "+note -dns +host:30"},
	} {
		got, err := ParseChoice(c.text)
		if err != nil || got.String() != c.want {
			t.Errorf("ParseChoice(%q) = %q, %v; want %q", c.text, got, err, c.want)
		}
	}
}

func TestParseChoice_saysWhatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		"time nope":   "unknown column nope; choose one of time, origin",
		"time +note":  "either all columns",
		"time time":   "time is listed twice",
		"+note -note": "note is listed twice",
		"host:x":      "a width is 2 to 400 cells",
		"host:1":      "a width is 2 to 400 cells",
		"-host:40":    "a width is 2 to 400 cells",
		"host:99999":  "a width is 2 to 400 cells",
		"+":           "unknown column ;",
		"ho\x1bst":    "unknown column ho\ufffdst",
	} {
		if c, err := ParseChoice(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseChoice(%q) = %q, %v; want %q", text, c, err, want)
		}
	}
}

func FuzzParseChoice(f *testing.F) {
	f.Add("time call:40 host")
	f.Add("+note -dns +host:30")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseChoice(text)
		if err != nil {
			return
		}
		if again, err := ParseChoice(c.String()); err != nil || again.String() != c.String() {
			t.Errorf("%q is read as %q, and that as %q, %v", text, c, again, err)
		}
		for _, w := range []int{0, 40, 120, 300} {
			if cols := c.Columns(w); len(cols) == 0 || cols[0].title != "" {
				t.Errorf("%q has no sign at %d cells", text, w)
			}
		}
	})
}

// TestChoice_inEveryLayout: what is asked for is there where there is room, with
// its width, and the last ones give way where there isn't.
func TestChoice_inEveryLayout(t *testing.T) {
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
		choice, err := ParseChoice(c.choice)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, col := range choice.Columns(c.w)[1:] {
			s := col.Name
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
