package browser

// ConsoleURL is the page that opens if none is asked for: it leads to the sign-in
// or, signed in, to the console of the region last used.
const ConsoleURL = "https://console.aws.amazon.com/"

// arguments is the command line. What is switched off would talk to its maker
// on its own, through us, or go past us over UDP; nothing that protects the user
// is switched off. There is no --proxy-bypass-list: with --proxy-server alone only
// loopback and link-local addresses are asked for directly, and none of AWS's.
//
// The same line hands a page to the browser that has the profile open. Should that
// one end at this moment, what is started is as isolated as it was.
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
		// Of who is signed in to Google, Chromium asks accounts.google.com at each start. A
		// page may send a person there to sign in, so that host can't be told to be the
		// browser's own; asked here, where a port is that browsers refuse (RFC 863), it
		// asks nobody. No other switch stops it.
		"--gaia-url=http://127.0.0.1:9/",
	}
	if opt.SPKI != "" {
		// Only heeded along with --user-data-dir, so that a profile in daily use is
		// never weakened.
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
