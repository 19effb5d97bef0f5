package ui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gdamore/tcell/v2"

	"detour/internal/flow"
	"detour/ui/flowtest"
)

func finished() *stage {
	return &stage{flows: flowtest.Story(true), findings: flowtest.Findings(false)}
}

func TestRun_endsOnQCtrlCAndContext(t *testing.T) {
	for name, leave := range map[string]func(*session){
		"q":       func(s *session) { s.types("q") },
		"ctrl-c":  func(s *session) { s.types(tcell.KeyCtrlC) },
		"typing":  func(s *session) { s.types("/abc", tcell.KeyCtrlC) },
		"help":    func(s *session) { s.types("?", tcell.KeyCtrlC) },
		"context": func(s *session) { s.cancel() },
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, 80, 24, finished(), Actions{}, Options{})
			s.sees("EC2 DescribeInstances")
			leave(s)
			if err := s.ended(); err != nil {
				t.Errorf("Run = %v, want nil", err)
			}
			if s.term.fini == 0 {
				t.Error("the terminal was not restored")
			}
		})
	}
}

func TestRun_endsWhenContextHasEndedBefore(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	term := newTerminal(80, 24)
	if err := Run(ctx, finished(), Actions{}, Options{Screen: term}); err != nil || term.fini == 0 {
		t.Errorf("Run = %v with %d restorations, want nil and one", err, term.fini)
	}
}

// TestRun_endsUnderLoad leaves while news comes in without end: the update that
// is under way must not hang.
func TestRun_endsUnderLoad(t *testing.T) {
	src := finished()
	stop := make(chan struct{})
	fed := make(chan struct{})
	go func() {
		defer close(fed)
		for id := flow.ID(10); ; id++ {
			select {
			case <-stop:
				return
			default:
				src.set(flowtest.Story(id%2 == 0), flowtest.Findings(false))
			}
		}
	}()
	for range 5 {
		s := start(t, 80, 24, src, Actions{}, Options{})
		s.types("jjj")
		s.types("Q")
		if err := s.ended(); err != nil {
			t.Errorf("Run = %v", err)
		}
	}
	close(stop)
	<-fed
}

func TestRun_terminalErrorIsReturned(t *testing.T) {
	s := start(t, 80, 24, finished(), Actions{}, Options{})
	broken := errors.New("tty is gone")
	s.post(tcell.NewEventError(broken))
	if err := s.ended(); err == nil || !strings.Contains(err.Error(), "tty is gone") {
		t.Errorf("Run = %v, want %v", err, broken)
	}
}

type brokenTerminal struct{ *terminal }

func (brokenTerminal) Init() error { return errors.New("no such terminal") }

func TestRun_terminalThatCannotBeOpened(t *testing.T) {
	err := Run(t.Context(), finished(), Actions{}, Options{Screen: brokenTerminal{newTerminal(80, 24)}})
	if err == nil || !strings.Contains(err.Error(), "no such terminal") {
		t.Errorf("Run = %v, want the terminal's error", err)
	}
}

// TestRun_panicRestoresTheTerminalFirst: on the loop while drawing, and in the painter.
func TestRun_panicRestoresTheTerminalFirst(t *testing.T) {
	for name, c := range map[string]struct {
		src Source
		opt Options
	}{
		"drawing": {finished(), Options{Facts: func() []Fact { panic("boom") }}},
		"reading": {&explosive{}, Options{}},
	} {
		t.Run(name, func(t *testing.T) {
			term := newTerminal(80, 24)
			c.opt.Screen = term
			defer func() {
				p := recover()
				if p == nil || !strings.Contains(fmt.Sprint(p), "boom") {
					t.Errorf("recovered %v, want the panic", p)
				}
				if term.fini == 0 {
					t.Error("the terminal was not restored before the panic went on")
				}
			}()
			_ = Run(t.Context(), c.src, Actions{}, c.opt)
		})
	}
}

type explosive struct{ stage }

func (*explosive) Flows() []*flow.Flow { panic("boom") }

// TestPainter_drawsNothingWithoutNews: no frame and no reading while nothing changes.
func TestPainter_drawsNothingWithoutNews(t *testing.T) {
	src := finished()
	s := start(t, 80, 24, src, Actions{}, Options{})
	s.sees("TIMEOUT")
	count := func() (frames, reads int) {
		s.term.mu.Lock()
		defer s.term.mu.Unlock()
		src.mu.Lock()
		defer src.mu.Unlock()
		return s.term.frames, src.reads
	}
	frames, reads := count()
	time.Sleep(2 * clockEvery) // there is nothing to wait for: that is the claim
	if f, r := count(); f != frames || r != reads {
		t.Errorf("%d frames and %d readings without news, want none", f-frames, r-reads)
	}
	src.set(append(flowtest.Story(true), flowtest.Plain(30)), nil)
	s.sees("Describe30")
	if f, _ := count(); f != frames+1 {
		t.Errorf("%d frames for one change, want 1", f-frames)
	}
}

