package ui

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"detour/internal/filter"
	"detour/internal/flow"
	"detour/internal/wording"
	"detour/ui/detail"
	"detour/ui/pane"
	"detour/ui/table"
	"detour/ui/text"
)

// A prober probes hosts.
type prober struct {
	state  *screenState
	probed map[string]*detail.Probe // the last probe of each host
}

// maxProbed is how many hosts' probes are stored.
const maxProbed = 64

// probe probes the row's host as it is reached now.
func (p *prober) probe() { p.run("probe", "probing", p.state.act.Probe.Run) }

// askCounterfactual says what it will do, and asks.
func (p *prober) askCounterfactual() {
	f := p.state.shown()
	title := fmt.Sprintf("connect 3 times to each of %s, and once to the addresses that %s returns for %s?",
		stuckAddresses(f), cmp.Or(p.reference(), "the reference resolver"), table.Authority(f))
	p.state.prompts.menu = &menu{title, []choice{
		{"yx", "connect", func() { p.run("counterfactual", "comparing", p.state.act.Probe.Counterfactual) }},
		{"n", "cancel", func() {}},
	}}
}

// reference is the resolver to compare with; "": there is none.
func (p *prober) reference() string {
	if p.state.act.Probe.Reference == nil {
		return ""
	}
	return p.state.act.Probe.Reference()
}

// setReference changes the resolver to compare with, or says which it is.
func (p *prober) setReference(address string) error {
	const sent = "the names of AWS's hosts are sent there"
	of := p.reference()
	switch set := p.state.act.Probe.SetReference; {
	case set == nil && of == "":
		return errors.New(cmp.Or(p.state.act.Probe.NoReference, "the reference resolver can't be changed here"))
	case address == "" && of == "":
		p.state.notify(pane.Dim, "there is no reference resolver; :reference ADDRESS sets one, and %s", sent)
	case address == "":
		p.state.notify(pane.Dim, "the reference resolver is %s: %s", p.state.panes.reading.Clean(of), sent)
	case set == nil:
		return errors.New(cmp.Or(p.state.act.Probe.NoReference, "the reference resolver can't be changed here"))
	default:
		if err := set(address); err != nil {
			return err
		}
		if of = p.reference(); of == "" {
			p.state.notify(pane.Good, "no reference resolver: names aren't sent to another resolver any more")
			return nil
		}
		p.state.notify(pane.Good, "reference resolver %s: from now on, %s; x tries its addresses", p.state.panes.reading.Clean(of), sent)
	}
	return nil
}

// referenceForms are candidates for :reference.
func referenceForms() []filter.Candidate {
	return []filter.Candidate{
		{Text: "none", Doc: "compare with no resolver"},
		{Text: "tcp://", Doc: "ADDRESS[:PORT], over TCP"},
		{Text: "tls://", Doc: "ADDRESS[:PORT][#NAME], over TLS"},
		{Text: "https://", Doc: "HOST/PATH, over HTTPS"},
	}
}

// run runs one of the probes for the row's host, and stores the result.
func (p *prober) run(what, doing string, ask func(context.Context, string) (string, error)) {
	f := p.state.shown()
	host, authority := table.Host(f), table.Authority(f)
	p.state.tasks.Start(doing+" "+authority, func(ctx context.Context) func() {
		s, err := ask(ctx, authority)
		return func() {
			if err != nil {
				p.state.notify(pane.Bad, "%s of %s: %v", what, authority, err)
				return
			}
			if len(p.probed) >= maxProbed {
				clear(p.probed)
			}
			x := &detail.Probe{At: p.state.opt.Now(), Kind: what, Text: s}
			p.probed[host] = x
			first, _, _ := strings.Cut(s, "\n")
			first, _ = text.Head(first, text.MaxCell)
			p.state.notify(pane.Good, "%s (details in the Overview)", p.state.panes.reading.Clean(first))
		}
	})
}

// of is the last probe of a flow's host; nil if there is none.
func (p *prober) of(f *flow.Flow) *detail.Probe { return p.probed[table.Host(f)] }

// stuckAddresses lists the first addresses of a flow's host.
func stuckAddresses(f *flow.Flow) string {
	if f.Conn == nil || f.Conn.Resolution == nil || len(f.Conn.Resolution.Addrs) == 0 {
		return "its addresses"
	}
	var out []string
	for _, a := range f.Conn.Resolution.Addrs {
		out = append(out, a.String())
	}
	return wording.Some(out, 3)
}

func (p *prober) cant() string {
	if p.state.act.Probe.Run == nil {
		return cmp.Or(p.state.act.Probe.Unavailable, "hosts can't be probed here")
	}
	if why := p.state.noRow(); why != "" {
		return why
	}
	return p.state.tasks.Busy()
}

func (p *prober) noCounterfactual() string {
	if act := p.state.act.Probe; act.Counterfactual == nil || act.Reference != nil && act.Reference() == "" {
		return cmp.Or(p.state.act.Probe.NoCounterfactual, "hosts can't be probed here")
	}
	if why := p.state.noRow(); why != "" {
		return why
	}
	f := p.state.shown()
	if !table.Stuck(f, p.state.m.now) && (f.Failure == nil || f.Failure.Stage != flow.StageDial) {
		return "its connection isn't stuck; r probes the host"
	}
	return p.state.tasks.Busy()
}
