package session

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"detour/internal/capture"
	"detour/internal/flow"
)

// startRecords writes records until stop is called. broken is called when they can't be
// written any more.
func (s *Session) startRecords(broken func()) (stop func()) {
	r := s.cfg.Records
	if r == nil {
		return func() {}
	}
	sub := s.store.Subscribe(r.All)
	var writing sync.WaitGroup
	writing.Go(func() {
		about := func(r *flow.Record) {
			r.RawSecrets, r.Simulated = s.cfg.Storage.KeepSecrets, s.cfg.Simulated != nil
		}
		if err := s.writeRecords(sub, about); err != nil {
			s.cfg.Log.Debug("records", "error", err)
			broken()
		}
	})
	return func() {
		sub.Close()
		writing.Wait()
		if n := sub.Dropped(); n > 0 {
			s.notices.trouble(fmt.Sprintf("stdout was too slow: %d records were dropped", n))
		}
	}
}

// writeRecords writes flow records as JSON Lines until the subscription ends, for the
// flows that the filter lets through. about adds to each what is true of the whole run. An
// error means that the reader has exited.
func (s *Session) writeRecords(sub *capture.Subscription, about func(*flow.Record)) error {
	out := bufio.NewWriter(s.cfg.Records.To)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false) // outside HTML, & and < need no escapes
	for {
		flows := sub.Next(context.Background())
		if flows == nil {
			return nil
		}
		for _, f := range flows {
			var err error
			written := s.faults.Do("a record is missing on stdout", func() {
				if !s.cfg.Records.Keep.Match(f, time.Now()) {
					return
				}
				r := f.Record()
				about(&r)
				err = enc.Encode(r)
			})
			if !written {
				s.notices.trouble(fmt.Sprintf("detour has a fault: the record of flow %d is missing on stdout", f.ID))
			}
			if err != nil {
				return err
			}
		}
		if err := out.Flush(); err != nil {
			return err
		}
	}
}