// TestPainter_movesClocks: a pending row is drawn again although no news comes.
func TestPainter_movesClocks(t *testing.T) {
	var now atomic.Int64
	now.Store(13_300)
	s := start(t, 80, 24, &stage{flows: flowtest.Story(false)}, Actions{},
		Options{Now: func() time.Time { return flowtest.At(int(now.Load())) }})
	s.sees("connecting 12 s")
	now.Store(21_300)
	s.sees("connecting 20 s")

	s.types("f")
	s.sees("FROZEN")
	now.Store(31_300)
	s.types("j")
	if text := s.sees("row 6 of 6"); !strings.Contains(text, "connecting 20 s") {
		t.Error("a frozen picture moved on")
	}
	s.types("f")
	s.sees("connecting 30 s")
}

// TestPainter_boundsTheFrames: a flood of news is drawn at most fifteen times a second.
func TestPainter_boundsTheFrames(t *testing.T) {
	src := finished()
	s := start(t, 80, 24, src, Actions{}, Options{})
	s.sees("TIMEOUT")
	s.term.mu.Lock()
	before := s.term.frames
	s.term.mu.Unlock()
	begin := time.Now()
	for time.Since(begin) < 500*time.Millisecond {
		src.set(flowtest.Story(true), nil)
	}
	s.term.mu.Lock()
	defer s.term.mu.Unlock()
	if n, most := s.term.frames-before, int(time.Since(begin)/frameEvery)+2; n > most {
		t.Errorf("%d frames in %v, want at most %d", n, time.Since(begin), most)
	}
}

func TestKeys_selectFollowAndPin(t *testing.T) {
	src := &stage{flows: flowtest.Plains(1, 100)}
	s := start(t, 80, 24, src, Actions{}, Options{})
	s.sees("Describe100")
	s.types("k")
	s.sees("▸   10:28:00 console   EC2 Describe100")
	s.types("kk")
	s.sees("▸   10:28:00 console   EC2 Describe98")
	src.set(flowtest.Plains(1, 200), nil)
	if text := s.sees("row 98 of 200"); !strings.Contains(text, "▸   10:28:00 console   EC2 Describe98") {
		t.Errorf("rows that arrived moved the selection:\n%s", text)
	}
	s.types("g")
	s.sees("row 1 of 200")
	s.types(tcell.KeyPgDn)
	s.sees("row 19 of 200")
	s.types(tcell.KeyUp)
	s.sees("row 18 of 200")
	s.types("G")
	if text := s.sees("following"); !strings.Contains(text, "Describe200") {
		t.Errorf("G doesn't show the newest row:\n%s", text)
	}
	src.set(flowtest.Plains(1, 201), nil)
	s.sees("Describe201")
	s.types(tcell.KeyHome)
	s.sees("row 1 of 201")
	s.types("F")
	s.sees("following")
}

func TestKeys_detailOfAPendingCallUpdatesInPlace(t *testing.T) {
	src := &stage{flows: flowtest.Story(false), findings: flowtest.Findings(true)}
	s := start(t, 160, 50, src, Actions{}, Options{})
	s.sees("connecting 12 s")
	s.types("gjj", tcell.KeyEnter)
	s.sees("connecting, 12 s so far")
	src.set(flowtest.Story(true), flowtest.Findings(false))
	s.sees("no TCP connection, after 4.3 s")
	s.types("j") // the table has the keys: the pane goes along
	s.sees("─ #5 CloudWatch DescribeAlarms ─")
	s.types(tcell.KeyEnter, tcell.KeyRight)
	s.sees("▸ #6 CloudWatch Logs DescribeLogGroups")
	s.types("2")
	s.sees("Request headers")
	s.types("[[")
	s.sees("[6 Raw record]")
	s.types("]")
	s.sees("[1 Overview]")
	s.types(tcell.KeyEscape)
	s.lacks("Overview")
}

func TestKeys_panesInTurn(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {160, 50}, {200, 30}} {
		s := start(t, size[0], size[1], finished(), Actions{}, Options{})
		s.sees("EC2 DescribeInstances")
		s.types(tcell.KeyTab)
		s.sees("▸ #7 EC2 DescribeRegions")
		s.types(tcell.KeyTab)
		s.sees("▸ findings")
		s.types(tcell.KeyTab)
		s.lacks("▸ findings")
		s.sees("TIME")
		s.types("!", tcell.KeyEnter)
		s.sees("row 1 of 3") // the finding's first flow, #4
	}
}

