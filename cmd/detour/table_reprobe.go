package main

import (
	"context"
	"errors"
	"net"
	"strings"
	"time"

	"detour/internal/aws"
	"detour/internal/dial"
	"detour/internal/flow"
	"detour/internal/probe"
	"detour/internal/resolve"
	"detour/internal/scan"
	"detour/internal/session"
	"detour/ui"
)

// reprobeTimeout limits a connection attempt, since a person waits for it; the session's
// own attempts take as long as the system allows. detour probe has the same limit.
const reprobeTimeout = 4 * time.Second

// A reprobe probes a host again from the table, over the session's network.
type reprobe struct {
	dial      dial.Config
	tables    *aws.Tables
	reference resolve.Asker // nil: none
	of        string        // the reference's address, as it was given
	// learned takes what was learned of the addresses of a host; nil: nobody does.
	learned func(authority string, all []flow.Later) flow.ID
}

// newReprobe returns the reprobe of a network. reference is the address of its
// reference resolver.
func newReprobe(n session.Network, tables *aws.Tables, reference string) reprobe {
	r := reprobe{dial: n.Dial(), tables: tables}
	if n.Reference != nil {
		r.reference, r.of = n.Reference, reference
	}
	if r.dial.Timeout == 0 {
		r.dial.Timeout = reprobeTimeout
	}
	r.dial.HandshakeTimeout = r.dial.Timeout
	return r
}

// actions are those of the table that probe hosts. text redacts what they return.
func (r reprobe) actions(act *ui.Actions, text func(string) string) {
	act.Probe.Run = func(ctx context.Context, host string) (string, error) { return r.probe(ctx, host, r.config(), text) }
	if r.reference == nil {
		act.Probe.NoCounterfactual = "start detour with --reference-resolver, for example 1.1.1.1, which is sent the names; r probes without it"
		return
	}
	act.Probe.Reference = r.of
	act.Probe.Counterfactual = func(ctx context.Context, host string) (string, error) { return r.compare(ctx, host, text) }
}

// compare tries each address that doesn't respond three times, and those of the
// reference resolver once.
func (r reprobe) compare(ctx context.Context, host string, text func(string) string) (string, error) {
	authority, name, err := split(host)
	if err != nil {
		return "", err
	}
	if via := r.dial.Via; via != nil && via("https", authority) != nil {
		return "", errors.New("the connection goes through an upstream proxy, which chooses the address")
	}
	if !r.tables.IsAWS(name) {
		return "", errors.New("the host isn't AWS's, so the reference resolver isn't sent its name")
	}
	cfg := r.config()
	cfg.Tries, cfg.Elsewhere = counterTries, true
	cfg.Reference = resolve.Limit(r.reference, r.tables.IsAWS)
	return r.probe(ctx, host, cfg, text)
}

func (r reprobe) config() probe.Config { return probe.Config{Resolver: r.dial.Resolver, Dial: r.dial} }

// probe returns the outcome of a probe: in one line, then in full.
func (r reprobe) probe(ctx context.Context, host string, cfg probe.Config, text func(string) string) (string, error) {
	authority, _, err := split(host)
	if err != nil {
		return "", err
	}
	results, err := scan.All(ctx, probe.New(cfg), r.tables, []string{authority}, 0, nil)
	if err != nil {
		return "", err
	}
	if err := ctx.Err(); err != nil {
		return "", err
	}
	if r.learned != nil {
		r.learned(authority, results[0].Later())
	}
	lines := strings.Split(probe.Verdict(results[0])+"\n"+probe.Text(results[0]), "\n")
	for i, l := range lines {
		lines[i] = text(l)
	}
	return strings.Join(lines, "\n"), nil
}

// split returns the host:port of a host, and its name.
func split(host string) (authority, name string, err error) {
	all, err := parseHosts([]string{host})
	if err != nil {
		return "", "", err
	}
	name, _, err = net.SplitHostPort(all[0])
	return all[0], name, err
}
