// Package host is the sharing side of a run or of an opened file: a [Host] puts together the
// events, the filters of those who watch, the page and the listeners.
package host

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"slices"
	"sync/atomic"
	"time"

	"detour/internal/flow"
	"detour/internal/share"
	"detour/internal/share/link"
	"detour/internal/share/match"
	"detour/internal/share/serve"
)

// A Page makes what a browser shows. It gets nothing that isn't redacted.
type Page interface {
	share.Renderer
	// Document is the empty page, and its Content-Security-Policy.
	Document() (body []byte, csp string)
	// Detail is all of a flow, as JSON. fs are the findings that list it.
	Detail(f *flow.Flow, fs []flow.Finding, now time.Time) []byte
}

// A Host lets others watch. [Host.End] ends it. Its methods may be called concurrently.
type Host struct {
	feed      *share.Feed
	server    *serve.Server
	page      Page
	now       func() time.Time
	simulated bool
	changes   atomic.Uint64
}

// New returns a Host that nobody can reach yet. cfg says what is shared; its Run and its
// Renderer are set here.
func New(cfg share.Config, page Page) *Host {
	id := make([]byte, 8)
	_, _ = rand.Read(id) // never fails
	cfg.Run, cfg.Renderer = hex.EncodeToString(id), page
	h := &Host{feed: share.New(cfg), page: page, now: cfg.Now, simulated: cfg.Simulated}
	pace := match.NewPace()
	h.server = serve.New(serve.Config{
		Run:      cfg.Run,
		Document: page.Document,
		Watch: func(rows bool, after uint64) serve.Stream {
			return h.feed.Watch(share.Options{Rows: rows, After: after})
		},
		Match:    func(expression string) serve.Stream { return match.New(h.feed, expression, cfg.Now, pace) },
		Flow:     h.flow,
		Complete: func(expression string, at int) []byte { return match.Complete(h.feed, expression, at) },
		Changed:  func() { h.changes.Add(1) },
	})
	return h
}

// flow is all of a flow: a record, or what the page shows.
func (h *Host) flow(id uint64, rows bool) []byte {
	f := h.feed.Get(flow.ID(id))
	switch {
	case f == nil:
		return nil
	case rows:
		return h.page.Detail(f, h.about(f.ID), h.now())
	}
	r := f.Record()
	r.Simulated = h.simulated
	b, err := json.Marshal(r)
	if err != nil {
		return nil // it can't: a record is written as JSON elsewhere, too
	}
	return b
}

// about returns the findings that list a flow.
func (h *Host) about(id flow.ID) []flow.Finding {
	return slices.DeleteFunc(slices.Clone(h.feed.Capture().Findings), func(x flow.Finding) bool { return !slices.Contains(x.Flows, id) })
}

// ServeSocket lets programs of this user watch through a socket at path.
func (h *Host) ServeSocket(path string) error { return h.server.ServeSocket(path) }

// Share opens a listener and returns the link to it, which can't be had again.
func (h *Host) Share(opt serve.Options) (link.Link, error) { return h.server.Share(opt) }

// Stop ends sharing by link within a second, and reports whether there was any.
func (h *Host) Stop(why string) bool { return h.server.Stop(why) }

// State says how it is shared by link.
func (h *Host) State() serve.State { return h.server.State() }

// Watching is how many watch.
func (h *Host) Watching() int { return h.feed.Watching() }

// Changes rises with every change of State and Watching.
func (h *Host) Changes() uint64 { return h.changes.Load() }

// SetCursor tells those who watch which flow the host looks at; 0: none. It is quick.
func (h *Host) SetCursor(id flow.ID) { h.feed.SetCursor(id) }

// End sends what there still is to those who watch, says why nothing more comes, and closes
// everything. Who doesn't read is cut after a second.
func (h *Host) End(why string) {
	h.feed.Finish(why)
	h.server.Close(why)
}
