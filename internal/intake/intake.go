// Package intake prepares flows before detour shows, stores or writes them. Every flow passes
// [Intake.Take], whether it comes from the proxy, from a file or from a probe: Take
// identifies the AWS call, adds what is known about addresses, redacts secrets, and assigns
// the findings. No flow takes another way, so none can be shown unredacted.
//
// [Reader] reads captures, JSON Lines and HARs that way.
package intake

import (
	"crypto/rand"

	"detour/internal/aws"
	"detour/internal/capture"
	"detour/internal/diagnose"
	"detour/internal/flow"
	"detour/internal/redact"
)

// Config configures an Intake.
type Config struct {
	Tables *aws.Tables
	// Strict and KeepSecrets are as in redact.Options.
	Strict, KeepSecrets bool
	// Ranges returns the address ranges that AWS publishes, or nil while they aren't loaded.
	// It is called for each connection. nil: ranges aren't looked up.
	Ranges func() *aws.Ranges
	// Conn adds what else is known about a connection. It may return its argument and must
	// not write to it. nil: nothing is added.
	Conn func(*flow.Conn) *flow.Conn
	// KeepBodies reports whether the bodies of a tagged flow are kept. It is called for each
	// revision. nil: all are kept.
	KeepBodies func(*flow.Flow) bool
	// DropHeaders removes header fields.
	DropHeaders bool
}

// An Intake prepares the flows of one capture. Its methods may be called concurrently. It
// implements [capture.Intake].
type Intake struct {
	cfg        Config
	key        []byte
	pairing    aws.Pairing
	preflights *aws.Preflights
	redacts    *redact.Redactor
}

var _ capture.Intake = (*Intake)(nil)

// New returns an Intake. The key of its pseudonyms is random and isn't stored.
func New(cfg Config) *Intake { return newIntake(cfg, newKey()) }

func newIntake(cfg Config, key []byte) *Intake {
	return &Intake{
		cfg: cfg, key: key, preflights: aws.NewPreflights(cfg.Tables),
		redacts: redact.New(redact.Options{Key: key, Strict: cfg.Strict, KeepSecrets: cfg.KeepSecrets}),
	}
}

// anew returns an Intake that has seen no flow yet, and redacts as this one.
func (in *Intake) anew() *Intake { return newIntake(in.cfg, in.key) }

func newKey() []byte {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // it never fails
	return key
}

// Take prepares a flow that is new, or that has a response or a body for the first time. In
// this order it tags the flow, pairs it with a preflight, adds to its connection, drops what
// isn't kept, redacts the rest, and assigns findings. Everything that it returns or leaves in
// f is redacted. It doesn't write to what f points at.
func (in *Intake) Take(f *flow.Flow) (p capture.Prepared) {
	known := f.AWS // what a record of detour's says
	in.tag(f)
	by, decodedBy := in.pairing.Add(f)
	if known == nil { // a record says itself what was inferred, of more flows than may be left
		in.preflights.Add(f)
		if by != 0 {
			in.preflights.Sent(by, f.AWS.Operation)
		}
	}
	in.clean(f)
	if by != 0 {
		p = capture.Prepared{By: by, Names: f.AWS.Names()}
		p.Names.DecodedBy = decodedBy
	}
	in.judge(f)
	return p
}

// again prepares a flow that Take has prepared before. It isn't paired any more, and has no findings.
func (in *Intake) again(f *flow.Flow) {
	in.tag(f)
	in.clean(f)
}

func (in *Intake) tag(f *flow.Flow) {
	known := f.AWS
	in.cfg.Tables.Tag(f)
	in.cfg.Tables.Recall(f, known)
}

func (in *Intake) clean(f *flow.Flow) {
	f.Conn = in.enriched(f)
	in.drop(f)
	in.redacts.Flow(f)
	bound(f)
}

// Update prepares a later revision of a flow, which has the request, the response and the AWS
// call that Take left in an earlier one.
func (in *Intake) Update(f *flow.Flow) {
	f.Conn = in.enriched(f)
	in.drop(f)
	if f.Final() {
		in.pairing.Ended(f)
		in.preflights.Ended(f)
	}
	in.redacts.Outcome(f)
	bound(f)
	in.judge(f)
}

// enriched returns the flow's connection with what is known about it. The addresses of a
// reused connection aren't the flow's.
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

// drop removes what isn't kept, before time is spent on it.
func (in *Intake) drop(f *flow.Flow) {
	if in.cfg.KeepBodies != nil && !in.cfg.KeepBodies(f) {
		f.DropBodies()
	}
	if in.cfg.DropHeaders {
		f.DropHeaders()
	}
}

// bound limits the size of a flow. It comes after redaction, which may not recognise a
// secret whose end was cut off.
func bound(f *flow.Flow) {
	if short := f.Bounded(); short != f {
		*f = *short
	}
}

func (in *Intake) judge(f *flow.Flow) {
	if f.Final() {
		f.Findings = in.Codes(f)
	}
}

// Conn prepares a connection that isn't part of a flow, or changed after its flow. It returns
// c if it doesn't change.
func (in *Intake) Conn(c *flow.Conn) *flow.Conn {
	if c == nil {
		return nil
	}
	return in.redacts.Conn(in.enrich(c))
}

// Later prepares what was learned of a connection after it was made.
func (in *Intake) Later(l flow.Later) flow.Later { return in.redacts.Later(l) }

// Check prepares what a check found out. It returns a copy.
func (in *Intake) Check(c *flow.Check) *flow.Check { return in.redacts.Check(c) }

// Preflights returns what other flows tell of preflights that got no response, by their IDs;
// nil of one whose call isn't known. It returns no map if nothing has changed since the last
// time. See [aws.Preflights].
func (in *Intake) Preflights() map[flow.ID]*flow.PreflightOf { return in.preflights.Inferred() }

// Codes returns the codes of the findings that a final flow is part of.
func (in *Intake) Codes(f *flow.Flow) []string { return diagnose.Codes(f) }

// Text redacts text that may quote anything: a note, an error, a line from another program.
func (in *Intake) Text(s string) string { return in.redacts.Text(s) }

// Own redacts an address of the machine, with its prefix.
func (in *Intake) Own(prefix string) string { return in.redacts.Own(prefix) }

// Redacted returns the number of redacted values so far, by kind. The map is the caller's.
func (in *Intake) Redacted() map[string]int { return in.redacts.Counts() }

// TextOnly returns an intake for a store of flows that were prepared before. It only redacts
// what the user types.
func (in *Intake) TextOnly() capture.Intake { return textOnly{in: in} }

type textOnly struct {
	capture.AsIs
	in *Intake
}

// Text implements capture.Intake.
func (t textOnly) Text(s string) string { return t.in.Text(s) }
