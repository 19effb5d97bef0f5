package ui

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"detour/internal/flow"
	"detour/ui/detail"
	"detour/ui/pane"
	"detour/ui/table"
	"detour/ui/text"
)

// maxProbed bounds the hosts whose probes are kept.
const maxProbed = 64

// probe asks the row's host by itself, as it is reached now.
func (a *app) probe() { a.inquire("probe", "probing", a.act.Probe) }

// startCounterfactual says what it is about to do, and asks.
func (a *app) startCounterfactual() {
	f := a.shown()
	title := fmt.Sprintf("connect 3 times to each of %s, and once to what %s says of %s?",
		stuckAddresses(f), cmp.Or(a.act.Reference, "the reference resolver"), authorityOf(f))
	a.menu = &menu{title, []choice{
		{"yx", "do it", func() { a.inquire("counterfactual", "comparing", a.act.Counterfactual) }},
		{"n", "leave it", func() {}},
	}}
}

// inquire has one of the actions ask the row's host, and keeps what it says.
func (a *app) inquire(what, doing string, ask func(context.Context, string) (string, error)) {
	f := a.shown()
	host, authority := table.Host(f), authorityOf(f)
	a.send(doing+" "+authority, func(ctx context.Context) func() {
		s, err := ask(ctx, authority)
		return func() {
			if err != nil {
				a.say(pane.Bad, "%s of %s: %v", what, authority, err)
				return
			}
			if len(a.probed) >= maxProbed {
				clear(a.probed)
			}
			x := &detail.Probe{At: a.opt.Now(), Kind: what, Text: s}
			a.probed[host] = x
			first, _, _ := strings.Cut(s, "\n")
			first, _ = text.Head(first, text.MaxCell)
			a.say(pane.Good, "%s (all of it in the Overview)", a.reading.Clean(first))
		}
	})
}

// stuckAddresses names the addresses that a flow's name has, a few of them.
func stuckAddresses(f *flow.Flow) string {
	if f.Conn == nil || f.Conn.Resolution == nil || len(f.Conn.Resolution.Addrs) == 0 {
		return "its addresses"
	}
	const few = 3
	var out []string
	for _, a := range f.Conn.Resolution.Addrs {
		out = append(out, a.String())
	}
	if n := len(out); n > few {
		out = append(slices.Clone(out[:few]), fmt.Sprintf("%d more", n-few))
	}
	return strings.Join(out, ", ")
}

// authorityOf is the host:port that a flow goes to, as far as it is known.
func authorityOf(f *flow.Flow) string {
	if f.Conn != nil && f.Conn.Authority != "" {
		s, _ := text.Head(f.Conn.Authority, text.MaxCell)
		return s
	}
	return table.Host(f)
}

func noProbe(a *app) string {
	if a.act.Probe == nil {
		return cmp.Or(a.act.NoProbe, "no host can be asked from here")
	}
	if why := noRow(a); why != "" {
		return why
	}
	return busy(a)
}

func noCounterfactual(a *app) string {
	if a.act.Counterfactual == nil {
		return cmp.Or(a.act.NoCounterfactual, "no host can be asked from here")
	}
	if why := noRow(a); why != "" {
		return why
	}
	f := a.shown()
	if !table.Stuck(f, a.m.now) && (f.Failure == nil || f.Failure.Stage != flow.StageDial) {
		return "its connect isn't stuck; r probes its host as it is"
	}
	return busy(a)
}