func TestKeys_findingsInTurn(t *testing.T) {
	second := flow.Finding{Code: "x", Level: flow.LevelNotice, Title: "the second one", Flows: []flow.ID{9}}
	s := start(t, 100, 30, &stage{flows: flowtest.Story(true), findings: append(flowtest.Findings(false), second)}, Actions{}, Options{})
	s.sees("PROBLEM (first of 2 findings): calls")
	s.types("!")
	s.sees("Finding 1 of 2: PROBLEM")
	s.types(tcell.KeyRight)
	s.sees("▸ 2           NOTICE: the second one")
	s.types(tcell.KeyEnter)
	s.sees("#9 POST https://ap-northeast-1.telemetry")
}

func TestKeys_filter(t *testing.T) {
	s := start(t, 160, 50, finished(), Actions{}, Options{})
	s.sees("EC2 DescribeInstances")
	s.types("/direct timeout")
	s.sees("/direct timeout: 3 of 6 AWS calls")
	s.types(tcell.KeyCtrlW)
	s.sees("/direct : 4 of 6 AWS calls")
	s.types(tcell.KeyBackspace2, tcell.KeyBackspace2)
	s.sees("/direc: 4 of 6")
	s.types(tcell.KeyEnter)
	s.sees("Enter detail")
	s.types(tcell.KeyEscape)
	s.sees("6 AWS calls, 3 hidden")
	s.types("/", "q?a") // letters, not commands
	s.sees(`Nothing matches "q?a"`)
	s.types(tcell.KeyEscape)
	s.sees("6 AWS calls, 3 hidden")
}

func TestFilter_mistakesAreShownInPlaceAndChangeNothing(t *testing.T) {
	s := start(t, 120, 30, finished(), Actions{}, Options{})
	s.sees("EC2 DescribeInstances")
	s.types("/op:describe")
	s.sees("/op:describe: 5 of 6 AWS calls")
	s.types(" host:logs")
	s.sees("/op:describe host:logs: 1 of 6 AWS calls")
	s.types(" tcp:")
	s.sees("column 27: a value is missing after “tcp:”")
	s.types("timeuot")
	s.sees("“timeuot” isn't a value of “tcp”; did you mean tcp:timeout?")
	s.sees("/op:describe host:logs : 1 of 6 AWS calls") // what is whole of it counts
	s.types(tcell.KeyEnter)
	s.sees("did you mean tcp:timeout?") // it isn't kept
	s.types(tcell.KeyLeft, tcell.KeyBackspace, tcell.KeyBackspace, "ou", tcell.KeyEnter)
	s.sees("/op:describe host:logs tcp:timeout: 1 of 6 AWS calls")
}

func TestFilter_tabCompletesKeysAndValues(t *testing.T) {
	s := start(t, 120, 30, finished(), Actions{}, Options{})
	s.sees("EC2 DescribeInstances")
	s.types("/orig", tcell.KeyTab)
	s.sees("Tab console-origin (the console's own servers make the call)")
	s.types(tcell.KeyTab, tcell.KeyTab)
	s.sees("/origin:direct-endpoint: 4 of 6 AWS calls")
	s.types(tcell.KeyBacktab)
	s.sees("/origin:console-origin: 2 of 6 AWS calls")
	s.types(" host:ec2.", tcell.KeyTab)
	s.sees("host:ec2.ap-northeast-1.amazonaws.com: 0 of 6")
}

func TestFilter_thatTheTableBeginsWith(t *testing.T) {
	s := start(t, 120, 30, finished(), Actions{}, Options{Filter: "tcp:timeout"})
	s.sees("/tcp:timeout: 3 of 6 AWS calls")
	s = start(t, 120, 30, finished(), Actions{}, Options{Filter: "tcp:"})
	s.sees("filter: column 5: a value is missing after “tcp:”")
}

func TestFilter_whatWaitsComesIntoView(t *testing.T) {
	var now atomic.Int64
	now.Store(13_300)
	s := start(t, 120, 30, &stage{flows: flowtest.Story(false)}, Actions{},
		Options{Filter: "total>15s", Now: func() time.Time { return flowtest.At(int(now.Load())) }})
	s.sees("0 of 6")
	now.Store(20_000)
	s.sees("/total>15s: 3 of 6 AWS calls")
}

func TestKeys_pasteIntoTheFilter(t *testing.T) {
	s := start(t, 160, 50, finished(), Actions{}, Options{})
	s.sees("EC2 DescribeInstances")
	s.types("/")
	s.pastes("getmetric")
	s.sees("/getmetric: 1 of 6")
}

