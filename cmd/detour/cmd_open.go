package main

import (
	"cmp"
	"context"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/spf13/cobra"

	"detour/internal/alias"
	"detour/internal/capture"
	"detour/internal/capture/disk"
	"detour/internal/diagnose"
	"detour/internal/flow"
	"detour/internal/hosting"
	"detour/internal/intake"
	"detour/internal/interrupt"
	"detour/internal/jobcontrol"
	replay "detour/internal/recorded" // a function of this package has the name
	"detour/internal/session"
	"detour/ui"
	"detour/ui/sharing"
)

// maxOpened bounds the flows that are shown of a capture: all that failed, as a rule, and the newest.
const maxOpened = 20_000

// openOptions are the flags of open.
type openOptions struct {
	endpointServiceOptions
	accountOptions
	screenOptions
	sharing      hosting.Options
	edit, follow bool
}

func openCommand() *cobra.Command {
	o := &openOptions{}
	c := &cobra.Command{
		Use:   "open [FILE]",
		Short: "Show a capture or a HAR in the table",
		Long: `Shows a capture, or a HAR that somebody sent, in the live table. The file isn't changed:
marks, notes and steps last for this session, and exports include them. With --edit,
they are written to the capture. A capture that a run is writing is followed until the
run ends. Without a file, the newest captures of the state directory are offered.`,
		Example: "  detour open ~/.local/state/detour/captures/2026-11-24T104500.detour\n  detour open console.har --filter origin:direct",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return oneFile("detour open run.detour")(c, args)
		},
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return runOpen(c, o, args[0])
			}
			if err := o.check(); err != nil {
				return err
			}
			path, err := chooseCapture(c, o)
			if err != nil || path == "" {
				return err
			}
			return runOpen(c, o, path)
		},
	}
	o.registerEndpointServices(c.Flags())
	o.registerAccount(c.Flags())
	o.register(c.Flags())
	registerSharing(c.Flags(), &o.sharing)
	c.Flags().BoolVar(&o.follow, "follow", true, "follow a capture that a run is writing; --follow=false reads it once")
	c.Flags().BoolVar(&o.edit, "edit", false, "write marks, notes and steps to the capture")
	return c
}

