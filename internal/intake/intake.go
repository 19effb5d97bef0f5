// Package intake is the one way in: every flow that detour shows, keeps or writes
// has passed [Intake.Take], whether the proxy saw it, a file had it or a probe made
// it. There it gets its names, what is known of its addresses, and the findings that
// it is part of; and there secrets are taken out of it.
//
// [Reader] reads files that way: captures, JSON Lines and HARs.
package intake

import (
	"crypto/rand"
	"time"

	"detour/internal/aws"
	"detour/internal/capture"
	"detour/internal/diagnose"
	"detour/internal/flow"
	"detour/internal/redact"
)

// Config is what an Intake is made with.
type Config struct {
	Tables *aws.Tables
	// Strict and KeepSecrets are those of redact.Options.
	Strict, KeepSecrets bool
	// Ranges returns the addresses that AWS publishes, or nil as long as they aren't
	// loaded. It is called for each connection; nil: nothing is said of addresses.
	Ranges func() *aws.Ranges
	// Conn adds what else is known of a connection. It may return its argument, and
	// doesn't write to it. nil: nothing is added.
	Conn func(*flow.Conn) *flow.Conn
	// KeepBodies reports whether the bodies of a flow are kept. It is asked for each
	// revision, once the flow is tagged. nil: all are.
	KeepBodies func(*flow.Flow) bool
	// DropHeaders leaves header fields out.
	DropHeaders bool
}

// An Intake takes the flows of one capture in. Its methods may be called
// concurrently. It implements [capture.Intake].
type Intake struct {
	cfg     Config
	pairing aws.Pairing
	redacts *redact.Redactor
}

var _ capture.Intake = (*Intake)(nil)

// New returns an Intake. The pseudonyms that it makes of secrets are its own: their
// key is random and is kept nowhere.
func New(cfg Config) *Intake {
	return &Intake{cfg: cfg, redacts: redact.New(redact.Options{Key: newKey(), Strict: cfg.Strict, KeepSecrets: cfg.KeepSecrets})}
}

func newKey() []byte {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // it never fails
	return key
}

// Take takes a flow in that is new, or that has a response or a body for the first
// time: tag, pair, add what is known of the connection, drop what isn't kept, redact,
// judge. Nothing that it returns, or leaves in f, was not redacted. What f points at
// isn't written to.
func (in *Intake) Take(f *flow.Flow) (p capture.Prepared) {
	in.cfg.Tables.Tag(f)
	by, decodedBy := in.pairing.Add(f)
	f.Conn = in.enriched(f)
	in.drop(f)
	in.redacts.Flow(f)
	if by != 0 {
		p = capture.Prepared{By: by, Names: f.AWS.Names()}
		p.Names.DecodedBy = decodedBy
	}
	in.judge(f)
	return p
}

// Update takes a revision in that has the request, the response and the names of one
// that Take was given.
func (in *Intake) Update(f *flow.Flow) {
	f.Conn = in.enriched(f)
	in.drop(f)
	in.redacts.Outcome(f)
	in.judge(f)
}

// enriched is the flow's connection with what is known of it. A flow over a reused
// connection has nothing to do with its addresses.
func (in *Intake) enriched(f *flow.Flow) *flow.Conn {
	if f.Conn == nil || f.Reused {
		return f.Conn
	}
	return in.enrich(f.Conn)
}

func (in *Intake) enrich(c *flow.Conn) *flow.Conn {
	if in.cfg.Ranges != nil {
		c = in.withRanges(c)
	}
	if in.cfg.Conn != nil {
		c = in.cfg.Conn(c)
	}
	return c
}

// drop leaves out what isn't kept, before anything is spent on it.
func (in *Intake) drop(f *flow.Flow) {
	if in.cfg.KeepBodies != nil && !in.cfg.KeepBodies(f) {
		f.DropBodies()
	}
	if in.cfg.DropHeaders {
		f.DropHeaders()
	}
}

func (in *Intake) judge(f *flow.Flow) {
	if f.Final() {
		f.Findings = in.Codes(f)
	}
}

// Conn takes the record of a connection in that isn't a flow's, or changed after it.
// It returns c if there is nothing to do.
func (in *Intake) Conn(c *flow.Conn) *flow.Conn {
	if c == nil {
		return nil
	}
	return in.redacts.Conn(in.enrich(c))
}

// Codes are the findings that a final flow is part of.
func (in *Intake) Codes(f *flow.Flow) []string { return diagnose.Codes(f) }

// Text takes secrets out of text that may quote anything: a note, an error, a line
// that another program wrote.
func (in *Intake) Text(s string) string { return in.redacts.Text(s) }

// Redacted counts what was taken out so far, by kind. The map is the caller's.
func (in *Intake) Redacted() map[string]int { return in.redacts.Counts() }

// Judge says what flows are consistent with, the most telling finding first.
func Judge(flows []*flow.Flow, now time.Time) []flow.Finding { return diagnose.Run(flows, now) }

// TextOnly returns an intake for a store of flows that were taken in before: secrets
// are taken out of what a person types, and of nothing else.
func (in *Intake) TextOnly() capture.Intake { return textOnly{in: in} }

type textOnly struct {
	capture.AsIs
	in *Intake
}

// Text implements capture.Intake.
func (t textOnly) Text(s string) string { return t.in.Text(s) }