func TestKeys_viewAndFreeze(t *testing.T) {
	src := finished()
	s := start(t, 100, 30, src, Actions{}, Options{})
	s.sees("6 AWS calls, 3 hidden (a: all)")
	s.types("a")
	s.sees("9 flows (a: AWS calls)")
	s.types("v")
	s.sees("6 AWS calls")
	s.types("f")
	s.sees("FROZEN")
	src.set(append(flowtest.Story(true), flowtest.Plain(30)), nil)
	s.types("j")
	if text := s.sees("row 6 of 6"); strings.Contains(text, "Describe30") {
		t.Error("news came into a frozen picture")
	}
	s.types("f")
	s.sees("Describe30")
}

func TestKeys_thatCannotActSayWhy(t *testing.T) {
	s := start(t, 100, 30, &stage{}, Actions{}, Options{})
	for key, want := range map[string]string{
		"m": "m: marks can't be saved here", "y": "y: there are no rows yet", "!": "!: there are no findings",
		"G": "G F: already following the newest row", "%": "% does nothing here; ? lists the keys",
	} {
		s.types(key)
		s.sees(want)
	}
	s.types(tcell.KeyEnter)
	s.sees("Enter: there are no rows yet")
}

func TestKeys_passAHostUnread(t *testing.T) {
	unread := false
	act := Actions{PassUnread: func(host string) (bool, error) {
		if host != flowtest.ConsoleHost {
			return false, errors.New("it isn't decrypted")
		}
		unread = !unread
		return unread, nil
	}}
	s := start(t, 140, 30, finished(), act, Options{})
	s.sees("EC2 DescribeInstances")
	s.types("gu")
	s.sees(flowtest.ConsoleHost + " passes through undecrypted")
	s.types("u")
	s.sees(flowtest.ConsoleHost + " is decrypted again")
	s.types("jjju")
	s.sees("amazonaws.com: it isn't decrypted")
}

func TestKeys_markAndCopy(t *testing.T) {
	var marked atomic.Uint64
	copied := make(chan string, 2)
	act := Actions{
		Edit: EditActions{Mark: func(id flow.ID) error {
			if marked.Swap(uint64(id)) != 0 {
				return errors.New("the capture is read-only")
			}
			return nil
		}},
		Copy: func(_ context.Context, s string) []string { copied <- s; return []string{"pbcopy"} },
	}
	s := start(t, 100, 30, finished(), act, Options{})
	s.sees("EC2 DescribeInstances")
	s.types("gjjm")
	s.sees("marked #4")
	if marked.Load() != 4 {
		t.Errorf("flow %d was marked, want 4", marked.Load())
	}
	s.types("m")
	s.sees("mark #4: the capture is read-only")
	s.types("yy")
	s.sees("copied the details of #4")
	if got := <-copied; !strings.Contains(got, "10.0.1.23:443 (private) TIMEOUT: no response within 4.0 s") {
		t.Errorf("copied text lacks the first attempt:\n%s", got)
	}
	s.types("!yy")
	s.sees("copied the finding")
	if got := <-copied; !strings.Contains(got, "\n                nslookup logs.") {
		t.Errorf("copied text lacks the command:\n%s", got)
	}
}

func TestKeys_copyGoesToTheTerminalsClipboard(t *testing.T) {
	s := start(t, 100, 30, finished(), Actions{}, Options{})
	s.sees("EC2 DescribeInstances")
	s.types("gyy")
	s.sees("sent the details of #2, ")
	s.types("q")
	_ = s.ended()
	if got := string(s.term.GetClipboardData()); !strings.Contains(got, "EC2 DescribeInstances") {
		t.Errorf("clipboard has %q", got)
	}
}

func TestResize(t *testing.T) {
	s := start(t, 160, 50, finished(), Actions{}, Options{})
	s.sees("HOST")
	s.types("gjj", tcell.KeyEnter, tcell.KeyEnter)
	s.sees("▸ #4 CloudWatch")
	for _, size := range [][2]int{{80, 24}, {30, 8}, {10, 3}, {1, 1}, {200, 60}} {
		s.term.mu.Lock()
		s.term.w, s.term.h, s.term.resize = size[0], size[1], true
		s.term.mu.Unlock()
		s.post(tcell.NewEventResize(size[0], size[1]))
		s.until(fmt.Sprint(size), func(text string) bool { return strings.Count(text, "\n") == size[1] })
	}
	s.sees("▸ #4 CloudWatch")
	s.sees("HOST")
}