func runOpen(c *cobra.Command, o *openOptions, path string) error {
	if err := cmp.Or(o.check(), o.sharing.Check()); err != nil {
		return err
	}
	if path != "-" {
		if err := noDirectory(path, fileHint); err != nil {
			return err
		}
	}
	const instead = "detour diagnose prints its findings, detour export writes a report"
	if err := canShow(c.OutOrStdout(), instead); err != nil {
		return err
	}
	tables, err := o.tables()
	if err != nil {
		return err
	}
	const unavailable = "this is a recording; detour probe HOST tests the host now"
	act := ui.Actions{
		Probe: ui.ProbeActions{
			Unavailable: unavailable, NoCounterfactual: unavailable, NoReference: "this is a recording; detour run has a reference resolver",
		},
		Browse: ui.BrowseActions{Unavailable: "this is a recording; detour run URL opens a page"},
	}
	var file *disk.File
	if o.edit {
		if file, err = disk.Edit(path); err != nil {
			return flagUsage("edit", "--edit works only with detour's captures", "%w", err)
		}
		defer file.Close()
	}
	if o.edit && disk.Live(path) {
		const hint = "mark and note in the table of the run itself, or open the capture without --edit"
		return usage(hint, "%s: a run is writing this capture", path)
	}
	r := reader(c, tables)
	names := new(alias.Table)
	if r.Account, err = o.readAccount(c.InOrStdin()); err != nil {
		return err
	}
	r.Whole, r.Max, r.Names = true, maxOpened, names
	var proof atomic.Pointer[intake.Account]
	proof.Store(&r.Account)
	rec, err := replay.Open(c.Context(), replay.Config{
		Path: path, Reader: r, Follow: o.follow,
		Judge: func(ctx context.Context, s *capture.Store, machine *flow.Environment) {
			session.Judging{
				Store: s, Tracker: &diagnose.Tracker{Machine: machine}, Names: names.Texts(nil), Account: &proof, Prover: new(intake.Prover),
			}.Follow(ctx)
		},
	}, disk.Live, readFile)
	if err != nil {
		return err
	}
	interrupt.Expected(c.Context())
	got, store := rec.Read(), rec.Store()
	prepared := intake.New(intake.Config{Strict: got.Strict, KeepSecrets: got.RawSecrets})
	act.Edit.Mark, act.Edit.Note, act.Edit.Unsaved = store.Mark, store.Note, "e exports it; detour open --edit saves it in a capture"
	act.Edit.Step = func(x flow.Step) error {
		store.AddStep(x)
		return nil
	}
	if file != nil {
		act.Edit.Mark, act.Edit.Note = replay.Edits(store, file)
		act.Edit.Unsaved = ""
		act.Edit.Step = func(x flow.Step) error {
			x.Text = prepared.Text(x.Text)
			if err := file.AddStep(x); err != nil {
				return err
			}
			store.AddStep(x)
			return nil
		}
	}
	act.Suspend = jobcontrol.Suspend()
	copying(&act)
	kept := exporterOf(rec, names, exportWriter(tables))
	kept.account = func() intake.Account { return *proof.Load() }
	o.proveWith(&act, func(a intake.Account) {
		proof.Store(&a)
		flows := store.Flows()
		store.SetFindings(a.Proving(flows, rec.Now()).Judge(flows, rec.Now(), names.Texts(nil)))
	})
	kept.actions(&act)
	comparison{kept, tables}.actions(&act)
	facts := []ui.Fact{{Name: "file", Value: filepath.Base(path)}}
	if got.Creator != "" {
		facts = append(facts, ui.Fact{Name: "written by", Value: got.Creator})
	}
	if got.RawSecrets {
		facts = append(facts, ui.Fact{Name: "SECRETS", Value: "stored"})
	}
	if !got.Unread.None() {
		facts = append(facts, ui.Fact{Name: "UNREAD", Value: got.Unread.String()})
	}
	opt := o.options(&act)
	opt.AWS, opt.Names, opt.Strict = awsNames(tables), names, got.Strict
	badge := "FILE"
	if got.Simulated() {
		badge = "DEMO FILE"
	}
	opt.Badge, opt.Steps = badge, got.Steps
	opt.Recorded, opt.Now = func() bool { return !rec.Following() }, rec.Now
	opt.Facts = func() []ui.Fact {
		now := slices.Clone(facts[:1])
		for _, f := range rec.Facts() {
			now = append(now, ui.Fact(f))
		}
		return append(now, facts[1:]...)
	}
	opt.Hint = func() []string { return []string{"no request is in " + path} }
	watched := rec.Shared(kept.strict, kept.account)
	watched.Detour, watched.Title, watched.Badge = version(), kept.strict.Text(filepath.Base(path)), badge
	shared := hosting.New(o.sharing)
	shared.Begin(watched, opt.AWS, opt.Facts)
	act.Share, act.Selected = shared.Actions(), shared.Selected
	ctx, stop := context.WithCancel(c.Context())
	var background sync.WaitGroup
	background.Go(func() { rec.Run(ctx) })
	err = shared.ShowLink(func(l sharing.Link) error { return act.Print(ctx, l.Text()) })
	if err == nil {
		err = ui.Run(ctx, openSource{rec, shared}, act, opt)
	}
	shared.End("the file was closed")
	stop()
	background.Wait()
	return cmp.Or(notShown(err, instead), unread(got))
}

// An openSource is a recording. Its version also rises with what the table's head says of watchers.
type openSource struct {
	*replay.Recording
	hosting *hosting.Hosting
}

// Version rises with every change to be drawn.
func (x openSource) Version() uint64 { return x.Recording.Version() + x.hosting.Changes() }
