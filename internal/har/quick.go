package har

import (
	"hash/maphash"
	"strconv"
	"unicode/utf8"
)

// A quick reads an entry that is written as browsers write it, several times as fast as
// encoding/json: it neither looks at types while it runs nor copies what nobody reads. Anything
// unusual makes it give up, and encoding/json decides what the entry is.
type quick struct {
	b    []byte
	at   int
	odd  bool      // something is unusual: what was read doesn't count
	seen [8]uint64 // the members of the objects around, by depth, so that none occurs twice

	depth   int
	scratch []byte
	headers []header // of the entries that were read since it was empty
	words   [1 << 12]string
	seed    maphash.Seed
}

// maxDepth limits how deep values may be nested, so that reading them doesn't exhaust the stack.
const maxDepth = 64

// A readMember is a name, and a bit of its own.
type readMember struct {
	name string
	bit  uint64
}

// members are the members that are read of any object.
var members = func() map[string]readMember {
	out := make(map[string]readMember)
	for _, name := range []string{
		"startedDateTime", "time", "request", "response", "timings", "serverIPAddress", "connection", "_connectionId", "comment", "_error",
		"_securityState", "_serverPort", "_detour", "method", "url", "httpVersion", "headers", "headersSize", "bodySize", "postData", "text",
		"params", "_encoding", "_truncated", "status", "statusText", "content", "size", "compression", "encoding", "mimeType",
		"_failureText", "_charlesStatus", "_transferSize", "name", "value", "blocked", "dns", "connect", "ssl", "send", "wait", "receive",
	} {
		out[name] = readMember{name, 1 << len(out)}
	}
	return out
}()

// folded are the members in lower case: encoding/json takes names in any case.
var folded = func() map[string]bool {
	out := make(map[string]bool)
	for name := range members {
		out[string(asciiLower([]byte(name)))] = true
	}
	return out
}()

func asciiLower(b []byte) []byte {
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return b
}

// entry reads an entry, and reports whether it is a usual one. The header fields in e are valid until
// headers are written to.
func (q *quick) entry(raw []byte, e *entry) bool {
	q.b, q.at, q.odd, q.depth = raw, 0, false, 0
	q.object(func(name string) {
		switch name {
		case "startedDateTime":
			e.Started = q.word()
		case "time":
			e.Time = q.number()
		case "request":
			q.object(func(name string) { q.request(name, &e.Request) })
		case "response":
			q.object(func(name string) { q.response(name, &e.Response) })
		case "timings":
			q.object(func(name string) { q.timings(name, &e.Timings) })
		case "serverIPAddress":
			e.ServerIP = q.word()
		case "connection":
			e.Connection = q.word()
		case "_connectionId":
			e.ID = q.word()
		case "comment":
			e.Comment = q.word()
		case "_error":
			e.Error = q.word()
		case "_securityState":
			e.Security = q.word()
		case "_serverPort":
			e.ServerPort = q.word()
		case "_detour":
			q.space()
			from := q.at
			q.skip()
			e.Detour = append(e.Detour, q.b[from:q.at]...)
		default:
			q.skip()
		}
	})
	q.space()
	return !q.odd && q.at == len(q.b)
}

func (q *quick) request(name string, r *request) {
	switch name {
	case "method":
		r.Method = q.word()
	case "url":
		r.URL = q.word()
	case "httpVersion":
		r.HTTPVersion = q.word()
	case "headers":
		r.Headers = q.fields()
	case "headersSize":
		r.HeadersSize = q.number()
	case "bodySize":
		r.BodySize = q.number()
	case "postData":
		if q.null() {
			return
		}
		r.PostData = new(posted)
		q.object(func(name string) {
			switch p := r.PostData; name {
			case "text":
				p.Text = q.word()
			case "params":
				p.Params = q.fields()
			case "_encoding":
				p.Encoding = q.string()
			case "_truncated":
				p.Truncated = q.bool()
			default:
				q.skip()
			}
		})
	default:
		q.skip()
	}
}

