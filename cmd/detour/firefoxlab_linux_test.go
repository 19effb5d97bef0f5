package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// firefoxPrefs keep Firefox from requests of its own, and from changing what it does
// because it is remote-controlled. Local Network Access is off, as a company's policy sets
// it: a window would ask, and nobody answers.
const firefoxPrefs = `
user_pref("remote.prefs.recommended", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("browser.startup.page", 0);
user_pref("browser.newtabpage.enabled", false);
user_pref("browser.aboutwelcome.enabled", false);
user_pref("browser.safebrowsing.malware.enabled", false);
user_pref("browser.safebrowsing.phishing.enabled", false);
user_pref("browser.region.update.enabled", false);
user_pref("browser.search.update", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("datareporting.usage.uploadEnabled", false);
user_pref("toolkit.telemetry.enabled", false);
user_pref("termsofuse.bypassNotification", true);
user_pref("app.normandy.enabled", false);
user_pref("extensions.update.enabled", false);
user_pref("services.settings.server", "http://127.0.0.1:9/");
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("network.proxy.type", 0);
user_pref("network.trr.mode", 5);
user_pref("network.lna.enabled", false);
user_pref("network.lna.blocking", false);
user_pref("devtools.netmonitor.persistlog", true);
`

// A loneFirefox is a Firefox in the lab's client that uses no proxy, and trusts the lab's
// servers. Its window is on a virtual screen.
type loneFirefox struct {
	*marionette

	stop func()
}

func (l *faultLab) startFirefox(ctx context.Context) (f *loneFirefox, err error) {
	home, err := os.MkdirTemp("", "detour-lab-browser") // its helpers may still write when the test ends
	if err != nil {
		return nil, err
	}
	var stops []func()
	f = &loneFirefox{stop: func() {
		for i := range stops {
			stops[len(stops)-1-i]()
		}
		_ = os.RemoveAll(home)
	}}
	defer func() {
		if err != nil {
			f.stop()
		}
	}()
	display, screen, err := startScreen(ctx)
	if err != nil {
		return nil, err
	}
	stops = append(stops, screen)
	profile := filepath.Join(home, "profile")
	if err := trustIn(ctx, profile, l.ca); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(profile, "user.js"), []byte(firefoxPrefs), 0o600); err != nil {
		return nil, err
	}
	cmd := l.Command(ctx, "firefox-esr", "--marionette", "--remote-allow-system-access", "--no-remote", "--profile", profile, "about:blank")
	cmd.Env = append(os.Environ(), "DISPLAY="+display, "HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home, "MOZ_CRASHREPORTER_DISABLE=1")
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	stops = append(stops, func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	local, stop, err := l.Forward(context.Background(), "127.0.0.1:2828") // marionette.port
	if err != nil {
		return nil, err
	}
	stops = append(stops, stop)
	for deadline := time.Now().Add(3 * time.Minute); f.marionette == nil; time.Sleep(200 * time.Millisecond) {
		if f.marionette, err = dialMarionette(local); err != nil && time.Now().After(deadline) {
			return nil, fmt.Errorf("firefox isn't ready: %w", err)
		}
	}
	stops = append(stops, f.close)
	return f, nil
}

// startScreen starts a virtual screen, and returns its name.
func startScreen(ctx context.Context) (display string, stop func(), err error) {
	r, w, err := os.Pipe()
	if err != nil {
		return "", nil, err
	}
	defer r.Close()
	cmd := exec.CommandContext(ctx, "Xvfb", "-displayfd", "3", "-screen", "0", "1400x1000x24", "-nolisten", "tcp")
	cmd.ExtraFiles = []*os.File{w}
	err = cmd.Start()
	_ = w.Close()
	if err != nil {
		return "", nil, err
	}
	stop = func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	number, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		stop()
		return "", nil, fmt.Errorf("no virtual screen: %w", err)
	}
	return ":" + strings.TrimSpace(number), stop, nil
}

// exportNumber is the ID of a HAR's page, which counts the exports.
var exportNumber = regexp.MustCompile(`"page_\d+"`)

// recordedByFirefox is the HAR that Firefox's Network panel saves of the lab's page in a
// fault.
func (l *faultLab) recordedByFirefox(ctx context.Context, f fault) ([]byte, error) {
	b, err := l.startFirefox(ctx)
	if err != nil {
		return nil, err
	}
	defer b.stop()
	const panel = `
		const { require } = ChromeUtils.importESModule("resource://devtools/shared/loader/Loader.sys.mjs");
		const { gDevTools } = require("devtools/client/framework/devtools");
		const tab = Services.wm.getMostRecentWindow("navigator:browser").gBrowser.selectedTab;
		const toolbox = await gDevTools.showToolboxForTab(tab, { toolId: "netmonitor" });
		const { api } = toolbox.getCurrentPanel().panelWin;`
	if err := b.run("chrome", panel, nil); err != nil {
		return nil, err
	}
	if err := l.usePage(b, f); err != nil {
		return nil, err
	}
	return settled(f.waits(), func() (har string, err error) {
		err = b.run("chrome", panel+`
			const { HarMenuUtils } = require("devtools/client/netmonitor/src/har/har-menu-utils");
			const { getDisplayedRequests } = require("devtools/client/netmonitor/src/selectors/index");
			return HarMenuUtils.copyAllAsHar(getDisplayedRequests(api.store.getState()), api.connector);`, &har)
		return exportNumber.ReplaceAllString(har, `"page_1"`), err
	})
}

func (f *loneFirefox) open(url string) error {
	return f.run("chrome", `Services.wm.getMostRecentWindow("navigator:browser").gBrowser.selectedBrowser.fixupAndLoadURIString(
		args[0], { triggeringPrincipal: Services.scriptSecurityManager.getSystemPrincipal() });`, nil, url)
}

func (f *loneFirefox) call() error {
	return f.run("content", `window.go();`, nil)
}

func (f *loneFirefox) done(path string) error { return f.wait(path, "done") }

func (f *loneFirefox) halfDone(path string) error { return f.wait(path, "half") }

// wait asks the page until it has a mark.
func (f *loneFirefox) wait(path, mark string) error {
	for deadline := time.Now().Add(pagePatience); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		var at string
		err := f.run("content", `return location.pathname + " " + document.body?.dataset.`+mark+";", &at)
		if err == nil && at == path+" yes" {
			return nil
		}
	}
	return errors.New("the page isn't done")
}
