package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/remote"

	"detour/internal/lab"
)

// A loneChromium is a headless Chromium in the lab's client that uses no proxy, and trusts
// the lab's servers.
type loneChromium struct {
	ctx     context.Context // of chromedp, for the browser
	address string          // of its DevTools, in the client's namespace
	stop    func()
}

// startChromium starts one whose connects end after seconds, in place of the system's 130.
func (l *faultLab) startChromium(ctx context.Context, flags ...string) (c *loneChromium, err error) {
	home, err := os.MkdirTemp("", "detour-lab-browser") // its helpers may still write when the test ends
	if err != nil {
		return nil, err
	}
	var stops []func()
	c = &loneChromium{stop: func() {
		for i := range stops {
			stops[len(stops)-1-i]()
		}
		_ = os.RemoveAll(home)
	}}
	defer func() {
		if err != nil {
			c.stop()
		}
	}()
	if err := trustIn(ctx, filepath.Join(home, ".pki", "nssdb"), l.ca); err != nil {
		return nil, err
	}
	cmd := l.Command(ctx, "chromium", append([]string{
		"--headless", "--disable-gpu", "--no-sandbox", "--no-first-run", "--remote-debugging-port=0", "--remote-allow-origins=*",
		"--disable-background-networking", "--disable-component-update", "--no-proxy-server", "--user-data-dir=" + filepath.Join(home, "profile"),
	}, append(flags, "about:blank")...)...)
	cmd.Env = append(os.Environ(), "HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home)
	said, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	stops = append(stops, func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	lines := bufio.NewScanner(said)
	var m []string
	for m == nil && lines.Scan() {
		m = devtoolsLine.FindStringSubmatch(lines.Text())
	}
	if m == nil {
		return nil, errors.New("the browser has no DevTools")
	}
	go func() {
		for lines.Scan() { // a full pipe would block it
		}
	}()
	browser, stop, err := attachChromium(l.Lab, m)
	if err != nil {
		return nil, err
	}
	stops = append(stops, stop)
	c.ctx, c.address = browser, m[1]
	return c, nil
}

// attachChromium connects to the DevTools of a browser in the lab's client, by what it has
// said about them.
func attachChromium(l *lab.Lab, devtools []string) (ctx context.Context, stop func(), err error) {
	local, stopForward, err := l.Forward(context.Background(), devtools[1])
	if err != nil {
		return nil, nil, err
	}
	alloc, cancelAlloc := remote.NewAllocator(context.Background(), "ws://"+local+devtools[2], remote.NoModifyURL)
	ctx, cancel := chromedp.NewContext(alloc)
	stop = func() {
		cancel()
		cancelAlloc()
		stopForward()
	}
	if err := chromedp.Do(ctx); err != nil {
		stop()
		return nil, nil, err
	}
	return ctx, stop, nil
}

// trustIn makes an NSS database that trusts a CA for servers.
func trustIn(ctx context.Context, db, ca string) error {
	if err := os.MkdirAll(db, 0o700); err != nil {
		return err
	}
	for _, args := range [][]string{
		{"-N", "-d", "sql:" + db, "--empty-password"},
		{"-A", "-d", "sql:" + db, "-n", "lab", "-t", "C,,", "-i", ca},
	} {
		if out, err := exec.CommandContext(ctx, "certutil", args...).CombinedOutput(); err != nil {
			return fmt.Errorf("certutil: %w: %s", err, out)
		}
	}
	return nil
}

// recordedByChromium is the HAR that Chromium's Network panel saves of the lab's page in a
// fault. A call whose request hasn't ended isn't in it.
func (l *faultLab) recordedByChromium(ctx context.Context, f fault) (har []byte, err error) {
	use := func(tab chromiumTab) error { return l.usePage(tab, f) }
	if f.asks {
		return l.savedByChromium(ctx, f.waits(), use)
	}
	// As a company's policy sets it: else the browser refuses to ask a private address.
	return l.savedByChromium(ctx, f.waits(), use, "--disable-features=LocalNetworkAccessChecks")
}

// savedByChromium is the HAR that a Chromium's Network panel saves some time after the use
// of a tab.
func (l *faultLab) savedByChromium(ctx context.Context, wait time.Duration, use func(chromiumTab) error, flags ...string) ([]byte, error) {
	c, err := l.startChromium(ctx, flags...)
	if err != nil {
		return nil, err
	}
	defer c.stop()
	page, cancel := chromedp.NewContext(c.ctx)
	defer cancel()
	page, stop := context.WithTimeout(page, 5*time.Minute)
	defer stop()
	if err := chromedp.Do(page); err != nil {
		return nil, err
	}
	panel, closePanel, err := c.networkPanel(page)
	if err != nil {
		return nil, err
	}
	defer closePanel()
	if err := use(chromiumTab{page}); err != nil {
		return nil, err
	}
	return settled(wait, func() (string, error) {
		return chromedp.Run(panel, chromedp.Evaluate[string](`(async () => {
			const Network = await import("devtools://devtools/bundled/panels/network/network.js");
			const HAR = await import("devtools://devtools/bundled/models/har/har.js");
			const log = await HAR.Log.Log.build(Network.NetworkPanel.NetworkPanel.instance().networkLogView.harRequests(), {sanitize: true});
			return JSON.stringify({log});
		})()`, chromedp.EvalAwaitPromise))
	})
}

// networkPanel opens DevTools' own front end for a tab, in a tab of its own, and waits until
// it listens. It keeps what an earlier page sent.
func (c *loneChromium) networkPanel(page context.Context) (context.Context, context.CancelFunc, error) {
	id := string(chromedp.FromContext(page).Target.TargetID)
	panel, cancel := chromedp.NewContext(c.ctx)
	url := "devtools://devtools/bundled/devtools_app.html?ws=" + c.address + "/devtools/page/" + id + "&panel=network"
	const listens = `(async () => {
		const SDK = await import("devtools://devtools/bundled/core/sdk/sdk.js");
		const Common = await import("devtools://devtools/bundled/core/common/common.js");
		const target = SDK.TargetManager.TargetManager.instance().scopeTarget();
		if (!target?.model(SDK.NetworkManager.NetworkManager)) return false;
		await import("devtools://devtools/bundled/panels/network/network.js");
		Common.Settings.Settings.instance().moduleSetting("network-log.preserve-log").set(true);
		return target.inspectedURL() !== "";
	})()`
	err := chromedp.Do(panel, chromedp.Navigate(url))
	for deadline := time.Now().Add(time.Minute); err == nil; time.Sleep(100 * time.Millisecond) {
		var ready bool
		if ready, err = chromedp.Run(panel, chromedp.Evaluate[bool](listens, chromedp.EvalAwaitPromise)); ready {
			return panel, cancel, nil
		}
		if err == nil && time.Now().After(deadline) {
			err = errors.New("DevTools' front end doesn't listen")
		}
	}
	cancel()
	return nil, nil, err
}

// A chromiumTab is a browserTab of a Chromium, as a context of chromedp.
type chromiumTab struct{ ctx context.Context }

func (t chromiumTab) open(url string) error { return chromedp.Do(t.ctx, chromedp.Navigate(url)) }

func (t chromiumTab) call() error {
	return chromedp.Do(t.ctx, chromedp.Evaluate[chromedp.Void](`go(); 0`))
}

func (t chromiumTab) done(path string) error { return t.wait(path, "done") }

func (t chromiumTab) halfDone(path string) error { return t.wait(path, "half") }

func (t chromiumTab) wait(path, mark string) error {
	for deadline := time.Now().Add(pagePatience); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		at, err := chromedp.Run(t.ctx, chromedp.Evaluate[string](`location.pathname + " " + document.body?.dataset.`+mark))
		if err == nil && at == path+" yes" {
			return nil
		}
	}
	return errors.New("the page isn't done")
}
