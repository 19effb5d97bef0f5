package choose

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/gdamore/tcell/v2"

	"detour/ui/pane"
)

func options(screen tcell.Screen, n int) Options {
	o := Options{Title: "Captures of earlier runs", Noun: "capture", Verb: "open", Screen: screen, Columns: []Column{
		{Head: "BEGAN"}, {Head: "REQUESTS", Right: true}, {Head: "FINDINGS"},
	}}
	for i := range n {
		o.Items = append(o.Items, Item{Cells: []string{fmt.Sprintf("today 10:%02d", i), fmt.Sprint(i * 100), "host-" + fmt.Sprint(i) + " doesn't respond"}})
	}
	return o
}

// screen is a terminal of 80x24 that will get keys: names in <>, or a text.
func screen(t *testing.T, keys ...any) tcell.SimulationScreen {
	t.Helper()
	s := &sized{tcell.NewSimulationScreen("UTF-8"), keys}
	return s
}

// sized is 80x24 after Init, and has its keys then.
type sized struct {
	tcell.SimulationScreen
	keys []any
}

func (s *sized) Init() error {
	err := s.SimulationScreen.Init()
	s.SetSize(80, 24)
	go func() { // its queue is short
		for _, k := range s.keys {
			switch k := k.(type) {
			case tcell.Key:
				s.InjectKey(k, 0, tcell.ModNone)
			case string:
				for _, r := range k {
					s.InjectKey(tcell.KeyRune, r, tcell.ModNone)
				}
			}
		}
	}()
	return err
}

func TestRun_anItemIsChosenWithKeys(t *testing.T) {
	for name, tc := range map[string]struct {
		keys []any
		want int // -1: none
	}{
		"the first":              {[]any{tcell.KeyEnter}, 0},
		"arrows":                 {[]any{tcell.KeyDown, tcell.KeyDown, tcell.KeyUp, tcell.KeyEnter}, 1},
		"letters":                {[]any{"jjjk", tcell.KeyEnter}, 2},
		"the last":               {[]any{"G", tcell.KeyEnter}, 59},
		"a page":                 {[]any{tcell.KeyPgDn, tcell.KeyEnter}, 19},
		"beyond the ends":        {[]any{"kkk", tcell.KeyEnd, "jj", tcell.KeyHome, tcell.KeyUp, tcell.KeyEnter}, 0},
		"a filter":               {[]any{"/host-41", tcell.KeyEnter}, 41},
		"a filter of words":      {[]any{"/RESPOND 10:07", tcell.KeyEnter}, 7},
		"a filter and an arrow":  {[]any{"/host-4", tcell.KeyDown, tcell.KeyDown, tcell.KeyEnter}, 41},
		"a filter with q and j":  {[]any{"/qj", tcell.KeyEscape, "j", tcell.KeyEnter}, 1},
		"no match, then less":    {[]any{"/host-5x", tcell.KeyEnter, tcell.KeyBackspace2, tcell.KeyEnter}, 5},
		"the filter is given up": {[]any{"/x", tcell.KeyBackspace2, tcell.KeyBackspace2, "q"}, -1},
		"q":                      {[]any{"q"}, -1},
		"Esc":                    {[]any{tcell.KeyEscape}, -1},
		"Esc twice":              {[]any{"/x", tcell.KeyEscape, tcell.KeyEscape}, -1},
		"Ctrl-C":                 {[]any{"/x", tcell.KeyCtrlC}, -1},
	} {
		n, ok, err := Run(t.Context(), options(screen(t, tc.keys...), 60))
		if err != nil || ok != (tc.want >= 0) || ok && n != tc.want {
			t.Errorf("%s: %d, %v, %v", name, n, ok, err)
		}
	}
}

func TestRun_endsWithItsContext(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	s := screen(t)
	done := make(chan bool)
	go func() {
		_, ok, err := Run(ctx, options(s, 1))
		done <- !ok && err == nil
	}()
	stop()
	if !<-done {
		t.Error("something was chosen")
	}
}

// shown is what a screen of a size shows of a list.
func shown(t *testing.T, o Options, w, h int, keys string) string {
	t.Helper()
	s := tcell.NewSimulationScreen("UTF-8")
	if err := s.Init(); err != nil {
		t.Fatal(err)
	}
	defer s.Fini()
	s.SetSize(w, h)
	l := newList(o.Items)
	for _, r := range keys {
		l.letter(r)
	}
	o.show(s, pane.Theme{}, l)
	cells, _, _ := s.GetContents()
	var b strings.Builder
	for y := range h {
		var line strings.Builder
		for x := range w {
			line.WriteString(string(cells[y*w+x].Runes))
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	return b.String()
}

func TestDraw_fits80x24AndSmaller(t *testing.T) {
	got := shown(t, options(nil, 60), 80, 24, "G")
	for _, want := range []string{
		"Captures of earlier runs\n\nBEGAN        REQUESTS  FINDINGS\n", "today 10:59      5900  host-59 doesn't respond\n", "\n60 captures\n↑↓ j k move   / filter   Enter open   q leave\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
	if got := shown(t, options(nil, 60), 80, 24, "/host-12"); !strings.Contains(got, "\n/host-12  1 of 60 captures\n") || strings.Contains(got, "host-13") {
		t.Error(got)
	}
	if got := shown(t, options(nil, 3), 80, 24, "/nothing"); !strings.Contains(got, "no capture matches; Esc shows all") {
		t.Error(got)
	}
	for _, size := range [][2]int{{1, 1}, {20, 4}, {5, 30}} {
		shown(t, options(nil, 60), size[0], size[1], "GkG")
	}
}

// TestDraw_foreignTextsCantMoveTheCursor: a file's name or a finding's title may be hostile.
func TestDraw_foreignTextsCantMoveTheCursor(t *testing.T) {
	o := options(nil, 1)
	o.Items[0].Cells[2] = "\x1b[2Jevil\u202e\nx"
	if got := shown(t, o, 80, 24, ""); strings.ContainsAny(got, "\x1b\u202e") || !strings.Contains(got, "evil") {
		t.Errorf("%q", got)
	}
}
