package proxy

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"detour/internal/flow"
)

func TestPublish_nothingFollowsTheFinalRevision(t *testing.T) {
	s := newSink()
	p := New(Config{Sink: s})
	defer p.Shutdown(t.Context())
	x := &exchange{p: p, f: flow.Flow{ID: 1, Request: flow.Request{Method: http.MethodGet}}, client: t.Context()}
	x.start()
	x.publish()
	x.publish() // unchanged
	x.finish()
	x.received.Add(1) // a late count
	x.sent.Add(1)
	x.update(func(f *flow.Flow) { f.Note = "late" })
	x.publish()
	x.finish()
	if len(s.revs) != 2 || !s.revs[1].Final() || s.revs[1].Rev != 2 {
		t.Errorf("%d revisions: %+v", len(s.revs), s.revs)
	}
}

func TestPublish_anIdleProxyRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSink()
		p := New(Config{Sink: s})
		p.background.Go(p.publishLoop)
		rests := func() bool {
			synctest.Wait()
			p.active.mu.Lock()
			defer p.active.mu.Unlock()
			return p.active.resting
		}
		for range 2 {
			time.Sleep(2 * restAfter)
			if !rests() {
				t.Error("the loop looks for exchanges though there are none")
			}
			before := len(s.revs)
			x := &exchange{p: p, f: flow.Flow{ID: 1, Request: flow.Request{Method: http.MethodGet}}, client: t.Context()}
			x.start()
			time.Sleep(2 * publishInterval)
			if synctest.Wait(); len(s.revs) != before+1 {
				t.Error("a flow in progress isn't published")
			}
			time.Sleep(2 * restAfter)
			if rests() {
				t.Error("the loop rests though an exchange is in progress")
			}
			x.finish()
		}
		time.Sleep(2 * restAfter)
		p.Shutdown(t.Context())
	})
}
