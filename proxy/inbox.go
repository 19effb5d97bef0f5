package proxy

import "io"

// An inbox holds what was read from a connection and isn't used yet. It borrows its buffers, so
// that an idle connection holds none but first.
type inbox struct {
	first    []byte // the first buffer; nil: a borrowed one
	buf      []byte
	from, to int              // what is in buf
	small    *[smallSize]byte // borrowed, if buf is it
	large    *[copySize]byte  // borrowed, if buf is it
}

// bytes returns what is there. It is valid until the next call of another method.
func (b *inbox) bytes() []byte { return b.buf[b.from:b.to] }

func (b *inbox) len() int { return b.to - b.from }

// add adds bytes that were read elsewhere.
func (b *inbox) add(p []byte) {
	for len(p) > 0 {
		if b.to == len(b.buf) {
			b.makeRoom()
		}
		n := copy(b.buf[b.to:], p)
		b.to, p = b.to+n, p[n:]
	}
}

// use marks n bytes as used.
func (b *inbox) use(n int) {
	if b.from += n; b.from == b.to {
		b.from, b.to = 0, 0
	}
}

// fill reads once, and so adds at least one byte or returns an error.
func (b *inbox) fill(r io.Reader) error {
	if b.to == len(b.buf) {
		b.makeRoom()
	}
	for {
		n, err := r.Read(b.buf[b.to:])
		if b.to += n; n > 0 {
			return nil // an error comes again
		}
		if err != nil {
			return err
		}
	}
}

// makeRoom moves what is there to the beginning of the buffer, or to a larger one.
func (b *inbox) makeRoom() {
	old := *b
	switch held := b.len(); {
	case len(b.buf) == 0 && b.first != nil:
		b.buf = b.first
	case len(b.buf) == 0:
		b.small = smallBuffers.Get().(*[smallSize]byte)
		b.buf = b.small[:]
	case held <= len(b.buf)/2 && b.from > 0:
	case len(b.buf) < copySize:
		b.large, b.small = copyBuffers.Get().(*[copySize]byte), nil
		b.buf = b.large[:]
	default:
		b.large = nil
		b.buf = make([]byte, 2*len(b.buf))
	}
	b.to = copy(b.buf, old.bytes())
	b.from = 0
	if old.small != b.small && old.small != nil {
		smallBuffers.Put(old.small)
	}
	if old.large != b.large && old.large != nil {
		copyBuffers.Put(old.large)
	}
}

// expectMuch changes to a buffer for long bodies, if nothing is held.
func (b *inbox) expectMuch() {
	if b.len() == 0 && len(b.buf) < copySize {
		b.release()
		b.large = copyBuffers.Get().(*[copySize]byte)
		b.buf = b.large[:]
	}
}

// release returns the borrowed buffer, with what is in it.
func (b *inbox) release() {
	if b.small != nil {
		smallBuffers.Put(b.small)
	}
	if b.large != nil {
		copyBuffers.Put(b.large)
	}
	*b = inbox{first: b.first}
}
