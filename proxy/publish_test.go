package proxy

import (
	"net/http"
	"testing"

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
