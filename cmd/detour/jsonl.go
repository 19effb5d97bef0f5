package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"time"

	"detour/internal/capture"
	"detour/internal/filter"
)

// newEncoder writes JSON as it is read: & and < need no escapes outside HTML.
func newEncoder(w io.Writer) *json.Encoder {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc
}

// writeRecords writes flow records as JSON Lines until the subscription ends,
// of the flows that keep lets through. raw says in each that secrets were kept. An error means that nobody reads any more.
func writeRecords(ctx context.Context, w io.Writer, sub *capture.Subscription, keep filter.Filter, raw bool) error {
	out := bufio.NewWriter(w)
	enc := newEncoder(out)
	for {
		flows := sub.Next(ctx)
		if flows == nil {
			return nil
		}
		for _, f := range flows {
			if !keep.Match(f, time.Now()) {
				continue
			}
			r := f.Record()
			r.RawSecrets = raw
			if err := enc.Encode(r); err != nil {
				return err
			}
		}
		if err := out.Flush(); err != nil {
			return err
		}
	}
}
