// Package redact takes secrets out of what may be kept or shown.
//
// It is pure and denies by default: a header's value is kept only if its name is
// on a list of names whose values are no secret; of a signature the parts that
// say who signed for what remain; a body is taken apart by what it is, and lost
// if it can't be. It runs before anything is stored, so that no reader of a
// capture can forget it. Redacting twice gives the same as once.
//
// A secret becomes a pseudonym: its kind and a keyed hash, redacted:token:4f1c9a07b2.
// Equal secrets have equal pseudonyms under one key, so that a token can be
// followed; without the key, which nobody stores, nothing can be guessed from one.
package redact

import (
	"slices"

	"detour/internal/flow"
)

// Options are what a Redactor is made with.
type Options struct {
	// Key makes the pseudonyms: random bytes, 32 or more, of which each capture has
	// its own. Without one all values of a kind have the same pseudonym.
	Key []byte
	// Strict makes pseudonyms of account IDs, names in ARNs, e-mail addresses,
	// and the names of what is in a VPC, too, and has other addresses stand in for
	// private ones, of the same scope: findings rest on it.
	Strict bool
	// KeepSecrets leaves everything as it was, and counts nothing.
	KeepSecrets bool
}

// A Redactor redacts one capture. Its methods may be called concurrently.
type Redactor struct {
	opt     Options
	names   names
	members map[string]map[string]bool // by service, squeezed
	digests digests
	counts  counts

	addresses addresses

	harmless, harmlessFields textSet // texts, and values of headers, that have nothing to take out
}

// New returns a Redactor. The key must not be written to afterwards.
func New(opt Options) *Redactor {
	return &Redactor{opt: opt, names: loadNames(), members: loadMembers(), digests: newDigests(opt.Key)}
}

// Flow rewrites the headers, URLs, bodies and messages of f. Bodies that carry
// credentials (of a credential vend, of sign-in, of STS) and those that can't be
// read are taken out; sizes stay the true ones. The slices and structs that f had
// are left as they were: they may be somebody else's.
func (r *Redactor) Flow(f *flow.Flow) {
	if r.opt.KeepSecrets {
		return
	}
	p := r.pass(r.sensitive(f.AWS))
	p.bodies(f)
	f.Request.Method, f.Request.Proto = p.foreign(f.Request.Method), p.foreign(f.Request.Proto)
	f.Request.URL = p.url(f.Request.URL)
	f.Request.Headers = p.fields(f.Request.Headers)
	f.Page = p.url(f.Page)
	if f.Response != nil {
		a := *f.Response
		a.Proto, a.Headers = p.foreign(a.Proto), p.fields(a.Headers)
		f.Response = &a
	}
	f.AWS = p.call(f.AWS)
	p.outcome(f)
	r.counts.add(f, p.tally)
}

// Outcome rewrites what a later revision of f can have that an earlier one, which
// Flow was given, had not: what became of its connections, and why it failed.
func (r *Redactor) Outcome(f *flow.Flow) {
	if r.opt.KeepSecrets {
		return
	}
	p := r.pass(nil)
	p.outcome(f)
	r.counts.add(f, p.tally)
}

func (p *pass) outcome(f *flow.Flow) {
	f.Conn = p.conn(f.Conn)
	if f.Unused != nil {
		unused := make([]*flow.Conn, len(f.Unused))
		for i, c := range f.Unused {
			unused[i] = p.conn(c)
		}
		f.Unused = unused
	}
	if f.Failure != nil {
		x := *f.Failure
		x.Message = p.message(x.Message)
		f.Failure = &x
	}
	if f.Tunnel != nil {
		t := *f.Tunnel
		t.ServerName, t.Protocols = p.foreign(t.ServerName), p.each(t.Protocols)
		f.Tunnel = &t
	}
	f.Note = p.message(f.Note)
}

// each is a copy of texts that somebody else chose.
func (p *pass) each(all []string) []string {
	out := slices.Clone(all)
	for i := range out {
		out[i] = p.foreign(out[i])
	}
	return out
}

// Conn is c as a flow may have it: without what an upstream proxy said that is a
// secret, and strictly without names and private addresses. It is c itself if nothing was to be done.
func (r *Redactor) Conn(c *flow.Conn) *flow.Conn {
	if r.opt.KeepSecrets {
		return c
	}
	p := r.pass(nil)
	out := p.conn(c)
	r.counts.addAll(p.tally)
	return out
}

// Text redacts words that may quote anything: a note, a line of the environment,
// a message of a WebSocket, an error.
func (r *Redactor) Text(s string) string {
	if r.opt.KeepSecrets {
		return s
	}
	p := r.pass(nil)
	out := p.message(s)
	r.counts.addAll(p.tally)
	return out
}

// URL takes credentials out of a URL: user information, values of telling keys
// in query and fragment and in a path that has its values behind '&' or ';', and
// the same in URLs inside values. It takes the string apart by itself, so that
// it redacts what a parser of URLs would refuse too.
func (r *Redactor) URL(s string) string {
	if r.opt.KeepSecrets {
		return s
	}
	p := r.pass(nil)
	out := p.url(s)
	r.counts.addAll(p.tally)
	return out
}

// Counts says how many values became pseudonyms, or were taken out, by kind:
// "cookie", "token", "body". A flow that comes in several revisions counts once.
// The map is the caller's.
func (r *Redactor) Counts() map[string]int { return r.counts.copy() }
