package proxy

import (
	"encoding/binary"
	"sync"

	"detour/internal/flow"
)

// A messageCounter counts the messages of a WebSocket while its bytes are forwarded.
// Its zero value is ready to use, and it is safe for concurrent use.
type messageCounter struct {
	mu             sync.Mutex
	sent, received frameReader
	seen           flow.Messages
}

// feed parses the next bytes that side sent.
func (c *messageCounter) feed(side flow.Side, p []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r, count := &c.sent, &c.seen.Sent
	if side == flow.SideServer {
		r, count = &c.received, &c.seen.Received
	}
	for len(p) > 0 && !r.invalid {
		p = r.next(p)
		if r.remaining > 0 || r.have > 0 { // in the middle of a frame
			continue
		}
		switch {
		case r.op <= opBinary:
			count.Bytes += r.length
			if r.fin {
				count.Count++
			}
		case r.op == opClose && c.seen.ClosedBy == "": // the second Close frame echoes the first
			c.seen.CloseCode, c.seen.ClosedBy = r.code, side
		}
	}
}

// stop ends the counting.
func (c *messageCounter) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sent.invalid, c.received.invalid = true, true
}

// counts returns the counts so far.
func (c *messageCounter) counts() flow.Messages {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.seen
}

// A frameReader parses the frames of one direction (RFC 6455, 5.2). It stops at the
// first invalid frame.
type frameReader struct {
	invalid bool

	head [14]byte // header of the current frame
	have int      // bytes of it received

	fin       bool
	op        byte
	key       [4]byte // zero if the payload isn't masked
	length    int64   // of the payload
	remaining int64   // of it, still to come
	code      int     // of a Close frame
}

// The opcodes of RFC 6455, 11.8: continuation, text and binary are data; close,
// ping and pong are control frames.
const (
	opBinary = 2
	opClose  = 8
	opPong   = 10
)

// next consumes as much of p as belongs to the header, or to the payload, of the
// current frame, and returns the rest. The frame is complete when have and remaining
// are 0.
func (r *frameReader) next(p []byte) []byte {
	if r.remaining > 0 {
		n := min(r.remaining, int64(len(p)))
		r.readCloseCode(p[:n])
		r.remaining -= n
		return p[n:]
	}
	n := copy(r.head[r.have:r.headerSize()], p)
	if r.have += n; r.have >= 2 && r.have == r.headerSize() {
		r.parseHeader()
	}
	return p[n:]
}

// headerSize returns the length of the header, as far as it is known.
func (r *frameReader) headerSize() int {
	if r.have < 2 {
		return 2
	}
	n := 2
	switch r.head[1] & 0x7f {
	case 126:
		n += 2
	case 127:
		n += 8
	}
	if r.head[1]&0x80 != 0 {
		n += len(r.key)
	}
	return n
}

// parseHeader parses a complete header.
func (r *frameReader) parseHeader() {
	r.fin, r.op = r.head[0]&0x80 != 0, r.head[0]&0x0f
	length := uint64(r.head[1] & 0x7f)
	switch length {
	case 126:
		length = uint64(binary.BigEndian.Uint16(r.head[2:]))
	case 127:
		length = binary.BigEndian.Uint64(r.head[2:])
	}
	if length > 1<<62 || r.op > opBinary && r.op < opClose || r.op > opPong {
		r.invalid = true
		return
	}
	r.key = [4]byte{}
	if r.head[1]&0x80 != 0 {
		copy(r.key[:], r.head[r.headerSize()-len(r.key):])
	}
	r.length, r.remaining, r.code, r.have = int64(length), int64(length), 0, 0
}

// readCloseCode reads the status code at the beginning of a Close frame's payload.
func (r *frameReader) readCloseCode(p []byte) {
	for i, at := 0, r.length-r.remaining; r.op == opClose && i < len(p) && at < 2; i, at = i+1, at+1 {
		r.code = r.code<<8 | int(p[i]^r.key[at])
	}
}
