//go:build unix

package har

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/remote"
)

const chromiumPath = "/usr/bin/chromium"

// devtools starts a Chromium and gives the address of its DevTools.
func devtools(t *testing.T) (address string) {
	t.Helper()
	if _, err := os.Stat(chromiumPath); err != nil {
		t.Skip("there is no Chromium")
	}
	home, err := os.MkdirTemp("", "detour-har") //nolint:usetesting // the browser's helpers may write a while longer
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(home) })
	browser := exec.CommandContext(t.Context(), chromiumPath, "--headless=new", "--no-sandbox", "--disable-gpu",
		"--remote-debugging-port=0", "--user-data-dir="+home, "about:blank")
	browser.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := browser.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-browser.Process.Pid, syscall.SIGKILL) // its helpers, too
		_ = browser.Wait()
	})
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if port, err := os.ReadFile(filepath.Join(home, "DevToolsActivePort")); err == nil {
			first, _, _ := strings.Cut(string(port), "\n")
			return "127.0.0.1:" + first
		}
	}
	t.Fatal("Chromium says of no port")
	return ""
}

// TestEncode_isReadByDevTools has the importer of Chromium's own DevTools read the story.
func TestEncode_isReadByDevTools(t *testing.T) {
	at := devtools(t)
	ctx, cancel := remote.NewAllocator(t.Context(), "ws://"+at)
	defer cancel()
	ctx, cancel = chromedp.NewContext(ctx)
	defer cancel()
	ctx, cancel = context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	file, err := json.Marshal(string(encode(t, story())))
	if err != nil {
		t.Fatal(err)
	}
	lib := "http://" + at + "/devtools/models/har/har.js" // as the DevTools' page loads it
	if err := chromedp.Do(ctx, chromedp.Navigate(lib)); err != nil {
		t.Fatal(err)
	}
	got, err := chromedp.Run(ctx, chromedp.Evaluate[string](`(async () => {
		try {
			const har = await import('`+lib+`');
			const log = new har.HARFormat.HARRoot(JSON.parse(`+string(file)+`)).log;
			return har.Importer.Importer.requestsFromHARLog(log).map(r =>
				[r.statusCode, r.requestMethod, r.remoteAddress(), Math.round(r.duration * 1000), r.connectionId, r.resourceType().name()].join(' ')).join('\n');
		} catch (e) { return e.stack }
	})()`, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Join([]string{
		"302 GET 203.0.113.10:443 390 1 document",
		"0 POST 10.0.2.23:443 21254 2 other",
		"200 CONNECT 198.51.100.7:443 3000 4 other",
		"101 GET 203.0.113.10:443 100 1 websocket",
		"200 GET 203.0.113.10:443 200 1 script",
	}, "\n")
	if got != want {
		t.Errorf("DevTools read\n%s\nwant\n%s", got, want)
	}
}
