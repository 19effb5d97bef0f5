package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"detour/internal/aws"
	"detour/internal/flow"
	"detour/internal/intake"
	"detour/internal/interrupt"
	"detour/internal/typed"
	"detour/internal/watch"
)

// watchOptions are the flags of watch.
type watchOptions struct {
	probeOptions
	every, duration time.Duration
}

func watchCommand() *cobra.Command {
	o := &watchOptions{}
	c := &cobra.Command{
		Use:   "watch HOST[:PORT]...|FILE",
		Short: "Probe what failed until it works, and say since when",
		Long: `Probes hosts, or those of the problems in a capture or HAR, until each of their addresses
has answered three times in a row: the connect, the TLS handshake and a request without
credentials. An address gets at most one SYN a second. DNS is queried again as its answers
expire: addresses that it adds are probed, those that it drops are not.
The exit code is 0 once all hosts work, and 3 if they don't in time or on Ctrl-C.`,
		Example: `  detour watch monitoring.ap-northeast-1.amazonaws.com
  detour watch run.detour --for 2h
  detour watch console.har --json | jq -r 'select(.event == "ended").check.since'`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage("detour watch monitoring.eu-west-1.amazonaws.com, or detour watch run.detour", "no host or file to watch")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return runWatch(c, o, args) },
	}
	o.register(c.Flags(), probeTimeout)
	o.registerEndpointServices(c.Flags())
	c.Flags().DurationVar(&o.every, "every", 5*time.Second, "`duration` between two tries of an address, at least 1s")
	c.Flags().DurationVar(&o.duration, "for", 30*time.Minute, "`duration` after which to give up")
	c.Flags().BoolVar(&o.json, "json", false, "write a JSON object for each event")
	o.tries = 1
	return c
}

func runWatch(c *cobra.Command, o *watchOptions, args []string) error {
	switch {
	case o.every < watch.Pace || o.every > time.Hour:
		return flagUsage("every", "from 1s to 1h", "--every %s is out of range", o.every)
	case o.duration <= 0:
		return flagUsage("for", "for example 30m", "--for %s is not a time to watch for", o.duration)
	}
	tables, err := o.tables()
	if err != nil {
		return err
	}
	hosts, codes, err := watchTargets(c, tables, args)
	if err != nil || len(hosts) == 0 {
		return err
	}
	if n := len(hosts); n > watch.MaxHosts {
		return usage("detour watch HOST... watches chosen ones", "%d hosts are too many to watch; the limit is %d", n, watch.MaxHosts)
	}
	p, err := o.prober(c, tables)
	if err != nil {
		return err
	}
	interrupt.Expected(c.Context())
	out := newWatchOutput(c, o.json)
	out.begin(hosts, o.every, o.duration)
	in := intake.New(intake.Config{Tables: tables})
	ctx, stop := context.WithCancel(c.Context())
	defer stop()
	done := watch.Run(ctx, p, watch.Config{Every: o.every, Codes: codes}, hosts, watch.Options{
		For: o.duration,
		Report: func(x flow.Check, news []watch.Event) {
			if out.report(in.Check(&x), redactEvents(in, news)) != nil {
				stop() // nobody reads it
			}
		},
	})
	if done.Outcome != flow.CheckWorks {
		return errProblems
	}
	return nil
}

// redactEvents takes secrets out of events: a server or a proxy may have written their texts.
func redactEvents(in *intake.Intake, news []watch.Event) []watch.Event {
	out := slices.Clone(news)
	for i := range out {
		e := &out[i]
		e.Later = in.Later(e.Later)
		for _, a := range []**flow.CheckAnswer{&e.Answer, &e.Before} {
			if *a != nil {
				x := **a
				x.Err = in.Text(x.Err)
				*a = &x
			}
		}
	}
	return out
}

// watchTargets returns the hosts to watch, as host:port, and the codes of the findings that they
// are taken from, if the argument is a file. There is no host if nothing in the file failed: that
// has been said.
func watchTargets(c *cobra.Command, tables *aws.Tables, args []string) (hosts, codes []string, err error) {
	if !slices.ContainsFunc(args, typed.NamesFile) {
		hosts, err = parseHosts(args)
		return hosts, nil, err
	}
	if len(args) > 1 {
		return nil, nil, usage("detour watch FILE, or detour watch HOST...", "a file is watched alone, got %d arguments", len(args))
	}
	r := reader(c, tables)
	r.Max = maxJudged
	got, err := readFile(c.Context(), r, args[0])
	if err != nil {
		return nil, nil, err
	}
	hosts, codes = failedHosts(got)
	if len(hosts) > 0 {
		return hosts, codes, nil
	}
	fmt.Fprintf(c.ErrOrStderr(), "detour: nothing to watch: no problem in %s is of a host that can be probed, or all are resolved\n",
		flow.Printable(args[0]))
	return nil, nil, unread(got)
}

// failedHosts are the hosts of a capture's problems that aren't resolved, and the problems' codes.
func failedHosts(c *flow.Capture) (hosts, codes []string) {
	byID := make(map[flow.ID]*flow.Flow, len(c.Flows))
	for _, f := range c.Flows {
		byID[f.ID] = f
	}
	for i := range c.Findings {
		f := &c.Findings[i]
		if f.Level != flow.LevelProblem || f.Resolved {
			continue
		}
		some := f.Authorities(func(id flow.ID) *flow.Flow { return byID[id] })
		for _, h := range some {
			if !slices.Contains(hosts, h) {
				hosts = append(hosts, h)
			}
		}
		if len(some) > 0 {
			codes = append(codes, f.Code)
		}
	}
	return hosts, codes
}
