package browser

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// ErrNoCertutil says that NSS's certutil is missing, which alone can make a profile
// of Firefox trust a certificate.
var ErrNoCertutil = errors.New("firefox needs certutil, of Debian's libnss3-tools, Fedora's nss-tools or Homebrew's nss")

// isFirefox tells Firefox, which knows none of Chromium's switches, by its name.
func isFirefox(path string) bool {
	name := strings.ToLower(filepath.Base(strings.ReplaceAll(path, `\`, "/")))
	return strings.HasPrefix(name, "firefox") || name == flatpakFirefox
}

// certutilPatience bounds each call of certutil.
const certutilPatience = 20 * time.Second

// prepareFirefox gives a profile its settings and has it trust the roots.
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
	if len(opt.Roots) == 0 {
		return nil
	}
	return trustRoots(ctx, dir, opt.Roots)
}

// trustRoots puts certificates into a profile's NSS database, which is made if absent.
func trustRoots(ctx context.Context, dir string, pem []byte) error {
	certutil, err := findCertutil()
	if err != nil {
		return err
	}
	file := filepath.Join(dir, "detour-ca.pem")
	if err := os.WriteFile(file, pem, 0o600); err != nil {
		return err
	}
	db := "sql:" + dir
	if _, err := os.Stat(filepath.Join(dir, "cert9.db")); err != nil {
		if err := runCertutil(ctx, certutil, "-N", "-d", db, "--empty-password"); err != nil {
			return err
		}
	} else {
		_ = runCertutil(ctx, certutil, "-D", "-d", db, "-n", nickname) // that of the run before
	}
	return runCertutil(ctx, certutil, "-A", "-d", db, "-n", nickname, "-t", "C,,", "-a", "-i", file)
}

const nickname = "detour"

// CanTrust says why the browser at path can't be made to trust certificates of
// Options.Roots: it is Firefox, and there is no certutil. Nil: it can.
func CanTrust(path string) error {
	if !isFirefox(path) {
		return nil
	}
	_, err := findCertutil()
	return err
}

func findCertutil() (string, error) {
	if runtime.GOOS == "windows" { // its certutil is another program
		return "", ErrNoCertutil
	}
	path, err := exec.LookPath("certutil")
	if err != nil {
		path, err = exec.LookPath("/opt/homebrew/opt/nss/bin/certutil")
	}
	if err != nil {
		return "", ErrNoCertutil
	}
	return path, nil
}

func runCertutil(ctx context.Context, program string, args ...string) error {
	ctx, cancel := context.WithTimeout(ctx, certutilPatience)
	defer cancel()
	if out, err := exec.CommandContext(ctx, program, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w: %s", program, args[0], err, strings.TrimSpace(string(out)))
	}
	return nil
}

// preferences are a profile's user.js: everything goes through the proxy, which
// resolves names, too; nothing is asked at the first start; what Firefox would ask
// its maker on its own is off. What protects the user stays on, and with it the settings
// that Firefox has of its maker (firefox.settings.services.mozilla.com: certificates
// that were revoked, add-ons that are blocked), of which a release lets itself be told
// no other place.
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
		{"browser.region.network.url", `""`}, // it is asked once all the same
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
		fmt.Fprintf(&b, "user_pref(%s, %s);\n", quoted(p[0]), p[1])
	}
	return b.String()
}

func quoted(s string) string { return `"` + s + `"` }

// firefoxArguments is the command line. The new instance asks none that runs to show
// its page, and can be asked itself by whoever names its profile: not by links that
// other programs open.
func firefoxArguments(opt Options, profile string) []string {
	page := opt.URL
	if page == "" {
		page = ConsoleURL
	}
	return append(append([]string{"--new-instance", "--profile", profile}, opt.Args...), page)
}

// firefoxHand is the command line that hands a page to the instance of a profile.
func firefoxHand(opt Options, profile string) []string {
	return append(append([]string{"--profile", profile}, opt.Args...), "--new-tab", opt.URL)
}
