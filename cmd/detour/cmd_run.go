package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"detour/internal/browser"
	"detour/internal/browserstatus"
	"detour/internal/decrypt"
	"detour/internal/instances"
	"detour/internal/manualsetup"
	"detour/internal/session"
	"detour/internal/typed"
	"detour/internal/wsl"
)

func runCommand() *cobra.Command {
	o := &runOptions{}
	c := &cobra.Command{
		Short: "Start the proxy, an isolated browser and the live table",
		Args:  oneURL,
		RunE: func(c *cobra.Command, args []string) error {
			url := ""
			if len(args) == 1 {
				url, _ = typed.PageURL(args[0])
			}
			return runSession(c, o, url)
		},
	}
	o.register(c.Flags())
	return c
}

// runSession is `detour run`.
func runSession(c *cobra.Command, o *runOptions, url string) error {
	cfg, end, err := o.sessionConfig(c)
	if err != nil {
		return err
	}
	defer end()
	if cfg.Network, err = o.network(); err != nil {
		return err
	}
	found := o.findBrowsers()
	if found.path == "" && o.browser != "auto" && o.browser != "none" {
		return flagUsage("browser", "detour help browsers lists the installed ones; --browser none starts no browser",
			"--browser %s: %w", o.browser, found.why)
	}
	if cfg.Decrypt, err = o.decryption(cfg.Tables, found.path != "" && o.caDir == ""); err != nil {
		return err
	}
	table := liveTable{opt: o, tables: cfg.Tables}
	if table.otlp, err = o.otlp.Run(o.privacy == "strict"); err != nil {
		return err
	}
	if cfg.Decrypt.All {
		table.badge = "ALL HOSTS"
		if o.ui == "tui" {
			tell(c.ErrOrStderr(), []string{cfg.Decrypt.Warning()}) // the table shows it for a short while only
		}
	}
	moved := ""
	if cfg.Listener, moved, err = o.listener(c.Flags().Changed("listen")); err != nil {
		return err
	}
	cfg.AnyUser = o.allowUsers == "any"
	up, unused, err := o.upstream(cfg.Listener.Addr(), ownProxies(c.Context()), cfg.Network.Resolver)
	if err != nil {
		_ = cfg.Listener.Close()
		return err
	}
	defer up.Close()
	table.otlp.Connect(up.Via, cfg.Network.RootCAs)
	cfg.Network.Via, cfg.Network.Then, cfg.Network.Why, cfg.Network.Unused = up.Via, up.Then, up.Why, unused
	cfg.Network.ProbeLosers = o.probeLosers
	if cfg.RunsDir = runsDir(); cfg.RunsDir == "" {
		cfg.Log.Warn("detour env will not find this run", "error", noState())
	}
	cfg.Work = func(ctx context.Context, s *session.Session) {
		sweep(ctx)
		up.Watch(ctx, s.Notice)
	}
	consent := table.otlp.Consent()
	cfg.Notices = slices.Concat(cfg.Decrypt.Notices(), up.Notices, o.resolving(), o.startingTwice(found.path, cfg.Decrypt), consent)
	if o.ui == "tui" {
		tell(c.ErrOrStderr(), consent) // the table shows it for a short while only
	}
	setup := manualsetup.Setup{Proxy: "http://" + cfg.Listener.Addr().String(), Root: cfg.Decrypt.Path(), SPKI: cfg.Decrypt.SPKI()}
	setup.SSH = manualsetup.SSHForward(os.Getenv, cfg.Listener.Addr().String())
	networks := wsl.Read().Notices()
	if found.path == "" {
		table.noBrowse = "no browser was started; open it in your own, behind this proxy"
		table.hint = append(o.withoutBrowser(found.why, moved, setup), networks...)
		if o.ui == "none" {
			cfg.Notices = append(cfg.Notices, table.hint...)
		} else { // the table shows it as long as it is empty
			for _, line := range table.hint {
				cfg.Log.Info(line)
			}
		}
	} else {
		if moved != "" { // its own browser knows the port, and the title bar shows it
			cfg.Log.Info(moved)
		}
		table.status = o.browserStatus(found.path, cfg.Listener.Addr().String())
		cfg.Notices = slices.Concat(cfg.Notices, table.status.Policies, networks)
		cfg.Browser = o.sessionBrowser(c.ErrOrStderr(), found, url, setup, table.status)
	}
	table.reprobe = newReprobe(cfg.Network, cfg.Tables, o.reference)
	return o.serve(c, cfg, table)
}

// sessionBrowser is the browser that a session keeps, and that opens url first.
func (o *runOptions) sessionBrowser(
	stderr io.Writer, found foundBrowsers, url string, setup manualsetup.Setup, x browserstatus.Status,
) *session.Browser {
	b := &session.Browser{
		Options: browser.Options{Path: found.path, ProfileDir: o.profileDir(), URL: url}, Others: found.others, Log: o.log != "",
	}
	if o.ui == "none" {
		b.Changed = func(s browser.State) { x.Print(stderr, s, setup) }
	}
	return b
}

// sweep removes what killed runs left behind.
func sweep(ctx context.Context) {
	browser.Sweep()
	_, _ = instances.List(ctx, runsDir())
}

// foundBrowsers are the programs that --browser selects.
type foundBrowsers struct {
	path   string   // the one to start; "": none
	others []string // to start if that one can't be used
	why    error    // why none is started
}

// findBrowsers finds the program to start and, with auto, others for when it can't be
// used. A profile that is kept belongs to one browser: another one couldn't read it.
func (o *runOptions) findBrowsers() (f foundBrowsers) {
	f.path, f.why = findBrowser(o.browser)
	if f.path == "" || o.browser != "auto" || o.profile != "" {
		return f
	}
	if all, err := browser.All(o.browser); err == nil {
		f.others = all[1:]
	}
	return f
}

// findBrowser returns no path, and why, if none is to be started.
func findBrowser(choice string) (string, error) {
	if choice == "none" {
		return "", errors.New("--browser none")
	}
	return browser.Find(choice)
}

// profileDir is the directory of the profile that is kept; "" for a temporary one.
func (o *runOptions) profileDir() string {
	if o.profile == "" || checkProfile(o.profile) != nil || profilesDir() == "" {
		return ""
	}
	return filepath.Join(profilesDir(), o.profile)
}

// startingTwice is the notice why there is no window for some seconds.
func (o *runOptions) startingTwice(path string, d *decrypt.Policy) []string {
	if len(d.CAs) == 0 || !browser.StartsTwice(path, o.profileDir()) {
		return nil
	}
	return []string{"Firefox first starts without a window, to trust this run's certificate; that takes a few seconds"}
}
