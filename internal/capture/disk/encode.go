package disk

import (
	"encoding/json"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"detour/internal/flow"
)

// An encoder writes records as JSON. The most frequent kind of flow, an exchange that got a
// response on a connection of its own number, is written member by member, which takes a
// fifth of what encoding/json needs; every other one is left to encoding/json. Both write
// the same bytes.
type encoder struct {
	buf []byte
	err error
}

// record returns the JSON text of bare(f). It is valid until the next call.
func (e *encoder) record(f *flow.Flow) ([]byte, error) {
	if !frequent(f) {
		return json.Marshal(bare(f))
	}
	e.buf, e.err = e.buf[:0], nil
	e.flow(f)
	return e.buf, e.err
}

// frequent reports whether the encoder knows all members that the record has.
func frequent(f *flow.Flow) bool {
	c := f.Conn
	return f.Final() && f.Failure == nil && f.Messages == nil && f.Tunnel == nil && f.Response != nil && c != nil && c.ID != 0 &&
		len(f.Unused) == 0 && f.UnusedMore == 0 && len(f.Later) == 0 && len(f.Shortened) == 0 && f.Exporter == "" && f.Bounded() == f
}

// flow writes the members in the order of flow.Record.
func (e *encoder) flow(f *flow.Flow) {
	e.raw(`{"v":1,"id":`).uint(uint64(f.ID)).raw(`,"rev":`).uint(uint64(f.Rev))
	e.raw(`,"final":true,"source":`).text(string(f.Source)).raw(`,"started":`).time(f.Times.Start)
	e.raw(`,"origin":`).text(string(f.Origin)).raw(`,"why":`)
	texts(e, f.Why)
	if f.AWS != nil {
		e.raw(`,"aws":`).value(f.AWS.Record())
	}
	if f.CredentialVend {
		e.raw(`,"credential_vend":true`)
	}
	e.optional(`,"page":`, f.Page)
	e.request(&f.Request)
	e.response(f.Response)
	e.raw(`,"connection":{"id":`).uint(uint64(f.Conn.ID)).raw(`,"reused":`).bool(f.Reused)
	e.raw(`,"tunnel":false,"upstream_proxy":"","attempts":[]}`)
	e.timings(f.Timings())
	e.moments(f.Times)
	e.raw(`,"note":`).text(f.Note).raw(`,"marked":`).bool(f.Marked).raw(`,"findings":`)
	texts(e, f.Findings)
	if f.Strict {
		e.raw(`,"privacy":`).text(flow.PrivacyStrict)
	}
	e.raw(`}`)
}

func (e *encoder) request(q *flow.Request) {
	e.raw(`,"request":{"method":`).text(q.Method).raw(`,"url":`).text(q.URL)
	e.optional(`,"proto":`, q.Proto)
	e.headers(q.Headers)
	e.raw(`,"body_size":`).int(q.BodySize)
	if q.BodyTruncated {
		e.raw(`,"body_truncated":true`)
	}
	e.raw(`}`)
}

func (e *encoder) response(p *flow.Response) {
	e.raw(`,"response":{"status":`).int(int64(p.Status))
	e.optional(`,"proto":`, p.Proto)
	e.headers(p.Headers)
	e.raw(`,"body_size":`).int(p.BodySize)
	if len(p.Traits) > 0 {
		e.raw(`,"traits":`)
		texts(e, p.Traits)
	}
	if p.BodyTruncated {
		e.raw(`,"body_truncated":true`)
	}
	e.raw(`}`)
}

func (e *encoder) headers(all []flow.Header) {
	e.raw(`,"headers":[`)
	for i, h := range all {
		if i > 0 {
			e.raw(`,`)
		}
		e.raw(`[`).text(h.Name).raw(`,`).text(h.Value).raw(`]`)
	}
	e.raw(`]`)
}

func (e *encoder) timings(t flow.Timings) {
	e.raw(`,"timings":{"blocked":`).phase(t.Blocked).raw(`,"dns":`).phase(t.DNS).raw(`,"connect":`).phase(t.Connect)
	e.raw(`,"ssl":`).phase(t.SSL).raw(`,"send":`).phase(t.Send).raw(`,"wait":`).phase(t.Wait).raw(`,"receive":`).phase(t.Receive).raw(`}`)
}

func (e *encoder) moments(t flow.Times) {
	open := `,"moments_ms":{`
	for _, m := range [...]struct {
		name string
		at   time.Time
	}{{`"got_connection":`, t.GotConn}, {`"wrote_request":`, t.WroteRequest}, {`"first_byte":`, t.FirstByte}, {`"done":`, t.Done}} {
		if !t.Start.IsZero() && !m.at.IsZero() {
			e.raw(open).raw(m.name).number(flow.MS(m.at.Sub(t.Start)))
			open = `,`
		}
	}
	if open == `,` {
		e.raw(`}`)
	}
}

func (e *encoder) raw(s string) *encoder {
	e.buf = append(e.buf, s...)
	return e
}

func (e *encoder) uint(n uint64) *encoder {
	e.buf = strconv.AppendUint(e.buf, n, 10)
	return e
}

func (e *encoder) int(n int64) { e.buf = strconv.AppendInt(e.buf, n, 10) }

func (e *encoder) bool(b bool) *encoder {
	e.buf = strconv.AppendBool(e.buf, b)
	return e
}

// value writes what has no method of its own.
func (e *encoder) value(v any) *encoder {
	b, err := json.Marshal(v)
	if err != nil {
		e.err = err
	}
	e.buf = append(e.buf, b...)
	return e
}

// time writes a time in UTC as time.Time.MarshalJSON does.
func (e *encoder) time(t time.Time) *encoder {
	if t = t.UTC(); t.Year() < 0 || t.Year() > 9999 {
		return e.value(t) // an error
	}
	e.buf = append(e.buf, '"')
	e.buf = t.AppendFormat(e.buf, time.RFC3339Nano)
	e.buf = append(e.buf, '"')
	return e
}

func (e *encoder) phase(d time.Duration) *encoder {
	if d == flow.NotApplicable {
		return e.raw(`-1`)
	}
	return e.number(flow.MS(d))
}

// number writes a number as encoding/json does, which has exponents outside these bounds.
func (e *encoder) number(x float64) *encoder {
	if abs := math.Abs(x); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		return e.value(x)
	}
	e.buf = strconv.AppendFloat(e.buf, x, 'f', -1, 64)
	return e
}

func (e *encoder) optional(name, s string) {
	if s != "" {
		e.raw(name).text(s)
	}
}

// text writes a string. encoding/json escapes what isn't plain ASCII text, and HTML's signs.
func (e *encoder) text(s string) *encoder {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= utf8.RuneSelf || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' || c == 0x7f {
			return e.value(s)
		}
	}
	e.buf = append(e.buf, '"')
	e.buf = append(e.buf, s...)
	e.buf = append(e.buf, '"')
	return e
}

func texts[T ~string](e *encoder, all []T) {
	e.raw(`[`)
	for i, s := range all {
		if i > 0 {
			e.raw(`,`)
		}
		e.text(string(s))
	}
	e.raw(`]`)
}
