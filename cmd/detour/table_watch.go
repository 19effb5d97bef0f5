package main

import (
	"context"
	"fmt"
	"time"

	"detour/internal/flow"
	"detour/internal/probe"
	"detour/internal/scan"
	"detour/internal/watch"
	"detour/internal/wording"
)

// watchEvery is the time between two tries of an address that the table watches.
const watchEvery = 5 * time.Second

// A keeper keeps what was learned of hosts. capture.Store is one.
type keeper interface {
	LearnOf(authority string, all []flow.Later) flow.ID
	PutCheck(c flow.Check) (id int)
}

// check probes hosts once, all of them at the same time, and keeps the results.
func (r reprobe) check(ctx context.Context, codes, hosts []string, progress func(string)) (*flow.Check, error) {
	c := flow.Check{Kind: flow.CheckOnce, Codes: codes, Began: time.Now()}
	done := 0
	results, err := scan.All(ctx, probe.New(r.config()), r.tables, hosts, 0, func() {
		done++
		progress(fmt.Sprintf("%d of %s", done, wording.Count(len(hosts), "host")))
	})
	if err != nil {
		return nil, err
	}
	r.keep(&c, hosts, results)
	return &c, nil
}

// keep completes a check with the results of probes, and keeps both.
func (r reprobe) keep(c *flow.Check, hosts []string, results []probe.Result) {
	c.Ended, c.Outcome = time.Now(), flow.CheckWorks
	for i := range results {
		h := results[i].HostCheck(hosts[i])
		if !h.Works {
			c.Outcome = flow.CheckFails
		}
		if r.kept != nil {
			h.Flow = r.kept.LearnOf(hosts[i], results[i].Later())
		}
		c.Hosts = append(c.Hosts, h)
	}
	if r.kept != nil {
		c.ID = r.kept.PutCheck(*c)
	}
}

// watch watches hosts until they work or ctx ends. Each state is kept.
func (r reprobe) watch(ctx context.Context, codes, hosts []string, state func(*flow.Check)) *flow.Check {
	id := 0
	opt := watch.Options{Report: func(c flow.Check, _ []watch.Event) {
		if c.ID = id; r.kept != nil {
			id = r.kept.PutCheck(c)
		}
		state(&c)
	}}
	if r.kept != nil {
		opt.Learn = r.kept.LearnOf
	}
	c := watch.Run(ctx, probe.New(r.config()), watch.Config{Every: watchEvery, Codes: codes}, hosts, opt)
	c.ID = id
	return &c
}
