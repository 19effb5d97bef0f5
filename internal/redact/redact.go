// Package redact replaces secrets in flows and texts with pseudonyms. [New] makes a
// [Redactor] for one capture; [Redactor.Flow] redacts a flow, [Redactor.Text] any text.
//
// The package is pure and denies by default: the value of a header is kept only if its name
// is on a list; of a signature, the parts that say who signed what are kept; a body is
// parsed by its type, and removed if that fails. Redacting twice gives the same result as
// redacting once.
//
// A pseudonym has the kind of the secret and a keyed hash: redacted:token:4f1c9a07b2. Under
// one key, equal secrets have equal pseudonyms, so a token can be followed. Without the key,
// which isn't stored, the secret can't be guessed.
package redact

import (
	"net/netip"
	"slices"
	"sync"

	"detour/internal/flow"
)

// Options configure a Redactor.
type Options struct {
	// Key is the key of the pseudonyms: at least 32 random bytes, different for each
	// capture. Without a key, all values of a kind have the same pseudonym.
	Key []byte
	// Strict also replaces account IDs, names in ARNs, e-mail addresses and IDs of VPC
	// resources by pseudonyms, and private addresses by others of the same scope, which
	// findings depend on.
	Strict bool
	// Fleet is Strict, except that the addresses of servers and nameservers stay, and those of
	// the machine become the first address of their /24 or /48. It also removes bodies, header
	// fields, and the values in the queries and fragments of URLs.
	Fleet bool
	// StandIn is called, with Strict, for each stand-in and what it stands for, maybe several
	// times for one. nil: nobody needs to know.
	StandIn func(standIn, original string)
	// KeepSecrets redacts and counts nothing.
	KeepSecrets bool
}

// A Redactor redacts the flows of one capture. Its methods may be called concurrently.
type Redactor struct {
	opt     Options
	names   nameTable
	members map[string]map[string]bool // by service, squeezed
	digests digests
	counts  counts
	passes  sync.Pool

	addresses addresses
	roles     roles // with Fleet
	clean     connSet

	harmless, harmlessValues textSet // texts, and values of headers, without a secret
	judgedFields             boundedMap[serviceField, judgedField]
}

// New returns a Redactor. The key must not be written to afterwards.
func New(opt Options) *Redactor {
	opt.Strict = opt.Strict || opt.Fleet
	return &Redactor{opt: opt, names: loadNames(), members: loadMembers(), digests: newDigests(opt.Key)}
}

// Flow redacts every text of f. It removes bodies that hold credentials (of operations that
// return them, of sign-in, of STS) and bodies that it can't parse; sizes stay the original
// ones. It doesn't write to what f points at, which may be shared, but replaces it.
func (r *Redactor) Flow(f *flow.Flow) {
	if r.opt.KeepSecrets {
		return
	}
	p := r.callPass(f.AWS)
	learn(p, func(v visitor) { v.outcome(f) })
	f.Strict = f.Strict || r.opt.Strict
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
	r.passes.Put(p)
}

// Parts redacts the bodies and header fields of a flow, of which the rest is redacted: as Flow does. It counts
// nothing. If sameBodies is true, it leaves the bodies, which Flow wouldn't change.
func (r *Redactor) Parts(f *flow.Flow, sameBodies bool) {
	if r.opt.KeepSecrets {
		return
	}
	p := r.callPass(f.AWS)
	if !sameBodies {
		p.bodies(f)
	}
	f.Request.Headers = p.fields(f.Request.Headers)
	if f.Response != nil {
		a := *f.Response
		a.Headers = p.fields(a.Headers)
		f.Response = &a
	}
	r.passes.Put(p)
}

// Outcome redacts what a later revision of f can add to one that Flow redacted: its
// connections, its failure, its tunnel.
func (r *Redactor) Outcome(f *flow.Flow) {
	if r.opt.KeepSecrets {
		return
	}
	p := r.pass()
	learn(p, func(v visitor) { v.outcome(f) })
	p.outcome(f)
	r.counts.add(f, p.tally)
	r.passes.Put(p)
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
	f.Later = p.later(f.Later)
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

// each returns a redacted copy of texts.
func (p *pass) each(all []string) []string {
	out := slices.Clone(all)
	for i := range out {
		out[i] = p.foreign(out[i])
	}
	return out
}

// Conn returns a redacted copy of c, or c itself if it has no secret.
func (r *Redactor) Conn(c *flow.Conn) *flow.Conn {
	if r.opt.KeepSecrets {
		return c
	}
	p := r.pass()
	learn(p, func(v visitor) { v.conn(c) })
	out := p.conn(c)
	r.counts.addAll(p.tally)
	return out
}

// Later returns a redacted copy of what was learned of a connection later.
func (r *Redactor) Later(l flow.Later) flow.Later {
	if r.opt.KeepSecrets {
		return l
	}
	p := r.pass()
	learn(p, func(v visitor) { v.later(&l) })
	p.writer().later(&l)
	r.counts.addAll(p.tally)
	return l
}

// Text redacts text that may quote anything: a note, an error, a line of output.
func (r *Redactor) Text(s string) string {
	if r.opt.KeepSecrets {
		return s
	}
	p := r.pass()
	out := p.message(s)
	r.counts.addAll(p.tally)
	return out
}

// Own redacts an address of the machine, with its prefix: if redaction is strict, it gets a
// stand-in even if it is public.
func (r *Redactor) Own(prefix string) string {
	own, err := netip.ParsePrefix(prefix)
	if err != nil || r.opt.KeepSecrets {
		return r.Text(prefix)
	}
	p := r.pass()
	out := netip.PrefixFrom(p.own(own.Addr()), own.Bits()).String()
	r.counts.addAll(p.tally)
	return out
}

// URL redacts a URL: user information; the values of secrets' names in query and fragment,
// and in a path with values after '&' or ';'; and the same in URLs inside values. It parses
// the string itself, so it also redacts what a URL parser would reject.
func (r *Redactor) URL(s string) string {
	if r.opt.KeepSecrets {
		return s
	}
	p := r.pass()
	out := p.url(s)
	r.counts.addAll(p.tally)
	return out
}

// Counts returns how many values were replaced or removed, by kind: "cookie", "token",
// "body". A flow with several revisions counts once. The map is the caller's.
func (r *Redactor) Counts() map[string]int { return r.counts.copy() }
