package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/chromedp/chromedp"
)

// browsedThrough is the verdict of `detour run` on the page in a Chromium that it has
// started.
func (l *faultLab) browsedThrough(ctx context.Context, f fault) (v verdict) {
	r, browser, stop, err := l.startBrowsing(ctx)
	if err != nil {
		v.err = err
		return v
	}
	defer stop()
	tab, cancel := chromedp.NewContext(browser)
	defer cancel()
	tab, cancelTab := context.WithTimeout(tab, 5*time.Minute)
	defer cancelTab()
	r.startWatch()
	if v.err = l.usePage(chromiumTab{tab}, f); v.err != nil {
		_, _ = r.end()
		return v
	}
	v.took = time.Since(l.since)
	l.settle(r.capture, f)
	r.judge(&v, l.since)
	return v
}

// startBrowsing starts detour with a headless Chromium, and connects to that.
func (l *faultLab) startBrowsing(ctx context.Context) (r *faultRun, browser context.Context, stop func(), err error) {
	program, err := exec.LookPath("chromium")
	if err != nil {
		return nil, nil, nil, err
	}
	dir, err := os.MkdirTemp(l.dir, "browser")
	if err != nil {
		return nil, nil, nil, err
	}
	wrapper, devtools := filepath.Join(dir, "chromium-headless"), filepath.Join(dir, "devtools")
	script := fmt.Sprintf("#!/bin/sh\nexec %s --headless --disable-gpu --remote-debugging-port=0 \"$@\" 2>%s\n", program, devtools)
	if err := os.WriteFile(wrapper, []byte(script), 0o700); err != nil { //nolint:gosec // a program has to be executable
		return nil, nil, nil, err
	}
	if r, err = l.startRun(ctx, wrapper); err != nil {
		return nil, nil, nil, err
	}
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		said, _ := os.ReadFile(devtools)
		if m := devtoolsLine.FindStringSubmatch(string(said)); m != nil {
			browser, stop, err = attachChromium(l.Lab, m)
			return r, browser, stop, err
		}
	}
	_, _ = r.end()
	return nil, nil, nil, errors.New("no browser: " + r.stderr.String())
}
