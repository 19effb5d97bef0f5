package pac

import (
	"context"
	"errors"
	"net/netip"
	"net/url"
	"os"
	"testing"
	"time"

	"detour/internal/cputime"
)

// An engine that isn't interrupted holds nobody: it is left to itself. There are few of those, and
// meanwhile another one answers.
func TestFind_anEngineThatIsntInterruptedIsLeft(t *testing.T) {
	cfg := config(`function FindProxyForURL(url, host) { if (host == "bad") dnsResolve("hangs.example"); return "DIRECT"; }`)
	release := make(chan struct{})
	leave := func() {}
	cfg.Lookup = func(context.Context, string) []netip.Addr { leave(); <-release; return nil }
	s := newScript(t, cfg)
	for i := range maxHanging {
		if _, err := find(t, s, "https://good"+string('0'+rune(i))+"/"); err != nil {
			t.Errorf("another host after %d: %v", i, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		leave = cancel
		if _, err := s.Find(ctx, &url.URL{Scheme: "https", Host: "bad"}); !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
		if n := int(s.hanging.Load()); n != i+1 {
			t.Errorf("%d engines hang, want %d", n, i+1)
		}
	}
	if _, err := find(t, s, "https://good/"); !errors.Is(err, ErrLimit) {
		t.Errorf("one more engine: %v", err)
	}
	close(release)
	awaitNone(t, s)
	if _, err := find(t, s, "https://good/"); err != nil {
		t.Errorf("after they have ended: %v", err)
	}
}

// A caller that has left is the reason, not a limit of the script, whose engine is interrupted
// whatever it does at that moment, and another caller isn't kept waiting.
func TestFind_aCallerThatLeaves(t *testing.T) {
	for name, script := range map[string]string{
		"at the start":        `if (myIpAddress() != "127.0.0.1") for (;;); function FindProxyForURL(url, host) { return "DIRECT"; }`,
		"before the function": `function FindProxyForURL(url, host) { for (;;); }`,
	} {
		cfg := config(script)
		leave, started := func() {}, false
		cfg.Own = func() []netip.Addr { return map[bool][]netip.Addr{true: addrs("10.0.0.1")}[started] }
		cfg.Now = func() time.Time { leave(); return noon }
		s := newScript(t, cfg)
		s.endTime = time.Minute // however busy the machine is
		started = true
		for range 3 {
			s.stop()
			ctx, cancel := context.WithCancel(t.Context())
			leave = cancel
			var err error
			took := cputime.Of(func() { _, err = s.Find(ctx, &url.URL{Scheme: "https", Host: "x"}) })
			if cancel(); !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v", name, err)
			}
			if took > maxTime/2 {
				t.Errorf("%s: it wasn't interrupted for %v", name, took)
			}
		}
	}
}

// awaitNone waits until no engine hangs.
func awaitNone(t *testing.T, s *Script) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); s.hanging.Load() > 0; time.Sleep(time.Millisecond) { // polling interval
		if time.Now().After(end) {
			t.Fatal("an engine doesn't end")
		}
	}
}

// JSON.stringify compares each object with all those that it is in, and looks for no interrupt: this
// takes half a minute.
func TestFind_aLongStringifyIsLeft(t *testing.T) {
	if os.Getenv("DETOUR_FULL_TESTS") == "" {
		t.Skip("takes half a minute")
	}
	s := newScript(t, config(`function FindProxyForURL(url, host) {
		let empty = [], deep = new Array(400000).fill(empty);
		for (let i = 0; i < 900; i++) deep = [deep];
		JSON.stringify(deep);
		return "DIRECT";
	}`))
	start := time.Now()
	if _, err := find(t, s, "https://x/"); !errors.Is(err, ErrLimit) {
		t.Errorf("%v", err)
	}
	if took := time.Since(start); took > maxTime+5*time.Second {
		t.Errorf("it took %s", took)
	}
	awaitNone(t, s)
}
