package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
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
	reference *reference
	set       func(*resolve.Reference) // changes it in the session, too; nil: it can't be changed
	kept      keeper                   // of the results; nil: nobody keeps them
}

// A reference is the resolver that answers are compared with. It may be used concurrently.
type reference struct {
	mu    sync.Mutex
	asker resolve.Asker // nil: none
	of    string        // its address, as it was given; "": none
}

func (r *reference) get() (resolve.Asker, string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.asker, r.of
}

func (r *reference) put(asker resolve.Asker, of string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asker, r.of = asker, of
}

// newReprobe returns the reprobe of a network. reference is the address of its
// reference resolver.
func newReprobe(n session.Network, tables *aws.Tables, address string) reprobe {
	r := reprobe{dial: n.Dial(), tables: tables, reference: &reference{}}
	if n.Reference != nil {
		r.reference.put(n.Reference, address)
	}
	if r.dial.Timeout == 0 || r.dial.Timeout > reprobeTimeout {
		r.dial.Timeout = reprobeTimeout
	}
	r.dial.HandshakeTimeout = r.dial.Timeout
	return r
}

// actions are those of the table that probe hosts. text redacts what they return.
func (r reprobe) actions(act *ui.Actions, text func(string) string) {
	act.Probe.Again.Check, act.Probe.Again.Watch = r.check, r.watch
	act.Probe.Run = func(ctx context.Context, host string) (string, error) { return r.probe(ctx, host, r.config(), text) }
	act.Probe.NoCounterfactual = ":reference ADDRESS sets a resolver to compare with, for example 1.1.1.1, " +
		"which is sent the names; r probes without it"
	act.Probe.Reference = func() string {
		_, of := r.reference.get()
		return of
	}
	if r.set != nil {
		act.Probe.SetReference = r.setReference
	}
	act.Probe.Counterfactual = func(ctx context.Context, host string) (string, error) { return r.compare(ctx, host, text) }
}

// setReference changes the reference of the probes and of the session.
func (r reprobe) setReference(address string) error {
	if address == "none" {
		r.reference.put(nil, "")
		r.set(nil)
		return nil
	}
	asker, err := resolve.NewReference(address)
	if err != nil {
		return fmt.Errorf("%s: %w; for example %s", address, err, referenceExamples)
	}
	r.reference.put(asker, address)
	r.set(asker)
	return nil
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
	asker, _ := r.reference.get()
	if asker == nil {
		return "", errors.New("there is no reference resolver any more")
	}
	cfg := r.config()
	cfg.Tries, cfg.Elsewhere = counterTries, true
	cfg.Reference = resolve.Limit(asker, r.tables.IsAWS)
	return r.probe(ctx, host, cfg, text)
}

func (r reprobe) config() probe.Config { return probe.Config{Resolver: r.dial.Resolver, Dial: r.dial} }

// probe returns the outcome of a probe: in one line, then in full.
func (r reprobe) probe(ctx context.Context, host string, cfg probe.Config, text func(string) string) (string, error) {
	authority, _, err := split(host)
	if err != nil {
		return "", err
	}
	c := flow.Check{Kind: flow.CheckOnce, Began: time.Now()}
	results, err := scan.All(ctx, probe.New(cfg), r.tables, []string{authority}, 0, nil)
	if err != nil {
		return "", err
	}
	if err := ctx.Err(); err != nil {
		return "", err
	}
	r.keep(&c, []string{authority}, results)
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
