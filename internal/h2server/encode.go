package h2server

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"
	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// writeHead writes the head of a response. mu is held.
func (w *writer) writeHead(id uint32, status int, fields []field, date, end bool) {
	w.beginBlock()
	w.encode(":status", strconv.Itoa(status))
	if date {
		w.encode("date", time.Now().UTC().Format(http.TimeFormat))
	}
	for _, f := range fields {
		w.encodeField(f.name, f.values)
	}
	w.writeBlock(id, end)
}

// writeTrailer writes the fields after a body. mu is held.
func (w *writer) writeTrailer(id uint32, names []string, h http.Header) {
	w.beginBlock()
	for _, name := range names {
		w.encodeField(name, h[name])
	}
	w.writeBlock(id, true)
}

// beginBlock begins a field block.
func (w *writer) beginBlock() {
	w.block.Reset()
}

func (w *writer) encode(name, value string) {
	_ = w.enc.WriteField(hpack.HeaderField{Name: name, Value: value}) // can't fail
}

// encodeField encodes a field with its values. It leaves out what HTTP/2 doesn't allow.
func (w *writer) encodeField(name string, values []string) {
	lower := w.lowerName(name)
	if lower == "" {
		return
	}
	for _, v := range values {
		if httpguts.ValidHeaderFieldValue(v) {
			w.encode(lower, v)
		}
	}
}

// maxLower is how many names a connection remembers in lower case.
const maxLower = 256

// lowerName returns a field's name in lower case; "" if HTTP/2 doesn't allow it.
func (w *writer) lowerName(name string) string {
	if lower, ok := w.lower[name]; ok {
		return lower
	}
	lower := strings.ToLower(name)
	if !httpguts.ValidHeaderFieldName(name) || slices.Contains(connectionFields[:], lower) {
		lower = ""
	}
	if len(w.lower) < maxLower {
		w.lower[name] = lower
	}
	return lower
}

// connectionFields concern a connection of HTTP/1.1 alone (RFC 9113, 8.2.2).
var connectionFields = [...]string{"connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"}

// writeBlock writes the field block, in several frames if it is long.
func (w *writer) writeBlock(id uint32, end bool) {
	rest := w.block.Bytes()
	for first := true; first || len(rest) > 0; first = false {
		frag := rest[:min(len(rest), maxFrame)]
		rest = rest[len(frag):]
		if first {
			_ = w.fr.WriteHeaders(http2.HeadersFrameParam{
				StreamID: id, BlockFragment: frag, EndStream: end, EndHeaders: len(rest) == 0,
			})
		} else {
			_ = w.fr.WriteContinuation(id, len(rest) == 0, frag)
		}
	}
}
