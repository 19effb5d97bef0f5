package serve

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// tabOf returns the context of a tab of a headless Chromium.
func tabOf(t *testing.T) context.Context {
	t.Helper()
	chromium, err := exec.LookPath("chromium")
	if err != nil || testing.Short() {
		t.Skip("needs chromium, and some seconds")
	}
	home, err := os.MkdirTemp("", "detour-serve") //nolint:usetesting // its helpers may still write when the test ends
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(home) })
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium), chromedp.DisableGPU,
		chromedp.Env("HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home, "TMPDIR="+home),
		chromedp.UserDataDir(filepath.Join(home, "profile")), chromedp.Flag("no-proxy-server", true))
	if os.Geteuid() == 0 {
		opts = append(opts, chromedp.NoSandbox)
	}
	ctx, end := chromedp.NewExecAllocator(context.Background(), opts...)
	t.Cleanup(end)
	ctx, cancel := chromedp.NewContext(ctx)
	t.Cleanup(func() { _ = chromedp.Cancel(ctx); cancel() })
	ctx, stop := context.WithTimeout(ctx, 5*time.Minute)
	t.Cleanup(stop)
	return ctx
}

// TestBrowser_otherPagesGetNothing: what a real browser sends for other sites' pages is refused,
// though it has the cookie.
func TestBrowser_otherPagesGetNothing(t *testing.T) {
	ctx := tabOf(t)
	_, x, l := sharedOnLoopback(t)
	evil := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<!doctype html><title>another site</title><body>"))
	}))
	defer evil.Close()
	_, evilPort, _ := strings.Cut(strings.TrimPrefix(evil.URL, "http://"), ":")
	run := func(what, script string) string {
		t.Helper()
		out, err := chromedp.Run(ctx, chromedp.Evaluate[string](script, chromedp.EvalAwaitPromise))
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		return out
	}
	visit := func(url string) {
		t.Helper()
		if _, err := chromedp.Run(ctx, chromedp.Navigate(url)); err != nil {
			t.Fatal(err)
		}
	}
	const status = `(url, opt) => fetch(url, opt).then(async r => r.status + " " + await r.text(), e => "failed")`
	visit(l.String())
	if got := run("without the cookie", "("+status+")('/flow/17')"); !strings.HasPrefix(got, "401") {
		t.Errorf("without the cookie: %q", got)
	}
	got := run("the session", "("+status+")('/session', {headers: {Authorization: 'Bearer ' + location.hash.slice(1)}})")
	if !strings.HasPrefix(got, "204") {
		t.Fatalf("the session: %q", got)
	}
	if got := run("the page", "("+status+")('/flow/17?as=rows')"); got != `200 {"id":17,"rows":true}` {
		t.Errorf("the page gets %q", got)
	}
	got = run("a stream", `new Promise(done => { const s = new EventSource('/events?as=rows');
		s.addEventListener('hello', e => { s.close(); done(e.data) }); s.onerror = () => done('failed') })`)
	if got != `{"rows":true,"after":0}` {
		t.Errorf("the page's stream has %q", got)
	}
	if got := run("the cookie", "document.cookie"); got != "" {
		t.Errorf("a script reads the cookie: %q", got)
	}
	// The same host, another port: the browser sends the cookie along. And another host.
	for _, site := range []string{"http://127.0.0.1:" + evilPort, "http://localhost:" + evilPort} {
		visit(site)
		for what, script := range map[string]string{
			"a fetch": "(" + status + ")('" + l.Base() + "/flow/17', {credentials: 'include'})",
			"a fetch without CORS": "fetch('" + l.Base() +
				"/flow/17', {credentials: 'include', mode: 'no-cors'}).then(async r => r.type + await r.text(), e => 'failed')",
			"a fetch with the token": "(" + status + ")('" + l.Base() + "/flow/17', {headers: {Authorization: 'Bearer " + l.Token + "'}})",
			"a script": `new Promise(done => { const s = document.createElement('script'); s.src = '` + l.Base() +
				`/flow/17'; s.onload = () => done('loaded'); s.onerror = () => done('failed'); document.body.append(s) })`,
			"a stream": `new Promise(done => { const s = new EventSource('` + l.Base() + `/events', {withCredentials: true});
				s.onopen = s.onmessage = () => done('open'); s.onerror = () => { s.close(); done('failed') } })`,
			"a frame": `new Promise(done => { const s = document.createElement('iframe'); s.src = '` + l.Base() + `/';
				s.onload = () => { try { done(s.contentDocument ? 'read ' + s.contentDocument.title : 'failed') } catch { done('failed') } };
				document.body.append(s) })`,
			"a window": `new Promise(done => { const w = window.open('` + l.Base() + `/'); setTimeout(() => {
				try { done(w && w.document && w.document.title ? 'read ' + w.document.title : 'failed') } catch { done('failed') } }, 500) })`,
		} {
			if got := run(what, script); got != "failed" {
				t.Errorf("%s of %s gets %q", what, site, got)
			}
		}
	}
	if n := x.watching(); n != 0 {
		t.Errorf("%d watch", n)
	}
}
