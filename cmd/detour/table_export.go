package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"detour/internal/alias"
	"detour/internal/atomicfile"
	"detour/internal/capture"
	"detour/internal/export"
	"detour/internal/finding"
	"detour/internal/flow"
	"detour/internal/intake"
	replay "detour/internal/recorded" // a function of this package has the name
	"detour/internal/session"
	"detour/internal/usererr"
	"detour/ui"
)

// An exporter exports the flows of a store, as detour export exports a file. Its methods may be called concurrently.
type exporter struct {
	store *capture.Store
	about func() flow.Capture // the capture without flows and findings
	names *alias.Table        // of the run
	as    export.Writer
	now   func() time.Time // when the flows are judged
	// strict redacts strict exports.
	strict *intake.Strict

	recorded func() bool // whether flows in progress have ended then: the run is over; nil: it isn't
	// account proves the findings; nil: none does.
	account func() intake.Account
	// host returns what the host of another run has sent of flows. nil: the store has them.
	host func(ids []flow.ID) *flow.Capture
}

// proving joins flows with the account, and with the machine that recorded them.
func (e exporter) proving(flows []*flow.Flow, now time.Time) intake.Proving {
	var by intake.Account
	if e.account != nil {
		by = e.account()
	}
	return by.Proving(flows, now).On(e.about().Environment)
}

// count returns what an export would contain, and writes nothing.
func (e exporter) count(ctx context.Context, x ui.Export) (ui.Exported, error) {
	c, err := e.gather(ctx, x)
	if err != nil {
		return ui.Exported{}, err
	}
	return counted(ctx, c)
}

// write writes an export to a new file.
func (e exporter) write(ctx context.Context, x ui.Export) (ui.Exported, error) {
	c, err := e.gather(ctx, x)
	if err != nil {
		return ui.Exported{}, err
	}
	if len(c.Flows) == 0 {
		return ui.Exported{}, errors.New("there are no flows to export")
	}
	if _, err := os.Lstat(x.File); err == nil {
		return ui.Exported{}, errors.New(x.File + " already exists; choose another name")
	}
	out, err := counted(ctx, c)
	if err != nil {
		return ui.Exported{}, err
	}
	err = atomicfile.WriteIn(ctx, x.File, false, func(w io.Writer) error { return e.as.Write(until{w, ctx.Err}, x.Format, c) })
	if err != nil {
		return ui.Exported{}, usererr.InOneLine(err)
	}
	if out.File, err = filepath.Abs(x.File); err != nil {
		out.File = x.File
	}
	return out, nil
}

// An until writes until the export is canceled.
type until struct {
	io.Writer
	over func() error
}

func (u until) Write(b []byte) (int, error) {
	if err := u.over(); err != nil {
		return 0, err
	}
	return u.Writer.Write(b)
}

// gather returns the flows that are still stored, complete, and what is found of them among all.
// Flows in progress are judged as they are, and then cut off.
func (e exporter) gather(ctx context.Context, x ui.Export) (*flow.Capture, error) {
	if e.host != nil {
		return e.host(x.Flows), nil
	}
	c, now := e.about(), e.now()
	c.Flows = e.store.Flows() // all show more: what was resolved, and what worked beside it
	at := make(map[flow.ID]int, len(c.Flows))
	for i, f := range c.Flows {
		at[f.ID] = i
	}
	var chosen []int // of these
	for _, id := range x.Flows {
		if f, i := e.store.Get(id), at[id]; f != nil && i < len(c.Flows) && c.Flows[i].ID == id {
			c.Flows[i], chosen = f, append(chosen, i)
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	names, prove := e.names.Texts(nil), e.proving(c.Flows, now)
	if x.Strict {
		c.Steps, c.Checks = slices.Clone(c.Steps), slices.Clone(c.Checks)
		e.strict.Capture(&c)
		names, prove = e.strict.Texts(), prove.Redacting(e.strict.Text)
	}
	if e.recorded != nil && e.recorded() { // as detour diagnose
		for i, f := range c.Flows {
			c.Flows[i] = f.CutOff(now)
		}
	}
	all := c.Flows
	c.Flows = make([]*flow.Flow, len(chosen))
	for i, at := range chosen {
		c.Flows[i] = all[at].CutOff(now)
	}
	if c.Findings = prove.Judge(all, now, names); len(chosen) < len(all) {
		c.Findings = finding.About(c.Findings, c.Flows)
	}
	c.Account = prove.Report()
	if !c.RawSecrets { // those of these flows, not of the whole run
		redacted, err := export.Redactions(ctx, c.Flows)
		if err != nil {
			return nil, err
		}
		c.Redacted = redacted
	}
	return &c, nil
}

// counted is what an export contains, with its redactions.
func counted(ctx context.Context, c *flow.Capture) (ui.Exported, error) {
	redacted, err := export.Redactions(ctx, c.Flows)
	return ui.Exported{Flows: len(c.Flows), Redacted: redacted, Secrets: c.RawSecrets}, err
}

// actions adds the table's actions that export.
func (e exporter) actions(act *ui.Actions) {
	act.Export.Write, act.Export.Count = e.write, e.count
	act.Export.Name = "detour-"
	if about := e.about(); about.Simulated() {
		act.Export.Name += "demo-"
	}
	act.Export.Name += time.Now().Format("2006-01-02T150405")
}

// exporterOfRun exports a run as it is now.
func exporterOfRun(s *session.Session, as export.Writer) exporter {
	return exporter{
		as: as, store: s.Store(), now: time.Now, about: s.About, names: s.Names(), strict: s.Strict(), account: s.Account,
	}
}

// exporterOf exports a recording.
func exporterOf(r *replay.Recording, names *alias.Table, as export.Writer) exporter {
	store, about := r.Store(), *r.Read()
	about.Flows, about.Findings = nil, nil
	ended := func() bool { return !r.Following() }
	strict := intake.NewStrict(names)
	return exporter{as: as, store: store, names: names, strict: strict, recorded: ended, now: r.Now, about: func() flow.Capture {
		c := about
		c.Steps, c.Checks = store.Steps(), store.Checks()
		return c
	}}
}
