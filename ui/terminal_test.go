package ui

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gdamore/tcell/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/rivo/uniseg"

	"detour/internal/leaktest"
	"detour/ui/flowtest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestMain(m *testing.M) { leaktest.Main(m) }

// A terminal is a simulated screen that keeps what was shown last as text. The
// picture is taken on the goroutine that draws, right after it drew.
type terminal struct {
	tcell.SimulationScreen

	mu     sync.Mutex
	w, h   int
	resize bool
	text   string
	cells  []tcell.SimCell
	frames int
	fini   int
}

func newTerminal(w, h int) *terminal {
	return &terminal{SimulationScreen: tcell.NewSimulationScreen("UTF-8"), w: w, h: h}
}

func (t *terminal) Init() error {
	if err := t.SimulationScreen.Init(); err != nil {
		return err
	}
	t.SetSize(t.w, t.h)
	return nil
}

// Size is asked for before each drawing, so a new size is taken on here.
func (t *terminal) Size() (int, int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.resize {
		t.resize = false
		t.SetSize(t.w, t.h)
	}
	return t.SimulationScreen.Size()
}

func (t *terminal) Show() {
	t.SimulationScreen.Show()
	cells, w, h := t.GetContents()
	var b strings.Builder
	for y := range h {
		line := ""
		for x := 0; x < w; {
			c := string(cells[y*w+x].Runes)
			line += c
			x += max(1, uniseg.StringWidth(c))
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = b.String()
	t.cells = append(t.cells[:0], cells...)
	t.frames++
}

func (t *terminal) Fini() {
	t.mu.Lock()
	t.fini++
	t.mu.Unlock()
	t.SimulationScreen.Fini()
}

func (t *terminal) shown() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text
}

// patience is how long a picture may take, with the race detector and on a busy machine.
const patience = 5 * time.Minute

// A session is Run on a terminal.
type session struct {
	*testing.T
	term   *terminal
	cancel context.CancelFunc
	done   chan error
}

// start runs the table and waits for its first frame. It is ended with the test.
func start(t *testing.T, w, h int, src Source, act Actions, opt Options) *session {
	t.Helper()
	return startOn(t, newTerminal(w, h), src, act, opt)
}

// startOn is start on a terminal of one's own.
func startOn(t *testing.T, term *terminal, src Source, act Actions, opt Options) *session {
	t.Helper()
	opt.Screen = term
	opt.AWS = awsNames()
	if opt.Now == nil {
		opt.Now = func() time.Time { return flowtest.At(13_300) }
	}
	if opt.Facts == nil {
		opt.Facts = func() []Fact {
			return []Fact{{"proxy", "127.0.0.1:8080"}, {"browser", "chromium"}, {"DNS", "10.0.0.2"}}
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	s := &session{t, term, cancel, make(chan error, 1)}
	go func() { s.done <- Run(ctx, src, act, opt) }()
	t.Cleanup(func() {
		cancel()
		s.ended()
	})
	s.until("the first frame", func(text string) bool { return text != "" })
	return s
}

// ended waits for Run to return.
func (s *session) ended() error {
	s.Helper()
	select {
	case err := <-s.done:
		s.done <- err
		return err
	case <-time.After(patience):
		s.Fatal("Run did not return")
		return nil
	}
}

// until waits for a picture.
func (s *session) until(what string, ok func(text string) bool) string {
	s.Helper()
	deadline := time.Now().Add(patience)
	for {
		text := s.term.shown()
		if ok(text) {
			return text
		}
		if time.Now().After(deadline) {
			s.Fatalf("no picture with %s; the last one:\n%s", what, text)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// sees waits for a text on the screen.
func (s *session) sees(want string) string {
	s.Helper()
	return s.until(want, func(text string) bool { return strings.Contains(text, want) })
}

// lacks waits for a text to be gone.
func (s *session) lacks(unwanted string) {
	s.Helper()
	s.until("no "+unwanted, func(text string) bool { return !strings.Contains(text, unwanted) })
}

// types presses keys: a string is characters, a tcell.Key itself.
func (s *session) types(keys ...any) {
	for _, k := range keys {
		switch k := k.(type) {
		case string:
			for _, r := range k {
				s.term.InjectKey(tcell.KeyRune, r, tcell.ModNone)
			}
		case tcell.Key:
			s.term.InjectKey(k, 0, tcell.ModNone)
		}
	}
}

// pastes hands over a text at once.
func (s *session) pastes(text string) {
	s.post(tcell.NewEventPaste(true))
	s.types(text)
	s.post(tcell.NewEventPaste(false))
}

// post hands the terminal an event, when it has room for one.
func (s *session) post(ev tcell.Event) {
	for s.term.PostEvent(ev) != nil {
		time.Sleep(time.Millisecond)
	}
}

// golden compares a text with a file in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (make it with -update)", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}
