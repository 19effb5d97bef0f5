package redact

import "strings"

// json redacts JSON, which may be truncated or several values in sequence. It keeps all bytes
// except those of the scalars that it replaces, so nesting, names and the number of elements
// stay the same. From where s isn't JSON, it is redacted as text.
func (p *pass) json(s string, depth int) string {
	j := jsonScan{pass: p, in: s, depth: depth, out: make([]byte, 0, len(s)+len(s)/8), frames: make([]frame, 1, 16)}
	for j.at < len(s) && j.step() {
	}
	return string(j.out)
}

// maxDepth limits the nesting, as in encoding/json.
const maxDepth = 10_000

// A jsonScan is the state of parsing JSON.
type jsonScan struct {
	*pass
	in     string
	at     int
	out    []byte
	depth  int
	frames []frame // open objects and arrays; the first is the top level
	// the last name or scalar: its begin in input and output, its end in the input
	lastIn, lastOut, lastEnd int
}

// A frame is an open object or array.
type frame struct {
	object  bool
	inValue bool   // after a name and ':'
	full    bool   // after a name or value, without a separator yet
	kind    string // of the secret that everything in it is part of; "" if none
	key     string // the member's name
	keyKind string // the kind of secret with that name
	name    string // the value's name in a sibling: {"name":"password","value":…}
	named   string // the kind of secret with that name
	n       int    // elements so far
	// a value whose name may follow
	value    string
	from, to int
}

func (j *jsonScan) top() *frame { return &j.frames[len(j.frames)-1] }

// step processes the next token, and reports whether there may be more.
func (j *jsonScan) step() bool {
	f := j.top()
	switch c := j.in[j.at]; c {
	case ' ', '\t', '\r', '\n', '\x1e':
	case ',':
		f.n++
		f.full = false
		if f.object {
			f.inValue, f.key, f.keyKind = false, "", ""
		}
	case ':':
		if !f.object || f.inValue {
			return j.rest()
		}
		f.inValue, f.full = true, false
	case '{', '[':
		if f.object && !f.inValue || f.full && len(j.frames) > 1 || len(j.frames) > maxDepth {
			return j.rest()
		}
		f.full = true
		j.frames = append(j.frames, frame{object: c == '{', kind: j.currentKind(), key: f.key})
	case '}', ']':
		if len(j.frames) == 1 || f.object != (c == '}') {
			return j.rest()
		}
		j.frames = j.frames[:len(j.frames)-1]
	case '"', '\'':
		if j.follows() {
			return j.rest()
		}
		j.quoted(c)
		return true
	default:
		if j.follows() {
			return j.rest()
		}
		return j.word()
	}
	j.out = append(j.out, j.in[j.at])
	j.at++
	return true
}

// follows reports whether the token here follows another without a separator. At the top
// level, white space separates values.
func (j *jsonScan) follows() bool {
	f := j.top()
	follows := f.full && (len(j.frames) > 1 || strings.IndexByte(" \t\r\n\x1e", j.in[j.at-1]) < 0)
	f.full = true
	return follows
}

// current returns the name of the current value, and the kind of secret that it is; "" if it
// is none.
func (j *jsonScan) current() (key, kind string) {
	f := j.top()
	switch {
	case f.keyKind != "":
		return f.key, f.keyKind
	case f.named != "" && (!f.object && f.n == 1 || j.look(f.key).isNamed):
		return f.name, f.named
	}
	return f.key, f.kind
}

func (j *jsonScan) currentKind() string {
	_, kind := j.current()
	return kind
}

// quoted processes a string that begins with the quote c.
func (j *jsonScan) quoted(c byte) {
	begin := j.at + 1
	end := begin + closing(j.in[begin:], c)
	end = min(end, len(j.in))
	raw := j.in[begin:end]
	v := unquote(raw)
	j.mark()
	j.out = append(j.out, c)
	from := len(j.out)
	if f := j.top(); f.object && !f.inValue {
		j.setKey(v)
		j.write(raw, v, j.memberName(v, j.depth))
	} else {
		j.write(raw, v, j.scalar(v))
	}
	to := len(j.out)
	if j.at = end; end < len(j.in) {
		j.out = append(j.out, c)
		j.at++
	}
	j.lastEnd = j.at
	j.sibling(from, to, v)
}

