package main

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/pflag"

	"detour/internal/browser"
)

const defaultListen = "127.0.0.1:8080"

// runOptions are the flags of run.
type runOptions struct {
	netOptions
	knowledgeOptions
	captureOptions
	screenOptions
	probeLosers bool
	listen      string
	browser     string
	profile     string
	ui          string
	json        string
	decrypt     string
	caDir       string
	lang        string
	log         string
}

// shared are the flags that run and demo have in common.
func (o *runOptions) shared(f *pflag.FlagSet) {
	f.StringVar(&o.ui, "ui", "tui", "what to show: tui (the live table) or none")
	f.Var(revisions{&o.json}, "json", "write flow records as JSON Lines to stdout: final (the default) or all revisions")
	f.Lookup("json").NoOptDefVal = "final"
	o.screenOptions.register(f)
	f.StringVar(&o.lang, "lang", "en", "language: en, or ja, which isn't there yet")
	f.StringVar(&o.log, "log", "", "write detour's own log to this `file`")
}

func (o *runOptions) register(f *pflag.FlagSet) {
	o.shared(f)
	o.captureOptions.register(f, "auto")
	f.StringVar(&o.listen, "listen", defaultListen, "loopback `address` of the proxy; port 0 takes any free one")
	f.StringVar(&o.browser, "browser", "auto", "browser to start: auto, "+strings.Join(browser.Kinds(), ", ")+", none or a path")
	o.netOptions.register(f, "native")
	o.registerKnowledge(f)
	f.BoolVar(&o.probeLosers, "probe-losers", true, "ask private addresses of AWS's hosts that lost the race of a connect whether they are alive")
	f.StringVar(&o.profile, "profile", "", "browser profile kept under this `name`; by default it is thrown away")
	f.StringVar(&o.decrypt, "decrypt", "aws", "what to decrypt: aws, none, all, or a list of hosts and .suffixes that may have aws in it")
	f.StringVar(&o.caDir, "ca-dir", "", "`directory` of the signing chain, made if absent; by default it is in memory alone with a browser that detour starts, and in "+filepath.Join(stateDir(), "ca")+" without one or once it is there")
}

// check looks at the flags that are words.
func (o *runOptions) check() error {
	for _, err := range []error{
		oneOf("ui", o.ui, "tui", "none"),
		oneOf("lang", o.lang, languages...),
	} {
		if err != nil {
			return err
		}
	}
	if o.json != "" && o.ui == "tui" {
		return usage("add --ui none", "--json writes to stdout, where the table is")
	}
	if err := o.screenOptions.check(); err != nil {
		return err
	}
	return o.captureOptions.check()
}

// revisions are which of a flow's are written: "final" or "all"; "": none. It is a
// pflag.Value, that refuses what probe and others have for a flag of the same name.
type revisions struct{ which *string }

// Set implements pflag.Value.
func (r revisions) Set(s string) error {
	if !r.takes(s) {
		return fmt.Errorf("%q is unknown: it is one of final and all", s)
	}
	*r.which = s
	return nil
}

func (r revisions) takes(s string) bool { return s == "" || s == "final" || s == "all" }

// Type implements pflag.Value.
func (r revisions) Type() string { return "string" }

// String implements pflag.Value.
func (r revisions) String() string {
	if r.which == nil {
		return ""
	}
	return *r.which
}

// languages are those that --lang takes.
var languages = []string{"en", "ja"}

// language says what a person should know of the language that was asked for; "" if
// it is there.
func (o *runOptions) language() string {
	if o.lang != "ja" {
		return ""
	}
	return "Japanese isn't there yet; it goes on in English (日本語はまだありません。英語で続けます)"
}

// logger writes to --log, or nowhere: the terminal belongs to the table.
func (o *runOptions) logger() (*slog.Logger, io.Closer, error) {
	if o.log == "" {
		return slog.New(slog.DiscardHandler), io.NopCloser(nil), nil
	}
	f, err := os.OpenFile(o.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, usage("", "--log: %w", err)
	}
	return slog.New(slog.NewTextHandler(f, &slog.HandlerOptions{Level: slog.LevelDebug})), f, nil
}

// checkListen refuses addresses at which others could use the proxy.
func (o *runOptions) checkListen() error {
	host, _, err := net.SplitHostPort(o.listen)
	if err != nil {
		return usage("for example 127.0.0.1:8080", "--listen %q: %w", o.listen, err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return usage("anyone on the network could use it; 127.0.0.1 and [::1] are loopback", "--listen %s is not a loopback address", o.listen)
	}
	return nil
}

// listener opens the proxy's port. The default one gives way to a free one; one
// that was asked for doesn't.
func (o *runOptions) listener() (net.Listener, error) {
	if err := o.checkListen(); err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", o.listen) //nolint:noctx // it takes no time
	if err != nil && o.listen == defaultListen {
		l, err = net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it takes no time
	}
	if err != nil {
		return nil, failed("another program has that port; try --listen 127.0.0.1:0", "can't listen on %s: %w", o.listen, err)
	}
	return l, nil
}

// capturesDir is where captures are whose names are ours to choose.
func capturesDir() string { return filepath.Join(stateDir(), "captures") }

// stateDir is where the platform keeps what a program makes for itself.
func stateDir() string {
	home, err := os.UserHomeDir()
	if err != nil {
		home = os.TempDir()
	}
	switch runtime.GOOS {
	case "darwin":
		return filepath.Join(home, "Library", "Application Support", "detour")
	case "windows":
		if dir := os.Getenv("LocalAppData"); dir != "" {
			return filepath.Join(dir, "detour")
		}
		return filepath.Join(home, "AppData", "Local", "detour")
	}
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "detour")
	}
	return filepath.Join(home, ".local", "state", "detour")
}
