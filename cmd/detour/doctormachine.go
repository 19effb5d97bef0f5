package main

import (
	"context"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"detour/certs"
	"detour/internal/aws"
	"detour/internal/browser"
	"detour/internal/doctor"
	"detour/internal/running"
	"detour/internal/truststore"
)

// ownProxies are the proxies of the detours that run, as host:port.
func ownProxies(ctx context.Context) (out []string) {
	runs, err := running.List(ctx, runsDir())
	if err != nil {
		return nil // then there are none to find
	}
	for _, r := range runs {
		if u, err := url.Parse(r.Proxy); err == nil {
			out = append(out, u.Host)
		}
	}
	return out
}

func (o *doctorOptions) port(own []string) doctor.Port {
	p := doctor.Port{Address: o.listen, Default: o.listen == defaultListen}
	l, err := net.Listen("tcp", o.listen) //nolint:noctx // it takes no time
	if err == nil {
		l.Close()
		return p
	}
	p.Err = err.Error()
	if slices.Contains(own, o.listen) {
		p.Own = o.listen
	}
	return p
}

func (o *doctorOptions) foundBrowser() doctor.Browser {
	b := doctor.Browser{Choice: o.browser}
	path, err := findBrowser(o.browser)
	b.Path = path
	if err != nil {
		b.Err = err.Error()
	}
	b.Twice = browser.StartsTwice(path, o.profileDir())
	return b
}

// state tries to write where detour keeps things, and leaves nothing.
func (o *doctorOptions) state() doctor.State {
	s := doctor.State{Dir: stateDir(), Profile: o.profileDir(), Err: notWritable(stateDir())}
	if s.Profile == "" {
		return s
	}
	for _, link := range []string{"SingletonLock", "lock"} { // Chromium's and Firefox's, as long as they run
		if _, err := os.Lstat(filepath.Join(s.Profile, link)); err == nil {
			s.InUse = true
		}
	}
	return s
}

// notWritable is why nothing can be made in a directory, or, where it isn't there
// yet, in the next one above it; "": it can.
func notWritable(dir string) string {
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(dir); err == nil || dir == filepath.Dir(dir) {
			break
		}
	}
	probe, err := os.MkdirTemp(dir, ".detour-doctor-")
	if err != nil {
		return err.Error()
	}
	_ = os.Remove(probe)
	return ""
}

// capturesKept counts the captures in a directory, with what SQLite keeps beside
// them.
func capturesKept(dir string) doctor.Captures {
	c := doctor.Captures{Dir: dir, Err: notWritable(dir)}
	entries, _ := os.ReadDir(dir) // none is there yet
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() || !strings.Contains(e.Name(), ".detour") {
			continue
		}
		c.Bytes += info.Size()
		if strings.HasSuffix(e.Name(), ".detour") {
			c.Files++
		}
	}
	return c
}

// configRead is the file of settings that was read; "" if none was.
func configRead(c *cobra.Command) string {
	path, err := c.Flags().GetString("config")
	if err != nil || path == noConfig {
		return ""
	}
	if path == "" {
		path = configFile()
	}
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path
}

func pacOfSystem(ctx context.Context) doctor.PAC {
	args := doctor.PACCommand(runtime.GOOS)
	out, err := exec.CommandContext(ctx, args[0], args[1:]...).Output()
	if err != nil {
		return doctor.PAC{} // no GNOME, say: there is no such setting then
	}
	return doctor.ReadPAC(runtime.GOOS, string(out))
}

// lookAtChains looks at the chains that --decrypt asks for, and what trusts them.
func (o *doctorOptions) lookAtChains(ctx context.Context, tables *aws.Tables) (out []doctor.Chain) {
	w, err := parseDecrypt(o.decrypt)
	if err != nil {
		return nil
	}
	var stores []truststore.Store
	if m, err := truststore.ThisMachine(); err == nil {
		stores = m.Stores()
	}
	for _, spec := range w.chains(o.chainDir(), tables) {
		ch := doctor.Chain{Dir: spec.dir, Now: time.Now()}
		ca, err := spec.load()
		switch {
		case err != nil:
			ch.Err = err.Error()
		case ca != nil:
			ch.NotAfter, ch.EveryHost = ca.NotAfter(), ca.Unconstrained()
			ch.Trusted, ch.Unknown = trusting(ctx, stores, truststore.Root{Cert: ca.Root(), File: absolute(ca.Path())})
		}
		retired, err := certs.Retired(spec.dir)
		for _, r := range retired {
			by, _ := trusting(ctx, stores, truststore.Root{Cert: r.Cert, File: absolute(r.Path)})
			ch.Retired = append(ch.Retired, by...)
		}
		if err != nil && ch.Err == "" {
			ch.Err = err.Error()
		}
		out = append(out, ch)
	}
	return out
}

// trusting asks the stores for a root.
func trusting(ctx context.Context, stores []truststore.Store, r truststore.Root) (by, unknown []string) {
	for _, s := range stores {
		switch f, err := s.Find(ctx, truststore.Run, r); {
		case err != nil:
			unknown = append(unknown, s.Name()+" ("+err.Error()+")")
		case f.Trusted:
			by = append(by, s.Name())
		}
	}
	return by, unknown
}

func terminalOf(stdout io.Writer) doctor.Terminal {
	if !onTerminal(stdout) {
		return doctor.Terminal{}
	}
	t := doctor.Terminal{Is: true, Term: os.Getenv("TERM"), ColorTerm: os.Getenv("COLORTERM"), NoColor: os.Getenv("NO_COLOR") != "", UTF8: true}
	t.Width, t.Height = terminalSize(stdout)
	if runtime.GOOS == "windows" {
		t.Term = "Windows console"
	} else {
		_, locale := firstSet(os.Getenv, []string{"LC_ALL", "LC_CTYPE", "LANG"})
		locale = strings.ToLower(locale)
		t.UTF8 = strings.Contains(locale, "utf-8") || strings.Contains(locale, "utf8")
	}
	if os.Getenv("TMUX") != "" {
		t.Multiplexer = "tmux"
	}
	return t
}
