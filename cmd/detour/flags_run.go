package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"detour/internal/aws"
	"detour/internal/browser"
	"detour/internal/decrypt"
	"detour/internal/errno"
	"detour/internal/hosting"
	"detour/internal/intake"
	"detour/internal/otlp/feed"
	"detour/internal/statedir"
	"detour/internal/usererr"
)

// defaultListen is the proxy's usual address, if it is free.
const defaultListen = "127.0.0.1:8080"

// runOptions are the flags of run.
type runOptions struct {
	netOptions
	endpointServiceOptions
	accountOptions
	captureOptions
	screenOptions
	sharing     hosting.Options
	otlp        feed.Options
	probeLosers bool
	listen      string
	allowUsers  string
	browser     string
	profile     string
	ui          string
	json        string
	decrypt     string
	caDir       string
	log         string
}

// shared are the flags that run and demo have in common.
func (o *runOptions) shared(f *pflag.FlagSet) {
	f.StringVar(&o.ui, "ui", "tui", "what to show: tui (the live table), or none")
	f.Var(revisions{&o.json}, "json", "write flow records to stdout as JSON Lines: final ones (the default), or all revisions")
	f.Lookup("json").NoOptDefVal = "final"
	o.screenOptions.register(f)
	registerSharing(f, &o.sharing)
	f.StringVar(&o.log, "log", "", "`file` to write detour's own log to")
}

func (o *runOptions) register(f *pflag.FlagSet) {
	o.shared(f)
	o.captureOptions.register(f, "auto")
	f.StringVar(&o.listen, "listen", defaultListen, "loopback `address` of the proxy; port 0 picks any free port")
	f.StringVar(&o.allowUsers, "allow-users", "own",
		"whose programs may use the proxy: own (yours and root's), or any (every user's of this machine)")
	f.StringVar(&o.browser, "browser", "auto", "browser to start: auto, "+strings.Join(browser.Kinds(), ", ")+", none, or the path of one")
	o.netOptions.register(f, "native")
	o.registerEndpointServices(f)
	o.registerAccount(f)
	registerOTLP(f, &o.otlp)
	f.BoolVar(&o.probeLosers, "probe-losers", true,
		"when a connection races several addresses of an AWS host, also test the private ones that lost")
	f.StringVar(&o.profile, "profile", "", "`name` of a browser profile to save and use again (default: a temporary one)")
	f.StringVar(&o.decrypt, "decrypt", "aws", "what to decrypt: aws, none, all, or a list of hosts and .suffixes, which may include aws")
	f.StringVar(&o.caDir, "ca-dir", "",
		"`directory` for the signing chain, created if missing (default: in memory if detour starts the browser, "+
			"else "+shown(statedir.File("ca"))+", which is always used once it exists)")
}

// check checks the flags whose values are words.
func (o *runOptions) check() error {
	if err := oneOf("ui", o.ui, "tui", "none"); err != nil {
		return err
	}
	if o.allowUsers != "" { // demo doesn't have it
		if err := oneOf("allow-users", o.allowUsers, "own", "any"); err != nil {
			return err
		}
	}
	if err := checkProfile(o.profile); err != nil {
		return err
	}
	if o.profile != "" && profilesDir() == "" {
		return noState()
	}
	if o.json != "" && o.ui == "tui" {
		return flagUsage("json", "add --ui none", "--json writes to stdout, which the table needs")
	}
	if err := o.screenOptions.check(); err != nil {
		return err
	}
	if err := o.sharing.Check(); err != nil {
		return err
	}
	return o.captureOptions.check()
}

// revisions says which revisions of a flow are written: "final" or "all"; "": none. It is
// a pflag.Value that rejects the values of other commands' flags of the same name.
type revisions struct{ which *string }

// Set implements pflag.Value.
func (r revisions) Set(s string) error {
	if !r.takes(s) {
		return fmt.Errorf("%q is unknown: choose final or all", s)
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

// chainDir is the directory of AWS's signing chain; "" if there is none.
func (o *runOptions) chainDir() string { return cmp.Or(o.caDir, statedir.File("ca")) }

// decryption opens the chains that --decrypt needs. With inMemory, chains that aren't on
// disk yet stay in memory.
func (o *runOptions) decryption(tables *aws.Tables, inMemory bool) (*decrypt.Policy, error) {
	s, err := decrypt.Parse(o.decrypt)
	if err != nil {
		return nil, err
	}
	p, err := decrypt.Open(decrypt.Config{
		Selection: s, Dir: o.chainDir(), InMemory: inMemory, Suffixes: tables.Suffixes(), IsAWS: tables.IsAWS, Now: time.Now(),
	})
	switch {
	case errors.Is(err, decrypt.ErrNoDirectory):
		return nil, noState()
	case err != nil && usererr.As(err) == nil:
		return nil, failed("--ca-dir selects another directory", "%w", err)
	}
	return p, err
}

// logger writes to --log, or nowhere: the terminal belongs to the table.
func (o *runOptions) logger() (*slog.Logger, io.Closer, error) {
	if o.log == "" {
		return slog.New(slog.DiscardHandler), io.NopCloser(nil), nil
	}
	f, err := os.OpenFile(o.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		why := usererr.CantWrite(o.log, err)
		return nil, nil, flagUsage("log", why.Hint, "--log: %w", why)
	}
	return slog.New(redactingHandler(f, o.privacy == "strict")), f, nil
}

// redactingHandler writes a log without secrets: errors quote URLs.
func redactingHandler(w io.Writer, strict bool) slog.Handler {
	text := intake.New(intake.Config{Strict: strict}).Text
	return slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if k := a.Value.Kind(); k == slog.KindString || k == slog.KindAny && a.Key != slog.LevelKey {
			a.Value = slog.StringValue(text(a.Value.String()))
		}
		return a
	}})
}

// listener opens the proxy's port. If the default port is taken, it opens a free one, and
// moved says so; a port that was asked for is never replaced.
func (o *runOptions) listener(asked bool) (l net.Listener, moved string, err error) {
	if err := o.checkListen(); err != nil {
		return nil, "", err
	}
	l, err = net.Listen("tcp", o.listen) //nolint:noctx // it takes no time
	if err == nil {
		return l, "", nil
	}
	if !asked {
		if free, ferr := net.Listen("tcp", "127.0.0.1:0"); ferr == nil { //nolint:noctx // it takes no time
			return free, fmt.Sprintf("%s is not available (%v): the proxy listens on %s", o.listen, cause(err), free.Addr()), nil
		}
	}
	hint := cmp.Or(usererr.ListenHint(err), "try another port") + "; --listen 127.0.0.1:0 picks any free one"
	if errno.IsAddrMissing(err) {
		hint = "this machine doesn't have that address; try --listen " + defaultListen
	}
	return nil, "", failed(hint, "can't listen on %s: %w", o.listen, cause(err))
}

// checkListen checks that --listen is a loopback address with a port.
func (o *runOptions) checkListen() error {
	const example = "for example " + defaultListen
	host, port, err := net.SplitHostPort(o.listen)
	if err != nil {
		return flagUsage("listen", example, "--listen %q is not HOST:PORT", o.listen)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return flagUsage("listen", "anyone on the network could use it; 127.0.0.1 and [::1] are loopback",
			"--listen %s is not a loopback address", o.listen)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return flagUsage("listen", "a port is a number up to 65535; 0 picks any free port; "+example,
			"--listen %s: %q is not a port", o.listen, port)
	}
	return nil
}

// cause returns the system's error of a network operation, without the operation.
func cause(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	var call *os.SyscallError
	if errors.As(err, &call) {
		err = call.Err
	}
	return err
}
