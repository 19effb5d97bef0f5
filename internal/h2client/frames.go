package h2client

import (
	"golang.org/x/net/http2"

	"detour/internal/h2wire"
)

func (c *conn) gotFrame(f http2.Frame) error {
	switch f := f.(type) {
	case *http2.SettingsFrame:
		return c.gotSettings(f)
	case *http2.MetaHeadersFrame:
		return c.gotHeaders(f)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	id := f.Header().StreamID
	s := c.streams[id]
	switch f := f.(type) {
	case *http2.DataFrame:
		return c.gotData(s, f)
	case *http2.WindowUpdateFrame:
		return c.gotWindowUpdate(s, f)
	case *http2.RSTStreamFrame:
		if c.isUnused(id) {
			return http2.ConnectionError(http2.ErrCodeProtocol)
		}
		c.gotReset(s, f)
	case *http2.GoAwayFrame:
		c.gotGoAway(f)
	case *http2.PingFrame:
		c.gotPing(f)
	case *http2.PushPromiseFrame:
		return http2.ConnectionError(http2.ErrCodeProtocol)
	}
	return nil
}

// isUnused reports whether no request was sent on a stream yet (RFC 9113, 5.1: idle). mu is held.
func (c *conn) isUnused(id uint32) bool { return id >= c.nextID || id%2 == 0 }

// gotHeaders takes the head of a response, or its trailer. Those of a stream that is closed were
// sent before the server learned that.
func (c *conn) gotHeaders(f *http2.MetaHeadersFrame) error {
	c.mu.Lock()
	s, unused := c.streams[f.StreamID], c.isUnused(f.StreamID)
	c.resetPing = false
	c.mu.Unlock()
	switch {
	case unused:
		return http2.ConnectionError(http2.ErrCodeProtocol)
	case s == nil:
		return nil
	case s.hasHead:
		return s.gotTrailer(f)
	}
	return s.gotHead(f)
}

func (c *conn) gotSettings(f *http2.SettingsFrame) error {
	if f.IsAck() {
		return nil
	}
	if f.NumSettings() > h2wire.MaxSettings {
		return http2.ConnectionError(http2.ErrCodeProtocol)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.settled {
		c.settled, c.max = true, streamsDefault
	}
	if err := f.ForeachSetting(c.gotSetting); err != nil {
		return err
	}
	c.out.Control(func(fr *http2.Framer) { _ = fr.WriteSettingsAck() })
	return nil
}

// gotSetting applies a setting. mu is held until the acknowledgment is among the frames to be
// written. Frames are never longer than the smallest limit.
func (c *conn) gotSetting(s http2.Setting) error {
	if err := s.Valid(); err != nil {
		return err
	}
	switch s.ID { //nolint:exhaustive // the others concern what the client doesn't send
	case http2.SettingMaxConcurrentStreams:
		c.max = int(min(s.Val, lastID))
	case http2.SettingMaxHeaderListSize:
		c.maxHeader = s.Val
	case http2.SettingHeaderTableSize:
		c.out.SetTableSize(s.Val)
	case http2.SettingInitialWindowSize:
		defer c.waiting.Broadcast()
		return c.windows.SetInitial(s.Val, c.openWindows)
	}
	return nil
}

// openWindows yields the windows of the streams that are open. mu is held.
func (c *conn) openWindows(yield func(*h2wire.SendWindow) bool) {
	for _, s := range c.streams {
		if !yield(&s.window) {
			return
		}
	}
}

func (c *conn) gotWindowUpdate(s *stream, f *http2.WindowUpdateFrame) error {
	if f.StreamID > 0 && c.isUnused(f.StreamID) {
		return http2.ConnectionError(http2.ErrCodeProtocol)
	}
	var ofStream *h2wire.SendWindow
	if s != nil {
		ofStream = &s.window
	}
	defer c.waiting.Broadcast()
	return c.windows.Update(f, ofStream)
}

// gotData takes a part of a response's body. The server may have sent it before it learned that
// the stream is closed.
func (c *conn) gotData(s *stream, f *http2.DataFrame) error {
	if !c.received.Take(int(f.Length)) {
		return http2.ConnectionError(http2.ErrCodeFlowControl)
	}
	if c.isUnused(f.StreamID) {
		return http2.ConnectionError(http2.ErrCodeProtocol)
	}
	c.resetPing = false
	kept, freed := 0, 0
	var err error
	if s != nil {
		kept, freed, err = s.receive(f.Data(), int(f.Length), f.StreamEnded())
	}
	c.giveBack(s, int(f.Length)-kept, freed)
	return err
}

// giveBack tells the server that it may send as much again on the connection, and on a stream.
func (c *conn) giveBack(s *stream, ofConn, ofStream int) {
	conn, stream := c.received.Give(ofConn), uint32(0)
	if ofStream > 0 {
		stream = s.received.Give(ofStream)
	}
	if conn == 0 && stream == 0 {
		return
	}
	c.out.Control(func(fr *http2.Framer) {
		if conn > 0 {
			_ = fr.WriteWindowUpdate(0, conn)
		}
		if stream > 0 {
			_ = fr.WriteWindowUpdate(s.id, stream)
		}
	})
}

func (c *conn) gotPing(f *http2.PingFrame) {
	if !f.IsAck() {
		c.out.Control(func(fr *http2.Framer) { _ = fr.WritePing(true, f.Data) })
		return
	}
	if c.resets > 0 {
		c.resets, c.resetPing = 0, true
	}
}
