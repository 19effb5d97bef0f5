package sharing

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"detour/ui/pane"
)

// at is when a limited link ends.
var at = time.Date(2026, 11, 30, 10, 42, 7, 0, time.UTC)

func TestHead_saysHowTheRunIsSharedAllTheWhile(t *testing.T) {
	for _, c := range []struct {
		state State
		text  string
		tone  pane.Tone
	}{
		{State{}, "", pane.Key},
		{State{Watching: 2}, "2 watch", pane.Key},
		{State{Addr: "127.0.0.1:8100"}, "shared on 127.0.0.1:8100", pane.Warn},
		{State{Addr: "127.0.0.1:8100", Watching: 1}, "shared on 127.0.0.1:8100, 1 watch", pane.Warn},
		{State{Addr: "10.1.2.3:8100", Beyond: true}, " SHARED WITH THE NETWORK on 10.1.2.3:8100 ", pane.Badge},
		{State{Addr: "10.1.2.3:8100", Beyond: true, Watching: 3}, " SHARED WITH THE NETWORK on 10.1.2.3:8100, 3 watch ", pane.Badge},
	} {
		text, tone := Actions{State: func() State { return c.state }}.Head()
		if text != c.text || tone != c.tone {
			t.Errorf("%+v: %q %v", c.state, text, tone)
		}
	}
	if text, _ := (Actions{}).Head(); text != "" {
		t.Errorf("without actions: %q", text)
	}
}

// A host is what the command acts on.
type host struct {
	state        State
	fails, shows error
	starts       int
	shown, said  string
}

func (h *host) command(arg string) error {
	a := Actions{
		Start: func() (Link, error) {
			h.starts++
			if h.fails == nil {
				h.state.Addr = "127.0.0.1:8100"
			}
			return Link{URL: "http://127.0.0.1:8100/#TOKEN", Addr: "127.0.0.1:8100"}, h.fails
		},
		Stop: func() bool {
			was := h.state.Addr != ""
			h.state.Addr = ""
			return was
		},
		State: func() State { return h.state },
	}
	show := func(text string) error {
		h.shown = text
		return h.shows
	}
	return a.Command(show, func(_ pane.Tone, format string, args ...any) { h.said = fmt.Sprintf(format, args...) }, arg)
}

func TestCommand_showsTheLinkOnce(t *testing.T) {
	h := &host{}
	if err := h.command(""); err != nil || !strings.Contains(h.shown, "\nhttp://127.0.0.1:8100/#TOKEN\n") || h.said != "" {
		t.Fatalf("%v %q %q", err, h.shown, h.said)
	}
	h.shown = ""
	h.state.Watching, h.state.Until = 2, at
	err := h.command("")
	if err != nil || h.shown != "" || h.starts != 1 || strings.Contains(h.said, "TOKEN") {
		t.Errorf("again: %v %q, %d starts, says %q", err, h.shown, h.starts, h.said)
	}
	const want = "shared on 127.0.0.1:8100 until 10:42:07, 2 watchers; a new link, which ends the old one: :share stop, then :share"
	if !strings.HasPrefix(h.said, want) {
		t.Errorf("it says %q", h.said)
	}
	if err := h.command("stop"); err != nil || !strings.Contains(h.said, "isn't valid any more") {
		t.Errorf("stop: %v, says %q", err, h.said)
	}
	if err := h.command(""); err != nil || h.starts != 2 {
		t.Errorf("a new one: %v, %d starts", err, h.starts)
	}
}

func TestCommand_saysWhatDoesntWork(t *testing.T) {
	h := &host{}
	if err := h.command("stop"); err == nil || !strings.Contains(err.Error(), "isn't shared") {
		t.Errorf("stop: %v", err)
	}
	if err := h.command("30m"); err == nil || !strings.Contains(err.Error(), "usage") {
		t.Errorf("another word: %v", err)
	}
	h.fails = errors.New("the port is taken")
	if err := h.command(""); !errors.Is(err, h.fails) || h.shown != "" {
		t.Errorf("a failure: %v %q", err, h.shown)
	}
	h.fails, h.shows = nil, errors.New("no terminal")
	if err := h.command(""); !errors.Is(err, h.shows) || h.state.Addr != "" {
		t.Errorf("a link that nobody has seen: %v, shared on %q", err, h.state.Addr)
	}
	if err := (Actions{Unavailable: "you are watching"}).Command(nil, nil, ""); err == nil || err.Error() != "you are watching" {
		t.Errorf("unavailable: %v", err)
	}
}

func TestLink_saysWhoCanReachIt(t *testing.T) {
	local := Link{URL: "http://127.0.0.1:8100/#TOKEN", Addr: "127.0.0.1:8100"}
	if got := local.Words(); !strings.Contains(got, "  ssh -L 8100:127.0.0.1:8100 THIS_MACHINE\n") || !strings.Contains(got, "ends with detour") {
		t.Error(got)
	}
	local.Forward, local.Until = "ssh -L 8100:127.0.0.1:8100 me@host", at
	if got := local.Words(); !strings.Contains(got, "  ssh -L 8100:127.0.0.1:8100 me@host\n") || !strings.Contains(got, "at 10:42:07") {
		t.Error(got)
	}
	beyond := Link{URL: "https://10.1.2.3:8100/#TOKEN.F", Addr: "10.1.2.3:8100", Fingerprint: make([]byte, 32)}
	beyond.Fingerprint[17] = 0xa7
	if got := beyond.Words(); !strings.Contains(got, "\n  00:A7:00") || strings.Contains(got, "ssh") || !strings.Contains(got, "compare") {
		t.Error(got)
	}
	for _, line := range strings.Split(local.Words()+beyond.Words(), "\n") {
		if len(line) >= 80 { // a terminal breaks it within a word
			t.Errorf("%d bytes: %s", len(line), line)
		}
	}
}

func TestQR_isSquareAndDarkOnLight(t *testing.T) {
	code := QR("http://127.0.0.1:43210/#AAECAwQFBgcICQoLDA0ODw")
	lines := strings.Split(strings.TrimSuffix(code, "\n"), "\n")
	for _, l := range lines {
		cells := []rune(strings.TrimSuffix(strings.TrimPrefix(l, blackOnWhite), plain))
		if n := len(cells); n != 2*len(lines) && n != 2*len(lines)-1 {
			t.Errorf("%d columns, %d lines of two: %q", n, len(lines), l)
		}
		if string(cells[:quiet]) != strings.Repeat(" ", quiet) {
			t.Errorf("no quiet zone: %q", l)
		}
	}
	if len(lines) > 24 {
		t.Errorf("%d lines", len(lines))
	}
	if QR(strings.Repeat("x", 5000)) != "" {
		t.Error("too long a text has a code")
	}
}
