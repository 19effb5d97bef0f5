package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"detour/internal/aws"
	"detour/internal/browser"
	"detour/internal/browserstatus"
	"detour/internal/capture"
	"detour/internal/flow"
	"detour/internal/hosting"
	"detour/internal/jobcontrol"
	"detour/internal/otlp/feed"
	"detour/internal/session"
	"detour/internal/watch"
	"detour/ui"
	"detour/ui/sharing"
)

// A liveTable is the screen of a run.
type liveTable struct {
	opt     *runOptions
	tables  *aws.Tables
	reprobe reprobe
	badge   string // what kind of run it is
	hosting *hosting.Hosting
	otlp    *feed.Run
	// fixedReference says why the reference resolver can't be changed; "": it can.
	fixedReference string
	noBrowse       string               // why no browser opens pages; "": one does
	hint           []string             // what to do while the table is empty, if there is no browser
	status         browserstatus.Status // of the browser, if there is one
}

// show shows a session until the table is closed.
func (t liveTable) show(ctx context.Context, s *session.Session) error {
	store := s.Store()
	act := ui.Actions{
		Edit: ui.EditActions{Mark: store.Mark, Note: store.Note, Step: func(x flow.Step) error {
			store.AddStep(x)
			return nil
		}},
		Clear:   ui.ClearActions{Run: store.Clear},
		Suspend: jobcontrol.Suspend(),
		Browse:  ui.BrowseActions{Unavailable: t.noBrowse},
		PassUnread: func(host string) (bool, error) {
			if !s.Decrypt().Decrypts(host) {
				return false, errors.New("it isn't decrypted (--decrypt)")
			}
			return s.Passthrough().Toggle(host), nil
		},
	}
	if path := s.CapturePath(); path != "" {
		act.Clear.Kept = "they are still in the capture file: " + path
	}
	if b := s.Browser(); b != nil {
		act.Browse.Open, act.Browse.StartPage = b.Open, browser.ConsoleURL
		act.Browse.IsOpen = func() bool { return b.State().Status == browser.Open }
	}
	copying(&act)
	t.reprobe.kept = store
	if act.Probe.NoReference = t.fixedReference; t.fixedReference == "" {
		t.reprobe.set = s.SetReference
	}
	t.reprobe.actions(&act, s.Text)
	act.Probe.Again.Notify = func(text string) { _, _ = io.WriteString(os.Stdout, watch.Notification(text)) } // the table is on a terminal
	exporter := exporterOfRun(s, exportWriter(t.tables))
	exporter.actions(&act)
	comparison{exporter, t.tables}.actions(&act)
	t.opt.proveWith(&act, s.SetAccount)
	act.Share, act.Selected = t.hosting.Actions(), t.hosting.Selected
	opt := t.opt.options(&act)
	opt.AWS, opt.Names, opt.Strict, opt.Faults = awsNames(t.tables), s.Names(), s.About().Strict, s.Faults()
	opt.Badge, opt.Facts, opt.Hint = t.badge, func() []ui.Fact { return t.facts(s) }, func() []string { return t.hintNow(s) }
	if err := t.hosting.ShowLink(func(l sharing.Link) error { return act.Print(ctx, l.Text()) }); err != nil {
		return err
	}
	return notShown(ui.Run(ctx, runSource{store, s, t.hosting, t.otlp}, act, opt), withoutTable)
}

// A runSource is the capture of a run. Its version also rises with what the table's
// head says.
type runSource struct {
	*capture.Store
	session *session.Session
	hosting *hosting.Hosting
	otlp    *feed.Run
}

// Version rises with every change to be drawn.
func (x runSource) Version() uint64 {
	return x.session.Version() + x.hosting.Changes() + x.otlp.Changes()
}

// facts are what the table's head says of the run, the most needed first: what doesn't
// fit is left out.
func (t liveTable) facts(s *session.Session) []ui.Fact {
	facts := []ui.Fact{{Name: "proxy", Value: s.Addr()}}
	add := func(name, value string) { facts = append(facts, ui.Fact{Name: name, Value: value}) }
	if t.opt.keepSecrets {
		add("SECRETS", "stored")
	}
	if why := s.StorageTrouble(); why != "" {
		add("disk", why)
	}
	if why := t.otlp.Lost(); why != "" {
		add("OTLP", why)
	}
	if b := s.Browser(); b != nil {
		facts = append(facts, t.status.Facts(b.State())...)
	}
	if hosts := s.Passthrough().Hosts(); len(hosts) > 0 {
		add("not decrypted", strings.Join(hosts, " "))
	}
	switch n := s.Store().Stats().Evicted; {
	case n > 0 && s.CapturePath() != "":
		add("older", fmt.Sprintf("%d in the capture", n))
	case n > 0:
		add("dropped", fmt.Sprint(n))
	}
	if notice := s.LastNotice(); notice != "" {
		add("note", notice)
	}
	return facts
}

// hintNow is what to do while the table is empty.
func (t liveTable) hintNow(s *session.Session) []string {
	b := s.Browser()
	if b == nil {
		return t.hint
	}
	return t.status.Hint(b.State(), setupOf(s))
}
