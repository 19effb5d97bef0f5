package h2server

import (
	"bytes"
	"net/http"
	"testing"

	"golang.org/x/net/http2"

	"detour/internal/h2wire"
)

// blocks reads until the connection has acknowledged SETTINGS and n heads have come. It returns
// the field blocks before and after the acknowledgment.
func (p *peer) blocks(n int) (before, after [][]byte) {
	p.fr.ReadMetaHeaders = nil
	acked := false
	for len(before)+len(after) < n || !acked {
		f, err := p.fr.ReadFrame()
		if err != nil {
			p.t.Fatal(err)
		}
		switch f := f.(type) {
		case *http2.SettingsFrame:
			acked = acked || f.IsAck()
		case *http2.DataFrame:
			if acked && f.Length > 0 {
				p.t.Errorf("%d bytes of stream %d after the acknowledgment", f.Length, f.StreamID)
			}
		case *http2.HeadersFrame:
			if block := bytes.Clone(f.HeaderBlockFragment()); acked {
				after = append(after, block)
			} else {
				before = append(before, block)
			}
		}
	}
	return before, after
}

// TestConn_tellsTheSmallestTableSize changes the size of the table twice between two heads (RFC
// 7541, 4.2).
func TestConn_tellsTheSmallestTableSize(t *testing.T) {
	conn, _ := serveConn(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-A", "b") }))
	p := newPeer(t, conn)
	p.Head(1, true, get("GET", "/")...)
	p.await(func() bool { return p.over(1) })
	_ = p.fr.WriteSettings(http2.Setting{ID: http2.SettingHeaderTableSize, Val: 0})
	_ = p.fr.WriteSettings(http2.Setting{ID: http2.SettingHeaderTableSize, Val: h2wire.MaxTable})
	p.Head(3, true, get("GET", "/")...)
	if _, after := p.blocks(1); len(after) != 1 || !bytes.HasPrefix(after[0], []byte{0x20, 0x3f, 0xe1, 0x1f}) {
		t.Errorf("the block begins with % x, not with size 0 and size 4096", after)
	}
}

// TestConn_appliesSettingsWithTheirAcknowledgment changes settings between two responses while the
// client reads nothing.
func TestConn_appliesSettingsWithTheirAcknowledgment(t *testing.T) {
	conn, c, g := serveGated(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.(http.Flusher).Flush()
		_, _ = w.Write(make([]byte, h2wire.MaxFrame))
	}))
	p := newPeer(t, conn)
	_ = p.fr.WriteSettings(http2.Setting{ID: http2.SettingHeaderTableSize, Val: 0})
	p.sync()
	g.shut.Lock()
	_ = p.fr.WritePing(false, [8]byte{})
	poll(t, "the connection is written to", func() bool { return g.waiting.Load() > 0 })
	p.Head(1, true, get("GET", "/")...)
	pollLocked(t, c, "a body waits", func() bool { n, _ := c.out.Buffered(); return n > h2wire.MaxFrame })
	_ = p.fr.WriteSettings(http2.Setting{ID: http2.SettingHeaderTableSize, Val: h2wire.MaxTable},
		http2.Setting{ID: http2.SettingInitialWindowSize, Val: 0})
	p.Head(3, true, get("GET", "/")...)
	pollLocked(t, c, "another stream has begun", func() bool { return c.handled == 3 })
	g.shut.Unlock()
	larger := []byte{0x3f, 0xe1, 0x1f}
	before, after := p.blocks(2)
	if len(before) != 1 || bytes.Contains(before[0], larger) || len(after) != 1 || !bytes.HasPrefix(after[0], larger) {
		t.Errorf("blocks before the acknowledgment: % x, after it: % x", before, after)
	}
}
