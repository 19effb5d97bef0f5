package browser

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// isFirefox reports, by its name, whether a program is Firefox, which knows none of
// Chromium's switches.
func isFirefox(path string) bool {
	name := strings.ToLower(filepath.Base(strings.ReplaceAll(path, `\`, "/")))
	return strings.HasPrefix(name, "firefox") || name == flatpakFirefox
}

// prepareFirefox writes a profile's settings and makes it trust the roots.
func prepareFirefox(ctx context.Context, opt Options, dir string) error {
	at, err := url.Parse(opt.ProxyURL)
	if err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(at.Host)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "user.js"), []byte(preferences(host, port)), 0o600); err != nil {
		return err
	}
	switch certutil := certutilFor(dir); {
	case len(opt.Roots) == 0:
		return nil
	case certutil != "":
		return trustByCertutil(ctx, certutil, dir, opt.Roots)
	default:
		return trustByFirefox(ctx, opt, dir)
	}
}

// StartsTwice reports whether Start, given Options.Roots, starts the browser at path
// twice, first without a window: it is Firefox, and without certutil only Firefox itself
// can put the roots into its profile, which takes some seconds. profileDir is as in
// Options.
func StartsTwice(path, profileDir string) bool {
	return isFirefox(path) && certutilFor(profileDir) == ""
}

// certutilFor returns the path of the certutil to write into a profile; "" if Firefox has
// to: there is none, or Firefox has done so before.
func certutilFor(dir string) string {
	if _, err := os.Stat(filepath.Join(dir, byFirefox)); dir != "" && err == nil {
		return ""
	}
	return findCertutil()
}

// preferences are a profile's user.js: everything goes through the proxy, which also
// resolves names; the first start asks no questions; requests that Firefox would send to
// Mozilla on its own are off. What protects the user stays on, including the settings from
// firefox.settings.services.mozilla.com (revoked certificates, blocked add-ons), whose
// server can't be changed in a release build.
func preferences(host, port string) string {
	var b strings.Builder
	for _, p := range [][2]string{
		{"network.proxy.type", "1"},
		{"network.proxy.http", quoted(host)},
		{"network.proxy.http_port", port},
		{"network.proxy.ssl", quoted(host)},
		{"network.proxy.ssl_port", port},
		{"network.proxy.no_proxies_on", `""`},
		{"network.proxy.failover_direct", "false"},
		{"network.trr.mode", "5"}, // no DNS over HTTPS: the proxy resolves
		{"network.http.http3.enable", "false"},
		{"network.captive-portal-service.enabled", "false"},
		{"network.connectivity-service.enabled", "false"},
		{"network.prefetch-next", "false"},
		{"network.dns.disablePrefetch", "true"},
		{"browser.shell.checkDefaultBrowser", "false"},
		{"browser.aboutwelcome.enabled", "false"},
		{"browser.startup.homepage_override.mstone", `"ignore"`},
		{"browser.startup.page", "0"},
		{"browser.newtabpage.activity-stream.feeds.topsites", "false"},
		{"browser.newtabpage.activity-stream.feeds.section.topstories", "false"},
		{"browser.newtabpage.activity-stream.showSponsored", "false"},
		{"browser.newtabpage.activity-stream.showSponsoredTopSites", "false"},
		{"browser.region.update.enabled", "false"},
		{"browser.region.network.url", `""`}, // it is still requested once
		{"dom.push.connection.enabled", "false"},
		{"media.gmp-manager.updateEnabled", "false"},
		{"browser.search.update", "false"},
		{"app.normandy.enabled", "false"},
		{"app.update.auto", "false"},
		{"app.update.enabled", "false"},
		{"extensions.update.enabled", "false"},
		{"extensions.getAddons.cache.enabled", "false"},
		{"datareporting.policy.dataSubmissionEnabled", "false"},
		{"datareporting.healthreport.uploadEnabled", "false"},
		{"datareporting.usage.uploadEnabled", "false"},
		{"toolkit.telemetry.enabled", "false"},
		{"toolkit.telemetry.newProfilePing.enabled", "false"},
		{"toolkit.telemetry.unified", "false"},
		{"termsofuse.bypassNotification", "true"},
	} {
		b.WriteString(preference(p[0], p[1]))
	}
	return b.String()
}

func preference(name, value string) string {
	return fmt.Sprintf("user_pref(%s, %s);\n", quoted(name), value)
}

func quoted(s string) string { return `"` + s + `"` }

// firefoxArguments is the command line. The new instance doesn't hand its page to a
// running one, and takes pages only from a program that names its profile, not from links
// that other programs open.
func firefoxArguments(opt Options, profile string) []string {
	page := opt.URL
	if page == "" {
		page = ConsoleURL
	}
	if runtime.GOOS == "windows" {
		// On Windows the program is a launcher that would exit at once. With this switch it
		// stays, and the browser ends with it.
		opt.Args = append([]string{"--wait-for-browser"}, opt.Args...)
	}
	return append(append([]string{"--new-instance", "--profile", profile}, opt.Args...), page)
}

// firefoxOpen is the command line that hands a page to the instance of a profile.
func firefoxOpen(opt Options, profile string) []string {
	return append(append([]string{"--profile", profile}, opt.Args...), "--new-tab", opt.URL)
}
