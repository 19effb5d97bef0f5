package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"detour/certs"
	"detour/internal/aws"
	"detour/internal/browser"
	"detour/internal/decrypt"
	"detour/internal/dial"
	"detour/internal/doctor"
	"detour/internal/running"
	"detour/internal/truststore"
	"detour/internal/upstream"
)

// ownProxies lists the proxies of the detours that run, as host:port. It looks once.
func ownProxies(ctx context.Context) func() []string {
	return sync.OnceValue(func() (out []string) {
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
	})
}

// port tries the proxy's port. asked says that somebody has named it.
func (o *doctorOptions) port(asked bool, running func() []string) doctor.Port {
	p := doctor.Port{Address: o.listen, Default: !asked}
	if err := o.checkListen(); err != nil {
		p.Wrong = mistake(err)
		return p
	}
	l, err := net.Listen("tcp", o.listen) //nolint:noctx // it takes no time
	if err == nil {
		l.Close()
		return p
	}
	p.Err = err.Error()
	if oe := (*net.OpError)(nil); errors.As(err, &oe) {
		p.Err = oe.Err.Error() // the address is said already
	}
	for _, at := range running() {
		if samePort(o.listen, at) {
			p.Own = at
		}
	}
	return p
}

// samePort reports whether two addresses on loopback are one.
func samePort(a, b string) bool {
	host, port, err := net.SplitHostPort(a)
	at, berr := net.ResolveTCPAddr("tcp", b)
	return err == nil && berr == nil && dial.LeadsTo(at, host, port)
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
	switch by := browser.HeldBy(s.Profile); {
	case by == nil:
	case by.Host != "":
		s.OpenBy, s.Away = "another computer ("+by.Host+")", true
	default:
		s.OpenBy = fmt.Sprintf("process %d", by.PID)
	}
	return s
}

// notWritable is why nothing can be made in a directory, or, where it isn't there
// yet, in the next one above it, which is named then; "": it can.
func notWritable(dir string) string {
	if dir == "" {
		return noState().Error()
	}
	at := existing(dir)
	probe, err := os.MkdirTemp(at, ".detour-doctor-")
	if err == nil {
		_ = os.Remove(probe)
		return ""
	}
	why := err.Error()
	if pe := (*fs.PathError)(nil); errors.As(err, &pe) {
		why = pe.Err.Error() // its path is of what was tried, and nobody has to know it
	}
	if at != dir {
		why += " (" + at + ")"
	}
	return why
}

// existing is a path, or the next one above it that is there.
func existing(path string) string {
	for {
		above := filepath.Dir(path)
		if _, err := os.Stat(path); err == nil || path == above {
			return path
		}
		path = above
	}
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

// pacFound is the automatic proxy configuration that a browser would go by: that of
// the environment, which Chromium reads on Linux (empty, it is to be discovered), or
// the system's.
func pacFound(ctx context.Context) doctor.PAC {
	const variable = "auto_proxy"
	if at, set := os.LookupEnv(variable); set && runtime.GOOS == "linux" {
		if u, err := url.Parse(at); err == nil {
			u.User = nil
			at = u.String()
		}
		return doctor.PAC{URL: at, Auto: at == "", Variable: variable}
	}
	args := doctor.PACCommand(runtime.GOOS)
	out, err := exec.CommandContext(ctx, args[0], args[1:]...).Output()
	if err != nil {
		return doctor.PAC{} // no GNOME, say: there is no such setting then
	}
	return doctor.ReadPAC(runtime.GOOS, string(out))
}

// lookAtChains looks at the chains that --decrypt asks for, and what trusts them.
func (o *doctorOptions) lookAtChains(ctx context.Context, tables *aws.Tables) (out []doctor.Chain) {
	selection, err := decrypt.Parse(o.decrypt)
	if err != nil {
		return nil
	}
	var stores []truststore.Store
	if m, err := truststore.ThisMachine(); err == nil {
		stores = m.Stores()
	}
	for _, spec := range selection.Chains(o.chainDir(), tables.Suffixes()) {
		ch := doctor.Chain{Dir: spec.Dir, Now: time.Now()}
		if at := existing(absolute(spec.Dir)); !isDirectory(at) {
			ch.NoDir = at
			out = append(out, ch)
			continue
		}
		ca, err := spec.Load()
		switch {
		case err != nil:
			ch.Err = err.Error()
		case ca != nil:
			ch.NotAfter, ch.EveryHost = ca.NotAfter(), ca.Unconstrained()
			ch.Trusted, ch.Unknown = trusting(ctx, stores, truststore.Root{Cert: ca.Root(), File: absolute(ca.Path())})
		}
		retired, err := certs.Retired(spec.Dir)
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

func isDirectory(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
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
		_, locale := upstream.FirstSet(os.Getenv, []string{"LC_ALL", "LC_CTYPE", "LANG"})
		locale = strings.ToLower(locale)
		t.UTF8 = strings.Contains(locale, "utf-8") || strings.Contains(locale, "utf8")
	}
	if os.Getenv("TMUX") != "" {
		t.Multiplexer = "tmux"
	}
	return t
}
