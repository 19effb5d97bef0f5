package h2wire

import "golang.org/x/net/http2"

// WritePreface writes what a client sends first.
func (w *Writer) WritePreface(settings ...http2.Setting) {
	w.buf.WriteString(http2.ClientPreface)
	_ = w.Frames.WriteSettings(settings...)
}