func (q *quick) response(name string, r *response) {
	switch name {
	case "status":
		r.Status = q.number()
	case "statusText":
		r.StatusText = q.word()
	case "httpVersion":
		r.HTTPVersion = q.word()
	case "headers":
		r.Headers = q.fields()
	case "headersSize":
		r.HeadersSize = q.number()
	case "bodySize":
		r.BodySize = q.number()
	case "content":
		q.content(r)
	case "comment":
		r.Comment = q.word()
	case "_error":
		r.Error = q.word()
	case "_failureText":
		r.Failure = q.word()
	case "_charlesStatus":
		r.Charles = q.word()
	case "_transferSize":
		r.TransferSize = q.number()
	default:
		q.skip()
	}
}

// content reads a response's content. Of a text that isn't in base64, it reads what a flow keeps, and
// enough more to show that there is more.
func (q *quick) content(r *response) {
	text := -1
	c := &r.Content
	q.object(func(name string) {
		switch name {
		case "mimeType":
			c.MIMEType = q.word()
		case "size":
			c.Size = q.number()
		case "compression":
			c.Compression = q.number()
		case "text":
			q.space()
			text = q.at
			q.skip()
		case "encoding":
			c.Encoding = q.string()
		case "_truncated":
			c.Truncated = q.bool()
		default:
			q.skip()
		}
	})
	if text < 0 || q.odd {
		return
	}
	most := maxBody + 1
	if c.Encoding != "" {
		most = len(q.b)
	}
	after := q.at
	q.at = text
	c.Text = q.wordUpTo(most)
	q.at = after
}

func (q *quick) timings(name string, t *timings) {
	switch name {
	case "blocked":
		t.Blocked = q.number()
	case "dns":
		t.DNS = q.number()
	case "connect":
		t.Connect = q.number()
	case "ssl":
		t.SSL = q.number()
	case "send":
		t.Send = q.number()
	case "wait":
		t.Wait = q.number()
	case "receive":
		t.Receive = q.number()
	default:
		q.skip()
	}
}

// fields reads a list of names and values.
func (q *quick) fields() []header {
	from := len(q.headers)
	if q.null() {
		return nil
	}
	q.list(func() {
		var h header
		q.object(func(name string) {
			switch name {
			case "name":
				h.Name = q.word()
			case "value":
				h.Value.word = q.word()
			default:
				q.skip()
			}
		})
		q.headers = append(q.headers, h)
	})
	return q.headers[from:len(q.headers):len(q.headers)]
}

// word is what the type of that name makes of a value that is a string, a number or null.
func (q *quick) word() word { return q.wordUpTo(len(q.b)) }

// wordUpTo is word, of which at least this many bytes are read if it is a string.
func (q *quick) wordUpTo(most int) word {
	if q.null() {
		return ""
	}
	if q.space(); q.at < len(q.b) && q.b[q.at] != '"' {
		return word(q.digits())
	}
	return word(q.textUpTo(most))
}

// number is what the type of that name makes of a number or null.
func (q *quick) number() (n number) {
	if q.null() {
		return n
	}
	v, err := strconv.ParseFloat(string(q.digits()), 64)
	if err != nil {
		q.odd = true // too large
	}
	return number{v, true}
}

func (q *quick) string() string {
	if q.null() {
		return ""
	}
	return q.textUpTo(len(q.b))
}

func (q *quick) bool() bool {
	if q.space(); q.literal("true") {
		return true
	}
	if !q.literal("false") && !q.null() {
		q.odd = true
	}
	return false
}

func (q *quick) null() bool {
	q.space()
	return q.literal("null")
}

// textUpTo reads a string of which at least this many bytes are wanted.
func (q *quick) textUpTo(most int) string {
	raw, plain := q.quoted()
	switch {
	case q.odd || len(raw) == 0:
		return ""
	case !utf8.Valid(raw):
		q.odd = true
		return ""
	case !plain:
		q.scratch = unescaped(q.scratch[:0], raw, most)
		raw = q.scratch
	case len(raw) > most:
		raw = raw[:most]
	}
	return q.shared(raw)
}

// shared returns a string, which is the same one as before if it occurred not long ago: header
// fields are mostly the same.
func (q *quick) shared(b []byte) string {
	const most = 128
	if len(b) > most {
		return string(b)
	}
	if q.seed == (maphash.Seed{}) {
		q.seed = maphash.MakeSeed()
	}
	s := &q.words[maphash.Bytes(q.seed, b)%uint64(len(q.words))]
	if *s != string(b) {
		*s = string(b)
	}
	return *s
}
