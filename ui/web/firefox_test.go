package web_test

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// firefoxPrefs keep Firefox from requests of its own.
const firefoxPrefs = `user_pref("browser.startup.page", 0);
user_pref("browser.aboutwelcome.enabled", false);
user_pref("app.normandy.enabled", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("toolkit.telemetry.enabled", false);
user_pref("browser.safebrowsing.malware.enabled", false);
user_pref("browser.safebrowsing.phishing.enabled", false);
user_pref("services.settings.server", "http://127.0.0.1:9/");
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("network.proxy.type", 0);
`

// A fox is a tab of a headless Firefox, which is driven by WebDriver BiDi
// (w3.org/TR/webdriver-bidi). What the page reports as an error, or breaks of its policy, fails
// the test.
type fox struct {
	testing.TB

	conn    *websocket.Conn
	ctx     context.Context
	context string // the tab

	mu       sync.Mutex
	last     int
	answers  map[int]chan foxMessage
	errors   []string
	requests []string // addresses that were asked for
}

type foxMessage struct {
	ID      int
	Method  string // of an event
	Params  json.RawMessage
	Result  json.RawMessage
	Error   string
	Message string
}

// openFox opens a tab of a new Firefox.
func openFox(t testing.TB) *fox {
	program, err := exec.LookPath("firefox-esr")
	if err != nil || testing.Short() {
		t.Skip("needs firefox-esr, and some seconds")
	}
	home, err := os.MkdirTemp("", "detour-web") //nolint:usetesting // its helpers may still write when the test ends
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(home) })
	if err := os.WriteFile(filepath.Join(home, "user.js"), []byte(firefoxPrefs), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithTimeout(context.Background(), 10*time.Minute)
	t.Cleanup(end)
	cmd := exec.CommandContext(ctx, program, "--headless", "--remote-debugging-port=0", "--no-remote", "--profile", home, "about:blank")
	cmd.Env = append(os.Environ(), "HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home, "TMPDIR="+home, "MOZ_CRASHREPORTER_DISABLE=1")
	out, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	const listening = "WebDriver BiDi listening on "
	address := ""
	for lines := bufio.NewScanner(out); address == "" && lines.Scan(); {
		_, address, _ = strings.Cut(lines.Text(), listening)
	}
	if address == "" {
		t.Fatal("firefox doesn't listen")
	}
	go func() { _, _ = bufio.NewReader(out).WriteTo(discard{}) }()
	conn, _, err := websocket.Dial(ctx, address+"/session", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.CloseNow() })
	conn.SetReadLimit(64 << 20)
	f := &fox{TB: t, conn: conn, ctx: ctx, answers: make(map[int]chan foxMessage)}
	go f.listen()
	f.call("session.new", object{"capabilities": object{}}, nil)
	f.call("session.subscribe", object{"events": []string{"log.entryAdded", "network.beforeRequestSent"}}, nil)
	var tree struct{ Contexts []struct{ Context string } }
	f.call("browsingContext.getTree", object{}, &tree)
	f.context = tree.Contexts[0].Context
	t.Cleanup(func() {
		for _, e := range f.reported() {
			t.Errorf("the page reports: %s", e)
		}
	})
	return f
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

func (f *fox) listen() {
	for {
		_, b, err := f.conn.Read(f.ctx)
		var m foxMessage
		if err != nil || json.Unmarshal(b, &m) != nil {
			return
		}
		f.mu.Lock()
		switch m.Method {
		case "log.entryAdded":
			var entry struct{ Level, Text string }
			if _ = json.Unmarshal(m.Params, &entry); entry.Level == "error" || strings.Contains(entry.Text, "Content-Security-Policy") {
				f.errors = append(f.errors, entry.Text)
			}
		case "network.beforeRequestSent":
			var sent struct{ Request struct{ URL string } }
			_ = json.Unmarshal(m.Params, &sent)
			if !strings.HasPrefix(sent.Request.URL, "data:") && sent.Request.URL != "about:blank" {
				f.requests = append(f.requests, sent.Request.URL)
			}
		default:
			if answer := f.answers[m.ID]; answer != nil {
				answer <- m
			}
		}
		f.mu.Unlock()
	}
}

func (f *fox) reported() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.errors)
}

// call sends a command, and stores its result unless result is nil.
func (f *fox) call(method string, params, result any) {
	f.Helper()
	answer := make(chan foxMessage, 1)
	f.mu.Lock()
	f.last++
	id := f.last
	f.answers[id] = answer
	f.mu.Unlock()
	b, err := json.Marshal(object{"id": id, "method": method, "params": params})
	if err != nil {
		f.Fatal(err)
	}
	if err := f.conn.Write(f.ctx, websocket.MessageText, b); err != nil {
		f.Fatal(err)
	}
	select {
	case m := <-answer:
		if m.Error != "" {
			f.Fatalf("%s: %s: %s", method, m.Error, m.Message)
		}
		if result == nil {
			return
		}
		if err := json.Unmarshal(m.Result, result); err != nil {
			f.Fatal(err)
		}
	case <-f.ctx.Done():
		f.Fatalf("%s: %v", method, f.ctx.Err())
	}
}

func (f *fox) open(url string) {
	f.Helper()
	f.call("browsingContext.navigate", object{"context": f.context, "url": url, "wait": "complete"}, nil)
}

// text evaluates an expression, which may be a promise, as a text.
func (f *fox) text(expression string) string {
	f.Helper()
	var r struct {
		Type             string
		Result           struct{ Value json.RawMessage }
		ExceptionDetails struct{ Text string }
	}
	f.call("script.evaluate", object{
		"expression": "(async () => String(await (" + expression + ")))()", "target": object{"context": f.context}, "awaitPromise": true,
	}, &r)
	var s string
	if r.Type != "success" || json.Unmarshal(r.Result.Value, &s) != nil {
		f.Fatalf("%s: %s", expression, r.ExceptionDetails.Text)
	}
	return s
}

// waitFor waits until an expression is true.
func (f *fox) waitFor(expression string) {
	f.Helper()
	for end := time.Now().Add(3 * time.Minute); f.text("Boolean("+expression+")") != "true"; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			f.Fatalf("never true: %s\n%s", expression, f.text("document.body.innerText.slice(0, 3000)"))
		}
	}
}