// mark records where a name or scalar begins.
func (j *jsonScan) mark() { j.lastIn, j.lastOut = j.at, len(j.out) }

// scalar returns the redacted value of a string.
func (j *jsonScan) scalar(v string) string {
	key, kind := j.current()
	if kind != "" {
		return j.secret(key, kind, v)
	}
	if soft := j.soft(key); soft != "" && opaque(v) {
		return j.pseudonym(soft, v)
	}
	return j.value(v, j.depth)
}

// write appends the content of a string: raw if redaction didn't change it.
func (j *jsonScan) write(raw, v, clean string) {
	if clean == v {
		j.out = append(j.out, raw...)
		return
	}
	at := len(j.out)
	j.out = quote(j.out, clean)
	if j.terse && len(j.out)-at > len(raw) {
		j.out = append(j.out[:at], mark...)
	}
}

// memberName returns the redacted name of a member.
func (p *pass) memberName(v string, depth int) string {
	if strings.ContainsAny(v, `"'{=&<%`) {
		return p.value(v, depth)
	}
	return p.looks(v)
}

// setKey starts a member.
func (j *jsonScan) setKey(key string) {
	f, about := j.top(), j.look(key)
	f.key, f.keyKind = key, about.kind
	if about.path.kind != "" && len(j.frames) > 2 && squeeze(j.frames[len(j.frames)-2].key) == about.path.holder {
		f.keyKind = about.path.kind
	}
}

// word processes a number, a literal, or a JavaScript name without quotes.
func (j *jsonScan) word() bool {
	end := j.at
	for end < len(j.in) && (isWord(j.in[end]) || strings.IndexByte("+-.$", j.in[end]) >= 0) {
		end++
	}
	if end == j.at {
		return j.rest()
	}
	if n := pseudonymAt(j.in[j.at:]); n > 0 {
		end = j.at + n
	}
	w := j.in[j.at:end]
	f := j.top()
	switch {
	case f.object && !f.inValue:
		j.mark()
		j.setKey(w)
		j.out = append(j.out, w...)
	case w == "true" || w == "false" || w == "null":
		j.out = append(j.out, w...)
	case isNumber(w):
		j.out = append(j.out, j.number(w)...)
	case j.currentKind() != "":
		j.out = append(j.out, j.pseudonym(j.currentKind(), w)...)
	default:
		j.mark()
		j.out = append(j.out, j.looks(w)...)
	}
	j.at = end
	if j.lastIn == end-len(w) {
		j.lastEnd = end
	}
	return true
}

// number returns the redacted value of a number. In an array that is a secret, such as of
// bytes, it is 0. A member becomes a pseudonym if it is long enough for a secret, unlike the
// counts and sizes of a password policy.
func (j *jsonScan) number(w string) string {
	kind := j.currentKind()
	switch {
	case kind == "" && j.opt.Strict && len(w) == 12 && strings.Trim(w, number) == "":
		if j.terse {
			return "0"
		}
		return `"` + j.alias("account", w) + `"`
	case kind == "" && strings.Count(w, ".") > 1: // an address
		return j.looks(w)
	case kind == "":
		return w
	case !j.top().object && len(j.frames) > 1 || j.terse:
		if w != "0" && !j.terse {
			*j.tally.of(kind)++
		}
		return "0"
	case len(strings.Trim(w, "-")) < 4:
		return w
	}
	return `"` + j.pseudonym(kind, w) + `"`
}

// rest processes the rest, which isn't JSON, as text, together with the name or scalar before
// it if that wasn't changed. Inside a secret it becomes a pseudonym.
func (j *jsonScan) rest() bool {
	last := j.in[j.lastIn:j.lastEnd]
	switch {
	case j.currentKind() != "":
		j.out = append(j.out, j.pseudonym("value", j.in[j.at:])...)
	case last != "" && string(j.out[j.lastOut:]) == j.in[j.lastIn:j.at]:
		j.out = append(j.out[:j.lastOut], j.text(j.in[j.lastIn:])...)
	default:
		j.out = append(j.out, j.text(j.in[j.at:])...)
	}
	j.at = len(j.in)
	return false
}
