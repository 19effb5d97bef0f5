package feed

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"detour/internal/flow"
	"detour/internal/otlp"
	"detour/internal/otlp/send"
	"detour/internal/usererr"
	"detour/internal/wording"
)

// fileGiveUp is how long a batch of a file is tried: somebody waits for that.
const fileGiveUp = 30 * time.Second

// maxExamples is how many flows of a finding are looked at.
const maxExamples = 1000

// File sends what is chosen of a file. It returns what became of the records, and an error if not all have
// arrived, or if the flows can't be read.
func (o Options) File(
	ctx context.Context, c *flow.Capture, flows flow.Reader, redact Redactor, version string, cfg send.Config,
) (send.Stats, error) {
	cfg.Encoder = otlp.New(otlp.Resource{Version: version, Run: runOf(c), Simulated: c.Simulated(), Strict: c.Strict})
	cfg.GiveUp = cmp.Or(cfg.GiveUp, fileGiveUp)
	s := send.New(cfg)
	d := feed{to: s, encoder: cfg.Encoder, redact: redact, choice: Choice(o.Choice), meanings: meanings(), steps: c.Steps}
	whole, err := d.file(ctx, c, flows)
	stats := s.Close(ctx)
	rest := ""
	if !whole && err == nil {
		rest = ", and the rest of the file wasn't sent"
	}
	switch {
	case ctx.Err() != nil:
		return stats, ctx.Err()
	case stats.Lost() > 0:
		return stats, usererr.Failf("is "+cfg.Logs.Host()+" the collector's port for OTLP over HTTP, usually 4318, and are its headers right?",
			"%d of %s didn't arrive%s%s", stats.Lost(), wording.Count(stats.Sent+stats.Lost(), "record"), rest, prefixed(": ", stats.Trouble))
	}
	return stats, err
}

// file sends flows, summaries and findings. It ends early, and returns whole as false, if the collector can't be
// reached.
func (d *feed) file(ctx context.Context, c *flow.Capture, flows flow.Reader) (whole bool, err error) {
	examples := make(map[flow.ID]*flow.Flow)
	for _, f := range c.Findings {
		for _, id := range f.Flows[:min(len(f.Flows), maxExamples)] {
			examples[id] = nil
		}
	}
	for f, err := range flows.Bodiless() {
		if err != nil {
			return false, err
		}
		if d.to.Room(ctx) != nil { // Close says why
			return false, nil
		}
		if _, ok := examples[f.ID]; ok {
			examples[f.ID] = bare(f)
		}
		d.flow(f)
	}
	d.room = func() { _ = d.to.Room(ctx) }
	end := c.Last
	if end.IsZero() {
		end = time.Now()
	}
	d.judged(c.Findings, func(id flow.ID) *flow.Flow { return examples[id] }, end)
	d.sum(d.summaries.All(end))
	return true, nil
}

// runOf is the ID of the run that a file is of: the same each time the file is sent.
func runOf(c *flow.Capture) string {
	began := c.Last
	if c.Environment != nil {
		began = c.Environment.Began
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d\x00%d", c.Creator, began.UnixNano(), c.Last.UnixNano()))
	return hex.EncodeToString(sum[:16])
}
