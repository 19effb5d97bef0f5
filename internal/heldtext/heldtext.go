// Package heldtext holds a text in memory, compressed, for those who read it several times. It is for what
// can't be read twice and must not be on the disk.
package heldtext

import (
	"bytes"
	"errors"
	"io"

	"github.com/klauspost/compress/zstd"
)

// blockSize is how much is compressed at once, in bytes.
const blockSize = 1 << 20

// A Text is an [io.ReaderAt]. It isn't safe for concurrent use.
type Text struct {
	size   int64
	end    error    // after its last byte
	blocks [][]byte // compressed; each is blockSize long, except the last

	expands *zstd.Decoder
	block   []byte // the one that was read last
	at      int    // which one that is; -1: none
}

// Read reads a text to its end, or until an error, which those who read it again get there.
func Read(in io.Reader) (*Text, error) {
	shrinks, err := zstd.NewWriter(nil,
		zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(blockSize))
	if err != nil {
		return nil, err
	}
	t := &Text{at: -1}
	if t.expands, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1)); err != nil {
		return nil, err
	}
	b, small := make([]byte, blockSize), []byte(nil)
	for t.end == nil {
		var n int
		if n, t.end = io.ReadFull(in, b); n > 0 {
			small = shrinks.EncodeAll(b[:n], small[:0])
			t.size += int64(n)
			t.blocks = append(t.blocks, bytes.Clone(small))
		}
	}
	if errors.Is(t.end, io.ErrUnexpectedEOF) {
		t.end = io.EOF
	}
	return t, nil
}

// ReadAt implements [io.ReaderAt].
func (t *Text) ReadAt(p []byte, off int64) (n int, err error) {
	for n < len(p) && off < t.size {
		if i := int(off / blockSize); i != t.at {
			t.at = -1
			if t.block, err = t.expands.DecodeAll(t.blocks[i], t.block[:0]); err != nil {
				return n, err
			}
			t.at = i
		}
		k := copy(p[n:], t.block[off%blockSize:])
		n, off = n+k, off+int64(k)
	}
	if n < len(p) {
		return n, t.end
	}
	return n, nil
}
