package flow

import (
	"encoding/json"
	"net/netip"
	"reflect"
	"slices"
	"time"
	"unicode/utf8"
)

// MaxRecord is how long a flow's record can be in JSON, in bytes, whatever a server sends.
// A longer one is shortened; see [Flow.Bounded].
const MaxRecord = 1 << 20

// MaxUnused is how many unused connections a flow has; UnusedMore counts the others.
const MaxUnused = 16

// A Part is a part of a flow that was shortened.
type Part string

// The parts that can be shortened.
const (
	PartRequest    Part = "request"
	PartResponse   Part = "response"
	PartConnection Part = "connection"
	PartUnused     Part = "unused-connections"
	PartOther      Part = "other" // names, errors, notes and lists of the flow itself
)

// mark ends a text that was shortened.
const mark = "…"

// A measure says how much of each text, list and body a shortened flow keeps.
type measure struct {
	text, list, body int
}

// measures are tried in turn until the record is short enough. With the last, every record
// is.
var measures = []measure{
	{64 << 10, 1000, 64 << 10},
	{16 << 10, 250, 64 << 10},
	{4 << 10, 100, 32 << 10},
	{1 << 10, 50, 8 << 10},
	{256, 16, 1 << 10},
	{64, 8, 256},
	{32, 3, 64},
}

// Bounded returns the flow, or a shortened copy if its record would exceed MaxRecord. The
// copy's texts end with "…" where they were shortened, its lists lack their ends, and
// Shortened says in which parts. Nothing is shared with f if it is a copy.
func (f *Flow) Bounded() *Flow {
	if len(f.Unused) <= MaxUnused && (f.weight() <= MaxRecord || f.encodedSize() <= MaxRecord) {
		return f
	}
	var out *Flow
	for _, m := range measures {
		if out = f.shortened(m); out.encodedSize() <= MaxRecord {
			break
		}
	}
	return out
}

// encodedSize returns the length of the record in JSON.
func (f *Flow) encodedSize() int {
	r := f.record()
	b, err := json.Marshal(&r)
	if err != nil {
		return 0 // it can't be written at all
	}
	return len(b)
}

// shortened returns a copy of f in the measure m.
func (f *Flow) shortened(m measure) *Flow {
	out := *f
	out.Shortened = slices.Clone(f.Shortened)
	s := shortener{measure: m}
	v := reflect.ValueOf(&out).Elem()
	for i := range v.NumField() {
		s.cut = false
		s.value(v.Field(i))
		if part := partOf(v.Type().Field(i).Name); s.cut && !slices.Contains(out.Shortened, part) {
			out.Shortened = append(out.Shortened, part)
		}
	}
	out.UnusedMore += len(f.Unused) - len(out.Unused)
	out.Request.BodyTruncated = out.Request.BodyTruncated || len(out.Request.Body) < len(f.Request.Body)
	if r := out.Response; r != nil {
		r.BodyTruncated = r.BodyTruncated || len(r.Body) < len(f.Response.Body)
	}
	if out.Conn != nil {
		keepWinner(f.Conn, out.Conn)
	}
	return &out
}

func partOf(field string) Part {
	switch field {
	case "Request":
		return PartRequest
	case "Response":
		return PartResponse
	case "Conn":
		return PartConnection
	case "Unused":
		return PartUnused
	}
	return PartOther
}

// keepWinner replaces the last attempt of a shortened list by the one that connected.
func keepWinner(from, to *Conn) {
	if w := from.Winner(); w != nil && to.Winner() == nil && len(to.Attempts) > 0 {
		last := *w
		last.Err = clip(last.Err, measures[len(measures)-1].text)
		to.Attempts[len(to.Attempts)-1] = last
	}
}

// A shortener copies and shortens values.
type shortener struct {
	measure
	cut bool // something was shortened
}

// value shortens v, which can be set, and replaces what it points at by copies.
func (s *shortener) value(v reflect.Value) {
	switch v.Addr().Interface().(type) {
	case *time.Time, *netip.Addr, *netip.AddrPort, *[]Part:
		return
	case *[]*Conn:
		s.list(v, min(s.measure.list, MaxUnused))
		return
	case *[]byte:
		s.list(v, s.body)
		return
	}
	switch v.Kind() { //nolint:exhaustive // the other kinds have a fixed size
	case reflect.String:
		if t := clip(v.String(), s.text); t != v.String() {
			v.SetString(t)
			s.cut = true
		}
	case reflect.Pointer:
		if !v.IsNil() {
			at := reflect.New(v.Type().Elem())
			at.Elem().Set(v.Elem())
			v.Set(at)
			s.value(at.Elem())
		}
	case reflect.Slice:
		s.list(v, s.measure.list)
	case reflect.Struct:
		for i := range v.NumField() {
			s.value(v.Field(i))
		}
	}
}

// list copies the first n elements of a slice.
func (s *shortener) list(v reflect.Value, n int) {
	if v.IsNil() {
		return
	}
	if v.Len() > n {
		s.cut = true
	}
	n = min(n, v.Len())
	out := reflect.MakeSlice(v.Type(), n, n)
	reflect.Copy(out, v)
	v.Set(out)
	if v.Type().Elem().Kind() == reflect.Uint8 {
		return
	}
	for i := range n {
		s.value(v.Index(i))
	}
}

// clip returns at most n bytes of s, of which the last say that it was clipped.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	at := n - len(mark)
	for at > 0 && !utf8.RuneStart(s[at]) {
		at--
	}
	return s[:at] + mark
}
