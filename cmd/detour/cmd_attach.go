package main

import (
	"cmp"
	"context"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"detour/internal/alias"
	"detour/internal/attach"
	"detour/internal/aws"
	"detour/internal/instances"
	"detour/internal/interrupt"
	"detour/internal/jobcontrol"
	"detour/internal/share"
	"detour/internal/share/remote"
	"detour/internal/usererr"
	"detour/ui"
	"detour/ui/choose"
)

// attachOptions are the flags of attach.
type attachOptions struct {
	screenOptions
	link string
}

func attachCommand() *cobra.Command {
	o := &attachOptions{}
	c := &cobra.Command{
		Use:   "attach [RUN|LINK]",
		Short: "Watch a run in another terminal, or by its link",
		Long: `Watches a run in a table of its own: with its own cursor, filter, views, columns and
exports. It changes nothing in the run, whose table says how many watch. What it shows
was redacted on the other side, as a strict export is, with the names that the other
side's presenter mode shows. :follow-host selects what is selected there.

RUN is a run of yours on this machine, by its process ID or the port of its proxy.
Without it, detour attach watches the only run, or offers a list. LINK is what :share
shows in the table of a run, or --share. Other users can see a command's arguments:
--link - reads the link from stdin, and DETOUR_LINK has it without either.

If the connection is lost, detour connects again. When the run ends, the table stays
open with what it has.`,
		Example: "  detour attach\n  detour attach 8080\n  ssh -t HOST detour attach\n  pbpaste | detour attach --link -",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage("detour attach --help", "at most one run or link is allowed, got %d", len(args))
			}
			return nil
		},
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(c *cobra.Command, args []string) error { return o.run(c, args) },
	}
	o.register(c.Flags())
	c.Flags().StringVar(&o.link, "link", "", "`link` to a shared run; -: read it from stdin")
	return c
}

// unattachable says what to do without a table.
const unattachable = "open the link in a browser"

func (o *attachOptions) run(c *cobra.Command, args []string) error {
	if err := o.check(); err != nil {
		return err
	}
	if err := canShow(c.OutOrStdout(), unattachable); err != nil {
		return err
	}
	tables, err := aws.Load()
	if err != nil {
		return err
	}
	target, ok, err := o.target(c, args)
	if err != nil || !ok {
		return err
	}
	names := new(alias.Table)
	w, err := remote.Connect(c.Context(), target, names)
	if err != nil {
		return attachError(err)
	}
	interrupt.Expected(c.Context())
	act := ui.Actions{
		Unavailable: "only the host can do this: this table watches its run",
		Suspend:     jobcontrol.Suspend(),
	}
	copying(&act)
	exporter := exporter{host: w.Export, about: w.Capture, as: exportWriter(tables)}
	exporter.actions(&act)
	act.Export.Strict = true
	comparison{exporter, tables}.actions(&act)
	opt := o.options(&act)
	opt.AWS, opt.Names, opt.Strict = awsNames(tables), names, true
	opt.Badge = "WATCHING"
	if w.About().Kind == share.KindDemo {
		opt.Badge += " DEMO"
	}
	opt.Recorded, opt.Now, opt.HostCursor = w.Recorded, w.Now, w.Cursor
	opt.Facts = func() []ui.Fact {
		var facts []ui.Fact
		for _, f := range w.Facts() {
			facts = append(facts, ui.Fact(f))
		}
		return facts
	}
	opt.Hint = func() []string { return []string{"the run has no requests yet"} }
	ctx, stop := context.WithCancel(c.Context())
	var background sync.WaitGroup
	background.Go(func() { w.Run(ctx) })
	err = ui.Run(ctx, w, act, opt)
	stop()
	background.Wait()
	return notShown(err, unattachable)
}

// attachError gives an error of Connect its class.
func attachError(err error) error {
	if usererr.As(err) != nil {
		return err
	}
	return failed("", "the run can't be watched: %w", err)
}

// target is what is to be watched. ok is false if the user chose nothing.
func (o *attachOptions) target(c *cobra.Command, args []string) (t remote.Target, ok bool, err error) {
	if runsDir() == "" {
		return t, false, noState()
	}
	return attach.Choice{Name: strings.Join(args, ""), Link: o.link, Stdin: c.InOrStdin(), Dir: runsDir(), Offer: o.offer}.Target(c.Context())
}

// offer offers the runs.
func (o *attachOptions) offer(ctx context.Context, runs []instances.Run) (at int, ok bool, err error) {
	if !onTerminal(os.Stdin) {
		return 0, false, usage("detour attach PORT watches one", "%d runs go on, and none is named", len(runs))
	}
	list := choose.Options{
		Title: "Runs on this machine", Noun: "run", Verb: "watch", Theme: o.theme,
		Columns: []choose.Column{{Head: "PORT", Right: true}, {Head: "PROCESS", Right: true}, {Head: "SINCE"}, {Head: "KIND"}},
	}
	for _, r := range runs {
		list.Items = append(list.Items, choose.Item{Cells: []string{
			attach.Port(r), strconv.Itoa(r.PID), r.Started.Local().Format(time.DateTime), cmp.Or(r.Kind, "run"),
		}})
	}
	return choose.Run(ctx, list)
}
