package intake

import (
	"bytes"
	"context"
	"io"
	"math"

	"detour/internal/heldtext"
	"detour/internal/unpack"
)

// Hold reads a HAR or JSON Lines from Stdin if the path is "-", so that it can be read several times, unless
// one reading is enough. It is held in memory, compressed: it may have secrets, which must not be on the disk.
func (r *Reader) Hold(ctx context.Context, path string) {
	if path != "-" || r.Stdin == nil {
		return
	}
	in := newInterruptible(ctx, r.stdin)
	defer in.Close()
	if in.open() != nil {
		return
	}
	begin := make([]byte, 1<<16)
	n, err := io.ReadFull(in, begin)
	begin = begin[:n]
	k := kind(rank(begin))
	if err == nil && (k == recordsKind || k == harKind && !r.once()) && unpack.Plain(begin) {
		if r.held, err = heldtext.Read(io.MultiReader(bytes.NewReader(begin), in)); err == nil {
			return
		}
	}
	rest := r.Stdin
	if in.err != nil { // it isn't read beyond its end: a terminal would ask for more
		rest = failing{in.err}
	}
	r.Stdin = io.MultiReader(bytes.NewReader(begin), bytes.NewReader(in.buf), rest)
}

// stdin opens Stdin.
func (r Reader) stdin() (io.ReadCloser, error) {
	if r.held != nil {
		return io.NopCloser(io.NewSectionReader(r.held, 0, math.MaxInt64)), nil
	}
	return io.NopCloser(r.Stdin), nil
}

// A failing can't be read.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
