package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"detour/internal/browser"
	"detour/internal/decrypt"
	"detour/internal/running"
)

func runCommand() *cobra.Command {
	o := &runOptions{}
	c := &cobra.Command{
		Short: "Start the proxy, an isolated browser and the live table",
		Args:  oneURL,
		RunE: func(c *cobra.Command, args []string) error {
			return runSession(c, o, strings.Join(args, ""))
		},
	}
	o.register(c.Flags())
	return c
}

// runSession is `detour run`.
func runSession(c *cobra.Command, o *runOptions, url string) error {
	base, end, err := o.begin(c)
	if err != nil {
		return err
	}
	defer end()
	n, err := o.network()
	if err != nil {
		return err
	}
	path, others, why := o.findBrowsers()
	if path == "" && o.browser != "auto" && o.browser != "none" {
		return flagUsage("browser", "detour help browsers lists those that are here; --browser none starts none", "--browser %s: %w", o.browser, why)
	}
	d, err := o.decryption(base.tables, path != "" && o.caDir == "")
	if err != nil {
		return err
	}
	base.decrypt = d
	if d.All {
		base.badge = "ALL HOSTS"
		if o.ui == "tui" {
			fmt.Fprintln(base.stderr, "detour: "+d.Warning()) // the table has its place for a short while only
		}
	}
	moved := ""
	if base.listen, moved, err = o.listener(c.Flags().Changed("listen")); err != nil {
		return err
	}
	up, err := o.upstream(base.listen.Addr(), ownProxies(c.Context()))
	if err != nil {
		_ = base.listen.Close()
		return err
	}
	n.via, n.askLosers = up.Via, o.probeLosers
	s := newSession(base, n)
	if path == "" {
		s.hint = s.byHand(why, moved)
		s.noWindow = "no browser was started; open it in your own, behind this proxy"
	} else {
		opt := browser.Options{
			Path: path, ProxyURL: s.url(), SPKI: d.SPKI(), Roots: d.RootsPEM(), ProfileDir: o.profileDir(), URL: url,
		}
		if o.log != "" {
			opt.Log = newOutputLog(s.log, s.intake.Text)
		}
		s.window = newWindow(s, opt)
		s.window.others = others
	}
	s.browser = path
	if err := s.keepOnDisk(c.Context(), c); err != nil {
		_ = s.listen.Close()
		return err
	}
	defer s.announce()()
	return s.serve(c.Context(), func(ctx context.Context) bool {
		var swept sync.WaitGroup
		swept.Go(func() { sweep(ctx) })
		defer swept.Wait()
		for _, t := range slices.Concat(d.Notices(), up.Notices, o.resolving(), o.startingTwice(path, d)) {
			s.say(t)
		}
		if path != "" && moved != "" {
			s.say(moved)
		}
		if path == "" {
			for _, t := range s.hint { // the table shows it as long as it is empty
				s.say(t)
			}
			s.said.Store(nil)
			return false
		}
		s.window.tend(ctx)
		return false
	})
}

// sweep removes what runs left that were killed.
func sweep(ctx context.Context) {
	browser.Sweep()
	_, _ = running.List(ctx, runsDir())
}

// findBrowsers returns the program to start, and with auto others, for where it can't
// be used. A profile that is kept is one browser's: another one couldn't read it.
func (o *runOptions) findBrowsers() (path string, others []string, why error) {
	path, why = findBrowser(o.browser)
	if path == "" || o.browser != "auto" || o.profile != "" {
		return path, nil, why
	}
	all, err := browser.All(o.browser)
	if err != nil {
		return path, nil, why
	}
	return path, all[1:], why
}

// findBrowser returns no path, and why, if none is to be started.
func findBrowser(choice string) (string, error) {
	if choice == "none" {
		return "", errors.New("as --browser none asks")
	}
	return browser.Find(choice)
}

// profileDir is the directory of the profile that is kept; "" for one that is thrown away.
func (o *runOptions) profileDir() string {
	if o.profile == "" || checkProfile(o.profile) != nil || profilesDir() == "" {
		return ""
	}
	return filepath.Join(profilesDir(), o.profile)
}

// startingTwice says why there is no window for some seconds.
func (o *runOptions) startingTwice(path string, d *decrypt.Policy) []string {
	if len(d.CAs) == 0 || !browser.StartsTwice(path, o.profileDir()) {
		return nil
	}
	return []string{"Firefox starts without a window at first, to have it trust this run; that takes some seconds"}
}

// say tells a person something: on stderr, or in the table's head.
func (s *session) say(text string) {
	text = s.intake.Text(text)
	s.log.Info(text)
	s.said.Store(&text)
	s.headNews.Add(1)
	if s.opt.ui == "none" {
		fmt.Fprintln(s.stderr, "detour: "+text)
	}
}

// byHand says what to set where no browser is started. moved is that the proxy isn't
// where it is as a rule, or "".
func (s *session) byHand(why error, moved string) []string {
	no := "no browser is started: " + why.Error()
	if s.opt.profile != "" {
		no += "; --profile " + s.opt.profile + " isn't used"
	}
	first := []string{no}
	if moved != "" {
		first = append(first, moved)
	}
	return append(first, s.stepsByHand()...)
}

// stepsByHand are those for one's own browser.
func (s *session) stepsByHand() []string {
	root := s.decrypt.Path()
	if root == "" { // it is in memory
		root = s.url() + "/ca.pem, which ends with this run"
	}
	return []string{
		"set " + s.url() + " as HTTP and HTTPS proxy, and trust " + root,
		"open " + s.url() + " in a browser for a PAC file, the certificate and the steps for your system",
		"Chrome or Edge: --proxy-server=" + s.url() + " --ignore-certificate-errors-spki-list=" + s.decrypt.SPKI() + " --user-data-dir=NEW_DIRECTORY",
		"a terminal: eval \"$(detour env)\"; fish, PowerShell and cmd: detour env --help",
	}
}
