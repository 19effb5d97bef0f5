package browser

// ConsoleURL is the default page: it leads to the sign-in or, signed in, to the console
// in the Region that was used last.
const ConsoleURL = "https://console.aws.amazon.com/"

// arguments is the command line. It switches off what would send requests to the vendor
// through the proxy, or bypass it over UDP, and nothing that protects the user. There is
// no --proxy-bypass-list: with --proxy-server alone, only loopback and link-local
// addresses are reached directly, and none of AWS's.
//
// The same line hands a page to the browser that has the profile open. If that one ends
// at this moment, the browser that starts instead is just as isolated.
func arguments(opt Options, profile string, asRoot bool) []string {
	args := []string{
		"--user-data-dir=" + profile,
		"--proxy-server=" + opt.ProxyURL,
		"--no-first-run",
		"--no-default-browser-check",
		"--disable-background-networking",
		"--disable-component-update",
		"--disable-sync",
		"--disable-quic",
		// At each start, Chromium asks accounts.google.com who is signed in to Google. This
		// URL replaces that one with a port that browsers refuse (RFC 863), so no request
		// is made. The host itself can't be blocked: a page may send a person there to sign
		// in. No other switch stops it.
		"--gaia-url=http://127.0.0.1:9/",
	}
	if opt.SPKI != "" {
		// It accepts any certificate, for any name, that comes with one of a listed key.
		// Chromium honours it only along with --user-data-dir, so it never weakens a profile
		// in daily use.
		args = append(args, "--ignore-certificate-errors-spki-list="+opt.SPKI)
	}
	if asRoot {
		args = append(args, "--no-sandbox")
	}
	args = append(args, opt.Args...)
	if opt.URL == "" {
		return append(args, ConsoleURL)
	}
	return append(args, opt.URL)
}
