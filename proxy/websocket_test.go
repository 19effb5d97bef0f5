package proxy

import (
	"bytes"
	"encoding/binary"
	"testing"

	"detour/internal/flow"
)

// frame encodes a WebSocket frame with an unmasked or masked payload.
func frame(first byte, masked bool, payload []byte) []byte {
	b := []byte{first, 0}
	switch n := len(payload); {
	case n < 126:
		b[1] = byte(n)
	case n < 1<<16:
		b[1] = 126
		b = binary.BigEndian.AppendUint16(b, uint16(n))
	default:
		b[1] = 127
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	if !masked {
		return append(b, payload...)
	}
	b[1] |= 0x80
	key := []byte{1, 2, 3, 4}
	b = append(b, key...)
	for i, c := range payload {
		b = append(b, c^key[i%4])
	}
	return b
}

func TestMessageCounter_countsMessagesHoweverTheyAreSplit(t *testing.T) {
	long, longer := bytes.Repeat([]byte("x"), 300), bytes.Repeat([]byte("y"), 1<<16)
	for _, masked := range []bool{false, true} {
		wire := bytes.Join([][]byte{
			frame(0x81, masked, []byte("text")),
			frame(0x01, masked, []byte("begun ")), // a message in three frames, with a ping between them
			frame(0x89, masked, []byte("ping")),
			frame(0x00, masked, long),
			frame(0x80, masked, nil),
			frame(0x82, masked, longer),
			frame(0x88, masked, []byte{3, 0xe9, 'b', 'y', 'e'}),
			frame(0x88, masked, []byte{3, 0xe8}),
		}, nil)
		want := flow.Messages{
			Received:  flow.MessageCount{Count: 3, Bytes: 4 + 6 + 300 + 1<<16},
			CloseCode: 1001, ClosedBy: flow.SideServer,
		}
		for _, step := range []int{1, 2, 3, 7, 1000, len(wire)} {
			var c messageCounter
			for rest := wire; len(rest) > 0; {
				n := min(step, len(rest))
				c.feed(flow.SideServer, rest[:n])
				rest = rest[n:]
			}
			if got := c.counts(); got != want {
				t.Errorf("masked %v, in steps of %d: %+v, want %+v", masked, step, got, want)
			}
		}
	}
}

func TestMessageCounter_theFirstCloseFrameDecidesWhoClosed(t *testing.T) {
	var c messageCounter
	c.feed(flow.SideClient, frame(0x88, true, nil)) // a Close frame may be empty
	c.feed(flow.SideServer, frame(0x88, false, []byte{3, 0xe8}))
	if got := c.counts(); got.ClosedBy != flow.SideClient || got.CloseCode != 0 {
		t.Errorf("got %+v", got)
	}
}

func TestMessageCounter_anInvalidFrameStopsCountingItsDirection(t *testing.T) {
	var c messageCounter
	c.feed(flow.SideServer, frame(0x81, false, []byte("one")))
	c.feed(flow.SideServer, []byte{0x83, 0x01, 'x'}) // a reserved opcode
	c.feed(flow.SideServer, frame(0x81, false, []byte("two")))
	c.feed(flow.SideClient, frame(0x81, true, []byte("three")))
	if got := c.counts(); got.Received.Count != 1 || got.Sent.Count != 1 {
		t.Errorf("got %+v", got)
	}
}

func FuzzMessageCounter(f *testing.F) {
	f.Add(frame(0x81, true, []byte("text")), uint8(3))
	f.Add(frame(0x88, false, []byte{3, 0xe8}), uint8(1))
	f.Add([]byte{0x82, 127, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, uint8(4))
	f.Fuzz(func(t *testing.T, wire []byte, step uint8) {
		var whole, split messageCounter
		whole.feed(flow.SideClient, wire)
		for rest := wire; len(rest) > 0; {
			n := min(int(step)+1, len(rest))
			split.feed(flow.SideClient, rest[:n])
			rest = rest[n:]
		}
		if a, b := whole.counts(), split.counts(); a != b {
			t.Errorf("%+v at once, %+v in pieces", a, b)
		}
		if m := whole.counts(); m.Sent.Bytes < 0 || m.Sent.Bytes > int64(len(wire)) && len(wire) > 0 && m.Sent.Count > int64(len(wire)) {
			t.Errorf("%+v of %d bytes", m, len(wire))
		}
	})
}
