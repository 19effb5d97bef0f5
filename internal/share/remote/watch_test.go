package remote

import (
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"detour/internal/alias"
	"detour/internal/flow"
	"detour/internal/onwine"
	"detour/internal/share"
	"detour/internal/share/link"
	"detour/internal/usererr"
)

func TestWatch_hasWhatTheHostSends(t *testing.T) {
	for name, start := range map[string]func(*host) Target{"loopback": (*host).start, "TLS": (*host).startTLS, "socket": (*host).startSocket} {
		t.Run(name, func(t *testing.T) {
			h := newHost(t)
			w := watched(t, start(h), quick())
			if got := w.About(); got.Title != "run of today" || got.Kind != share.KindRun {
				t.Errorf("it watches %+v", got)
			}
			h.sends(share.EventNames, share.Names{Names: map[string]string{"10.77.1.2": "private-4"}})
			h.sends(share.EventFlow, strictFlow(1, 1, false))
			h.sends(share.EventFlow, strictFlow(2, 1, false))
			h.sends(share.EventFlow, strictFlow(1, 2, true))
			h.sends(share.EventFlow, strictFlow(1, 1, false)) // late
			h.sends(share.EventFlow, strictFlow(3, 1, true))
			h.sends(share.EventGone, share.Gone{IDs: []flow.ID{3}})
			found := flow.Finding{Code: "c", Level: flow.LevelProblem, Title: "private-4 doesn't respond", Provisional: true, Flows: []flow.ID{1}}
			h.sends(share.EventFindings, share.Findings{Findings: []flow.RecordFinding{found.Record()}})
			h.sends(share.EventSteps, share.Steps{Steps: []flow.Step{{Text: "open \x1b[31mthe alarms"}}})
			h.sends(share.EventCursor, share.Cursor{ID: 2})
			h.sends("later-version", "x")
			h.sends(share.EventGap, share.Gap{Lost: 1204})
			h.sends(share.EventState, share.State{
				Facts: []share.Fact{{Name: "proxy", Value: "127.0.0.1:8080"}}, Watching: 2, Now: h.hello.Now.Add(time.Hour),
			})
			eventually(t, "the state", func() bool { return len(w.Facts()) == 4 })
			flows := w.Flows()
			if len(flows) != 2 || flows[0].ID != 1 || flows[0].Rev != 2 || !flows[0].Final() || flows[1].ID != 2 || flows[1].Final() {
				t.Errorf("it has %v", flows)
			}
			if got := w.Findings(); len(got) != 1 || !got[0].Provisional || got[0].Title != found.Title {
				t.Errorf("it has the findings %+v", got)
			}
			if got := w.Steps(); len(got) != 1 || strings.Contains(got[0].Text, "\x1b") {
				t.Errorf("it has the steps %+v", got)
			}
			if got := w.Cursor(); got != 2 {
				t.Errorf("the host is at %d", got)
			}
			if got, _ := w.names.Known("10.77.1.2"); got != "private-4" {
				t.Errorf("its name is %s", got)
			}
			if got, want := facts(w), "1,204 updates left out · 2 watch · run of today · proxy 127.0.0.1:8080"; got != want {
				t.Errorf("the head has %s, want %s", got, want)
			}
			if d := w.Now().Sub(h.hello.Now); w.Recorded() || d < time.Hour || d > time.Hour+time.Minute {
				t.Errorf("it is %v, recorded %v", w.Now(), w.Recorded())
			}
		})
	}
}

