// Package h2test writes the heads of messages for tests that play one end of an HTTP/2 connection,
// frame by frame.
package h2test

import (
	"bytes"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// An Encoder encodes the field blocks of a connection. Make it with [NewEncoder].
type Encoder struct {
	HPACK *hpack.Encoder

	fr    *http2.Framer
	block bytes.Buffer // what HPACK has encoded
}

// NewEncoder returns an Encoder for a connection that fr writes to.
func NewEncoder(fr *http2.Framer) *Encoder {
	e := &Encoder{fr: fr}
	e.HPACK = hpack.NewEncoder(&e.block)
	return e
}

// Fields encodes a field block of names and values in turn.
func (e *Encoder) Fields(kv ...string) []byte {
	e.block.Reset()
	for i := 0; i < len(kv); i += 2 {
		_ = e.HPACK.WriteField(hpack.HeaderField{Name: kv[i], Value: kv[i+1]}) // can't fail
	}
	return bytes.Clone(e.block.Bytes())
}

// Head writes the head of a message, or its trailer, in one frame. The test sees on the other side
// if that fails.
func (e *Encoder) Head(stream uint32, end bool, kv ...string) {
	_ = e.fr.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: e.Fields(kv...), EndHeaders: true, EndStream: end})
}
