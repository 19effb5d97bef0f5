package h2wire

import (
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"
	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// SetTableSize applies the peer's limit on the encoder's dynamic table.
func (w *Writer) SetTableSize(size uint32) { w.enc.SetMaxDynamicTableSize(min(size, MaxTable)) }

// BeginBlock begins a field block.
func (w *Writer) BeginBlock() { w.block.Reset() }

// Encode adds a field to the block.
func (w *Writer) Encode(name, value string) {
	_ = w.enc.WriteField(hpack.HeaderField{Name: name, Value: value}) // can't fail
}

// EncodeField adds a field with its values to the block. It leaves out what HTTP/2 doesn't allow.
func (w *Writer) EncodeField(name string, values []string) {
	lower := w.lowerName(name)
	if lower == "" {
		return
	}
	for _, v := range values {
		if httpguts.ValidHeaderFieldValue(v) {
			w.Encode(lower, v)
		}
	}
}

// maxLower is how many names a connection remembers in lower case.
const maxLower = 256

// lowerName returns a field's name in lower case; "" if HTTP/2 doesn't allow it.
func (w *Writer) lowerName(name string) string {
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

// WriteTrailer ends a stream with the field block. If no field is in it, an empty DATA frame does.
func (w *Writer) WriteTrailer(id uint32) {
	if w.block.Len() == 0 {
		_ = w.Frames.WriteData(id, true, nil)
		return
	}
	w.WriteBlock(id, true)
}

// WriteBlock writes the field block, in several frames if it is long.
func (w *Writer) WriteBlock(id uint32, end bool) {
	rest := w.block.Bytes()
	for first := true; first || len(rest) > 0; first = false {
		frag := rest[:min(len(rest), MaxFrame)]
		rest = rest[len(frag):]
		if first {
			_ = w.Frames.WriteHeaders(http2.HeadersFrameParam{
				StreamID: id, BlockFragment: frag, EndStream: end, EndHeaders: len(rest) == 0,
			})
		} else {
			_ = w.Frames.WriteContinuation(id, len(rest) == 0, frag)
		}
	}
}
