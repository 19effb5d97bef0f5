package remote

import (
	"strings"
	"time"
	"unicode/utf8"

	"detour/internal/share"
	"detour/internal/wording"
)

// A contact says how the mirror and the host stand.
type contact struct {
	host  time.Time // the host's clock, …
	heard time.Time // … when this was the time here
	still bool      // nothing is added there: its clock stands still

	cut   time.Time // since when nothing has come; zero: there is contact
	ended string    // why nothing more comes; "": it may
}

// clock takes the host's clock.
func (m *mirror) clock(now time.Time, still bool) {
	m.host, m.heard, m.still = now, m.now(), still
}

// begin takes the beginning of a stream.
func (m *mirror) begin(h share.Hello) {
	h.Title, h.Detour = m.text(h.Title), m.text(h.Detour)
	m.change(func() {
		if h.Reset {
			m.forget()
		}
		m.hello, m.cut = h, time.Time{}
		m.clock(h.Now, m.still)
	})
}

// lose notes that there is no contact any more; since is when something came last.
func (m *mirror) lose(since time.Time) {
	m.change(func() {
		if m.cut.IsZero() {
			m.cut = since
		}
	})
}

// finish notes that nothing more comes.
func (m *mirror) finish(why string) {
	m.change(func() {
		if m.cut.IsZero() {
			m.cut = m.now()
		}
		m.ended = m.text(why)
	})
}

// Now is the present for flows in progress, by the host's clock. It stands still while there is no
// contact: what became of them since isn't known.
func (m *mirror) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.still || m.host.IsZero():
		return m.host
	case !m.cut.IsZero():
		return m.host.Add(max(0, m.cut.Sub(m.heard)))
	}
	return m.host.Add(m.now().Sub(m.heard))
}

// Recorded reports whether nothing more comes.
func (m *mirror) Recorded() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.ended != "" || m.still
}

// About returns what is watched, and of which kind it is.
func (m *mirror) About() share.Hello {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.hello
}

// Facts are for the head of the table, what the watcher has to know first.
func (m *mirror) Facts() []share.Fact {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []share.Fact
	switch {
	case m.ended != "":
		out = append(out, share.Fact{Name: "over:", Value: m.ended + wording.Pending(m.pending())})
	case !m.cut.IsZero():
		out = append(out, share.Fact{Name: "no contact", Value: "since " + wording.Running(m.now().Sub(m.cut))})
	}
	if n := m.lost; n > 0 {
		out = append(out, share.Fact{Name: wording.Number(n), Value: wording.Plural(n, "update") + " left out"})
	}
	if n := m.unread; n > 0 {
		out = append(out, share.Fact{Name: wording.Number(n), Value: wording.Plural(n, "update") + " unreadable"})
	}
	if n := m.dropped; n > 0 {
		out = append(out, share.Fact{Name: "older", Value: wording.Number(n) + " dropped here"})
	}
	if n := m.state.Watching; n > 1 && m.ended == "" {
		out = append(out, share.Fact{Name: wording.Number(n), Value: "watch"})
	}
	return append(append(out, m.title()), m.state.Facts...)
}

// title says what is watched: "run of 2026-11-24 10:28", or a file.
func (m *mirror) title() share.Fact {
	if name, rest, ok := strings.Cut(m.hello.Title, " "); ok && m.hello.Kind != share.KindFile {
		return share.Fact{Name: name, Value: rest}
	}
	return share.Fact{Name: string(share.KindFile), Value: m.hello.Title}
}

// pending counts the flows that had no end.
func (m *mirror) pending() (n int) {
	for _, f := range m.flows {
		if !f.Final() {
			n++
		}
	}
	return n
}

// clip cuts s after a number of bytes, between characters.
func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most]
}