func TestWatch_goesOnAfterTheLastEventWhereTheNetworkWasCut(t *testing.T) {
	h := newHost(t)
	w := watched(t, h.start(), quick())
	h.sends(share.EventFlow, strictFlow(1, 1, false))
	h.sends(share.EventFlow, strictFlow(2, 1, true))
	eventually(t, "flow 2", func() bool { return len(w.Flows()) == 2 })
	h.mu.Lock()
	h.refuse = http.StatusServiceUnavailable
	h.mu.Unlock()
	h.breaks()
	eventually(t, "the word", func() bool { return strings.Contains(facts(w), "no contact since") })
	before := w.Now()
	if w.Recorded() || len(w.Flows()) != 2 {
		t.Errorf("without contact, it has %d flows, recorded %v", len(w.Flows()), w.Recorded())
	}
	h.sends(share.EventFlow, strictFlow(1, 2, true))
	if w.Now() != before {
		t.Error("without contact, the clock of flows in progress goes on")
	}
	h.mu.Lock()
	h.refuse = 0
	h.mu.Unlock()
	eventually(t, "what came meanwhile", func() bool { return w.Flows()[0].Final() })
	if got := facts(w); got != "run of today" {
		t.Errorf("the head still has %s", got)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if !slices.Equal(h.after, []string{"", "2"}) {
		t.Errorf("it went on after %q", h.after)
	}
}

func TestWatch_aSilentHostIsNoContact(t *testing.T) {
	h := newHost(t)
	w := watched(t, h.start(), timing{silent: 20 * time.Millisecond, soonest: time.Hour, last: time.Hour})
	eventually(t, "the word", func() bool { return strings.Contains(facts(w), "no contact since ") })
	said, seen := facts(w), w.Version()
	eventually(t, "another second", func() bool {
		return w.Version() > seen && facts(w) != said && strings.Contains(facts(w), "no contact since ")
	})
}

func TestWatch_theEndIsSaidAndWhatThereIsStays(t *testing.T) {
	for name, c := range map[string]struct {
		end  func(*host)
		want string
	}{
		"told": {func(h *host) { h.sends(share.EventEnd, share.End{Why: "sharing was stopped"}) }, "over: sharing was stopped; 1 flow was pending"},
		"another run": {func(h *host) {
			h.mu.Lock()
			h.hello.Run = "r2"
			h.mu.Unlock()
			h.breaks()
		}, "over: another run answers there now; 1 flow was pending"},
		"no link any more": {func(h *host) {
			h.mu.Lock()
			h.refuse = http.StatusUnauthorized
			h.mu.Unlock()
			h.breaks()
		}, "doesn't accept the link: its token is wrong, or sharing was stopped; 1 flow was pending"},
	} {
		for _, start := range []func(*host) Target{(*host).start, (*host).startSocket} {
			t.Run(name, func(t *testing.T) {
				h := newHost(t)
				w := watched(t, start(h), quick())
				h.sends(share.EventFlow, strictFlow(1, 1, false))
				eventually(t, "the flow", func() bool { return len(w.Flows()) == 1 })
				c.end(h)
				eventually(t, "the end", w.Recorded)
				if got := facts(w); !strings.Contains(got, c.want+" · run of today") {
					t.Errorf("the head has %q, want %q", got, c.want)
				}
				now := w.Now()
				if len(w.Flows()) != 1 || w.Get(1) == nil || now.IsZero() {
					t.Errorf("it has %d flows at %v", len(w.Flows()), now)
				}
				if again := w.Now(); again != now {
					t.Errorf("the clock goes on: %v, then %v", now, again)
				}
			})
		}
	}
}

// TestWatch_aKilledHostIsSaidAsFarAsItIsKnown: at a port on loopback, a forwarding may have ended instead.
func TestWatch_aKilledHostIsSaidAsFarAsItIsKnown(t *testing.T) {
	for want, start := range map[string]func(*host) Target{
		"over: the run is gone, as if it was killed; 1 flow was pending": (*host).startSocket, "no contact since": (*host).start,
	} {
		h := newHost(t)
		w := watched(t, start(h), quick())
		h.sends(share.EventFlow, strictFlow(1, 1, false))
		eventually(t, "the flow", func() bool { return len(w.Flows()) == 1 })
		h.close()
		eventually(t, want, func() bool { return strings.HasPrefix(facts(w), want) })
		if len(w.Flows()) != 1 || w.Recorded() != strings.HasPrefix(want, "over") {
			t.Errorf("%s: it has %d flows, recorded %v", want, len(w.Flows()), w.Recorded())
		}
	}
}

func TestConnect_saysWhyItCantUseASocket(t *testing.T) {
	onwine.Skip(t, "has no Unix sockets")
	if os.Getuid() != 0 { // root may open every socket
		dir := t.TempDir()
		l, err := net.Listen("unix", filepath.Join(dir, "s"))
		if err == nil {
			defer l.Close()
			_ = os.Chmod(filepath.Join(dir, "s"), 0)
			refusedWith(t, Target{Socket: filepath.Join(dir, "s")}, "another user's", "as that user")
		}
	}
	refusedWith(t, Target{Socket: filepath.Join(t.TempDir(), "none")}, "the run has ended, or can't be watched", ":share")
	stale := filepath.Join(t.TempDir(), "s")
	if l, err := net.ListenUnix("unix", &net.UnixAddr{Name: stale}); err == nil {
		l.SetUnlinkOnClose(false)
		_ = l.Close()
		refusedWith(t, Target{Socket: stale}, "the run has ended, or can't be watched", ":share")
	}
}

func TestConnect_saysWhyItCant(t *testing.T) {
	h := newHost(t)
	there := h.start()
	wrong := there
	wrong.Link.Token = "AAAAAAAAAAAAAAAAAAAAAA"
	refusedWith(t, wrong, "its token is wrong, or sharing was stopped", "ask for a new link")
	for status, words := range map[int][2]string{
		http.StatusServiceUnavailable: {"can't be watched now: no ·[31mplace", "later"},
		http.StatusForbidden:          {"refuses: no", ""},
		http.StatusNotFound:           {"isn't a run that is shared", ":share"},
	} {
		h.refuse = status
		refusedWith(t, there, strings.ReplaceAll(words[0], "·", flow.Printable("\x1b")), words[1])
	}
	h.refuse = 0
	hello := h.hello
	h.hello.Version, h.hello.Detour = 2, "v9\x1b"
	refusedWith(t, there, "shared by a newer detour (v9"+flow.Printable("\x1b")+"), with version 2", "update detour")
	h.hello = hello
	h.hello.Privacy = ""
	refusedWith(t, there, "isn't shared with strict privacy", "")
	h.hello = hello
	h.hello.Version = 0
	refusedWith(t, there, "doesn't begin with hello", "")

	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) }))
	defer page.Close()
	refusedWith(t, Target{Link: link.Link{Addr: page.Listener.Addr().String(), Token: token}}, "isn't a run that is shared", ":share")
	page.Close()
	refusedWith(t, Target{Link: link.Link{Addr: page.Listener.Addr().String(), Token: token}}, "the run has ended, or sharing was stopped", "ask for a new link")

	secure := newHost(t)
	other := secure.startTLS()
	other.Link.Fingerprint = make([]byte, 32)
	refusedWith(t, other, "certificate isn't the one that the link names", "new one")
}

// refusedWith checks the error of a target.
func refusedWith(t *testing.T, to Target, text, hint string) {
	t.Helper()
	w, err := connect(t.Context(), to, newMirror(new(alias.Table), time.Now), quick())
	if err == nil {
		w.first.end(nil)
		t.Fatalf("%s: it connects", text)
	}
	if !strings.Contains(err.Error(), text) || strings.Contains(err.Error(), token) || strings.Contains(err.Error(), "\x1b") {
		t.Errorf("the error is %q, want %q", err, text)
	}
	if ue := usererr.As(err); hint != "" && (ue == nil || !strings.Contains(ue.Hint, hint)) {
		t.Errorf("%v: the hint isn't %s", err, hint)
	}
}
