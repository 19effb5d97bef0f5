package main

import (
	"context"
	"errors"
	"net"
	"strings"
	"time"

	"detour/internal/dial"
	"detour/internal/probe"
	"detour/internal/resolve"
	"detour/ui"
)

// againTimeout is how long a connect that somebody waits for may take where the
// session's own have all the time that they want: as long as those of detour probe.
const againTimeout = 4 * time.Second

// An again asks hosts once more by themselves, as a session reaches them.
type again struct {
	session   *session
	network   network       // as it was before the session put its memory before it
	reference resolve.Asker // nil: none
	of        string        // how reference is called
}

func newAgain(s *session, n network) again {
	a := again{session: s, network: n, of: s.opt.reference}
	if n.reference != nil {
		a.reference = n.reference
	}
	return a
}

// actions are those of the table that ask hosts.
func (g again) actions(act *ui.Actions) {
	act.Probe = g.probe
	if g.reference == nil {
		act.NoCounterfactual = "start detour with --reference-resolver, for example 1.1.1.1, which is told the names; r probes without"
		return
	}
	act.Counterfactual, act.Reference = g.counterfactual, g.of
}

// probe asks a host without a reference.
func (g again) probe(ctx context.Context, host string) (string, error) {
	return g.ask(ctx, host, g.config())
}

// counterfactual tries each stuck address three times, and those of the reference once.
func (g again) counterfactual(ctx context.Context, host string) (string, error) {
	authority, name, err := split(host)
	if err != nil {
		return "", err
	}
	if via := g.network.via; via != nil && via("https", authority) != nil {
		return "", errors.New("an upstream proxy makes its connects, and so chooses the road")
	}
	if !g.session.tables.IsAWS(name) {
		return "", errors.New("it isn't AWS's, so the reference resolver isn't told its name")
	}
	cfg := g.config()
	cfg.Tries, cfg.Elsewhere = counterTries, true
	cfg.Reference = resolve.Limit(g.reference, g.session.tables.IsAWS)
	return g.ask(ctx, host, cfg)
}

func (g again) config() probe.Config {
	n := g.network
	limit := n.timeout
	if limit == 0 {
		limit = againTimeout
	}
	return probe.Config{Resolver: n.resolver, Dial: dial.Config{
		Connect: n.connect, Timeout: limit, HandshakeTimeout: limit, RootCAs: n.rootCAs, Via: n.via, ClientCert: n.clientCert,
	}}
}

// ask says what a probe came to: in a line, then in full.
func (g again) ask(ctx context.Context, host string, cfg probe.Config) (string, error) {
	authority, _, err := split(host)
	if err != nil {
		return "", err
	}
	results, err := probeAll(ctx, probe.New(cfg), g.session.tables, []string{authority}, 0, nil)
	if err != nil {
		return "", err
	}
	if err := ctx.Err(); err != nil {
		return "", err
	}
	lines := strings.Split(probe.Verdict(results[0])+"\n"+probe.Text(results[0]), "\n")
	for i, l := range lines {
		lines[i] = g.session.intake.Text(l)
	}
	return strings.Join(lines, "\n"), nil
}

// split makes host:port of a host, and its name.
func split(host string) (authority, name string, err error) {
	all, err := parseHosts([]string{host})
	if err != nil {
		return "", "", err
	}
	name, _, err = net.SplitHostPort(all[0])
	return all[0], name, err
}
