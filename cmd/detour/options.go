package main

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/pflag"
)

const defaultListen = "127.0.0.1:8080"

// runOptions are the flags of run.
type runOptions struct {
	listen        string
	browser       string
	profile       string
	ui            string
	json          string
	resolvers     []string
	maps          []string
	timeout       string
	upstreamProxy string
	upstreamCA    string
	clientCert    string
	decrypt       string
	caDir         string
	log           string
}

// shared are the flags that run and demo have in common.
func (o *runOptions) shared(f *pflag.FlagSet) {
	f.StringVar(&o.ui, "ui", "tui", "what to show: tui (the live table) or none")
	f.StringVar(&o.json, "json", "", "write flow records as JSON Lines to stdout: final (the default) or all revisions")
	f.Lookup("json").NoOptDefVal = "final"
	f.StringVar(&o.log, "log", "", "write detour's own log to this `file`")
}

func (o *runOptions) register(f *pflag.FlagSet) {
	o.shared(f)
	f.StringVar(&o.listen, "listen", defaultListen, "loopback `address` of the proxy; port 0 takes any free one")
	f.StringVar(&o.browser, "browser", "auto", "browser to start: auto, chrome, chromium, edge, brave, none or a path")
	f.StringVar(&o.profile, "profile", "", "browser profile kept under this `name`; by default it is thrown away")
	f.StringArrayVar(&o.resolvers, "resolver", nil, "`address` of a nameserver to ask instead of the system's (repeatable)")
	f.StringArrayVar(&o.maps, "map", nil, "`host=address`: resolve a host to this address (repeatable)")
	f.StringVar(&o.timeout, "connect-timeout", "native", "give up on a connect after this `duration`; native: when the system does")
	f.StringVar(&o.upstreamProxy, "upstream-proxy", "env", "proxy on the way to servers: env (HTTPS_PROXY and the like, as curl reads them), none, or a `URL`")
	f.StringVar(&o.upstreamCA, "upstream-ca", "", "PEM `file` of further CAs to trust towards servers")
	f.StringVar(&o.clientCert, "client-cert", "", "PEM `file` with a certificate and its key, for servers that ask for one")
	f.StringVar(&o.decrypt, "decrypt", "aws", "what to decrypt: aws, none, all, or a list of hosts and .suffixes that may have aws in it")
	f.StringVar(&o.caDir, "ca-dir", "", "`directory` of the signing chain, made if absent; by default it is in memory alone with a browser that detour starts, and in "+filepath.Join(stateDir(), "ca")+" without one or once it is there")
}

// check looks at the flags that are words.
func (o *runOptions) check() error {
	for _, f := range []struct{ name, value, allowed string }{
		{"ui", o.ui, "tui none"},
		{"json", o.json, " final all"},
	} {
		words := strings.Split(f.allowed, " ")
		ok := false
		for _, w := range words {
			ok = ok || w == f.value
		}
		if f.value != "" || f.name != "json" {
			if !ok {
				return usage("it is one of: "+strings.TrimSpace(f.allowed), "--%s %q is unknown", f.name, f.value)
			}
		}
	}
	if o.json != "" && o.ui == "tui" {
		return usage("add --ui none", "--json writes to stdout, where the table is")
	}
	return nil
}

// connectTimeout is the limit for each connect; 0 is the system's own.
func (o *runOptions) connectTimeout() (time.Duration, error) {
	if o.timeout == "" || o.timeout == "native" {
		return 0, nil
	}
	d, err := time.ParseDuration(o.timeout)
	if err != nil || d <= 0 {
		return 0, usage("for example 4s, or native", "--connect-timeout %q is no duration", o.timeout)
	}
	return d, nil
}

// nameservers are the --resolver addresses, port 53 if they have none.
func (o *runOptions) nameservers() ([]netip.AddrPort, error) {
	var out []netip.AddrPort
	for _, s := range o.resolvers {
		if a, err := netip.ParseAddr(s); err == nil {
			out = append(out, netip.AddrPortFrom(a, 53))
			continue
		}
		ap, err := netip.ParseAddrPort(s)
		if err != nil {
			return nil, usage("an IP address, with or without a port: 10.0.0.2 or [fd00::2]:53", "--resolver %q is no address", s)
		}
		out = append(out, ap)
	}
	return out, nil
}

// hostMap are the --map answers.
func (o *runOptions) hostMap() (map[string][]netip.Addr, error) {
	out := make(map[string][]netip.Addr)
	for _, m := range o.maps {
		host, list, ok := strings.Cut(m, "=")
		host = strings.TrimSuffix(strings.ToLower(host), ".")
		for _, s := range strings.Split(list, ",") {
			a, err := netip.ParseAddr(s)
			if err != nil || !ok || host == "" {
				return nil, usage("for example --map logs.eu-west-1.amazonaws.com=10.0.1.24", "--map %q is not HOST=ADDRESS[,ADDRESS]", m)
			}
			out[host] = append(out[host], a)
		}
	}
	return out, nil
}

// rootCAs are the system's and those of --upstream-ca; nil for the system's alone.
func (o *runOptions) rootCAs() (*x509.CertPool, error) {
	if o.upstreamCA == "" {
		return nil, nil //nolint:nilnil // nil is what "the system's" is called everywhere
	}
	b, err := os.ReadFile(o.upstreamCA)
	if err != nil {
		return nil, usage("a file with PEM certificates", "--upstream-ca: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool() // Windows has none to copy; what is given must do
	}
	if !pool.AppendCertsFromPEM(b) {
		return nil, usage("it has to begin with -----BEGIN CERTIFICATE-----", "--upstream-ca %s: no certificate in it", o.upstreamCA)
	}
	return pool, nil
}

// clientCertificate is --client-cert; nil if there is none.
func (o *runOptions) clientCertificate() (*tls.Certificate, error) {
	if o.clientCert == "" {
		return nil, nil //nolint:nilnil // nil is none
	}
	c, err := tls.LoadX509KeyPair(o.clientCert, o.clientCert)
	if err != nil {
		return nil, usage("one PEM file that has the certificate, its chain and its key", "--client-cert: %w", err)
	}
	return &c, nil
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

// listener opens the proxy's port. The default one gives way to a free one; one
// that was asked for doesn't.
func (o *runOptions) listener() (net.Listener, error) {
	host, _, err := net.SplitHostPort(o.listen)
	if err != nil {
		return nil, usage("for example 127.0.0.1:8080", "--listen %q: %w", o.listen, err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, usage("anyone on the network could use it; 127.0.0.1 and [::1] are loopback", "--listen %s is not a loopback address", o.listen)
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
