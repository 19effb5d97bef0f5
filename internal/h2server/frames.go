package h2server

import (
	"errors"
	"time"

	"golang.org/x/net/http2"

	"detour/internal/h2wire"
)

// readFrame reads a frame and does what it asks for. The error ends the connection.
func (c *Conn) readFrame() error {
	header, err := c.fr.ReadFrameHeader()
	if err != nil {
		return err
	}
	f, err := c.fr.ReadFrameForHeader(header)
	var stream http2.StreamError
	if err == nil {
		err = c.gotFrame(f)
	} else if errors.As(err, &stream) {
		err = c.gotMalformed(header, stream)
	}
	if errors.As(err, &stream) {
		c.reset(stream)
		return nil
	}
	return err
}

// gotMalformed returns the error for a frame that the Framer has read, and rejects: that of the
// stream, unless only the connection can have it.
func (c *Conn) gotMalformed(header http2.FrameHeader, err http2.StreamError) error {
	switch {
	case header.Type != http2.FrameHeaders:
		if c.isUnused(header.StreamID) {
			return http2.ConnectionError(http2.ErrCodeProtocol)
		}
	case header.StreamID%2 == 0 || err.Cause == nil: // nil: too much padding; the field block wasn't decoded
		return http2.ConnectionError(http2.ErrCodeProtocol)
	default:
		c.lastID = max(c.lastID, header.StreamID)
	}
	return err
}

func (c *Conn) gotFrame(f http2.Frame) error {
	switch f := f.(type) {
	case *http2.MetaHeadersFrame:
		return c.gotHeaders(f)
	case *http2.DataFrame:
		return c.gotData(f)
	case *http2.SettingsFrame:
		return c.gotSettings(f)
	case *http2.WindowUpdateFrame:
		return c.gotWindowUpdate(f)
	case *http2.PingFrame:
		if !f.IsAck() {
			c.mu.Lock()
			c.out.Control(func(fr *http2.Framer) { _ = fr.WritePing(true, f.Data) })
			c.mu.Unlock()
		}
	case *http2.RSTStreamFrame:
		if c.isUnused(f.StreamID) {
			return http2.ConnectionError(http2.ErrCodeProtocol)
		}
		c.mu.Lock()
		if s := c.streams[f.StreamID]; s != nil {
			s.close(http2.StreamError{StreamID: f.StreamID, Code: f.ErrCode})
		}
		c.mu.Unlock()
	case *http2.PriorityFrame:
		return dependsOnItself(f.StreamID, f.PriorityParam)
	case *http2.PushPromiseFrame:
		return http2.ConnectionError(http2.ErrCodeProtocol)
	case *http2.GoAwayFrame:
		c.Drain()
	}
	return nil
}

// isUnused reports whether the client hasn't used a stream yet (RFC 9113, 5.1: idle).
func (c *Conn) isUnused(id uint32) bool { return id > c.lastID || id%2 == 0 }

func dependsOnItself(id uint32, p http2.PriorityParam) error {
	if p.StreamDep == id {
		return http2.StreamError{StreamID: id, Code: http2.ErrCodeProtocol}
	}
	return nil
}

// gotHeaders begins a request, or ends one with its trailer.
func (c *Conn) gotHeaders(f *http2.MetaHeadersFrame) error {
	id := f.StreamID
	if id%2 == 0 {
		return http2.ConnectionError(http2.ErrCodeProtocol)
	}
	c.mu.Lock()
	open, n, ignored := c.streams[id], len(c.streams), c.ignores(id)
	c.mu.Unlock()
	switch {
	case open != nil:
		return open.gotTrailer(f)
	case id <= c.lastID && ignored:
		return nil
	case id <= c.lastID:
		return http2.ConnectionError(http2.ErrCodeStreamClosed)
	}
	c.lastID = id
	switch {
	case n >= maxStreams && !c.acked: // the client can't know the limit
		return http2.StreamError{StreamID: id, Code: http2.ErrCodeRefusedStream}
	case n >= maxStreams:
		return http2.StreamError{StreamID: id, Code: http2.ErrCodeProtocol}
	}
	if f.HasPriority() {
		if err := dependsOnItself(id, f.Priority); err != nil {
			return err
		}
	}
	s, err := c.newStream(f)
	if err == nil && c.add(s) {
		c.start(s)
	}
	return err
}

// add adds a stream, unless the client knows from GOAWAY that it isn't processed, and reports
// whether to start its handler. While the handlers of canceled streams haven't returned, a stream
// more is queued: otherwise a client that cancels its requests at once could have any number of
// them processed. Those that are queued are open, and so there are at most maxStreams of them.
func (c *Conn) add(s *stream) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.draining {
		s.cancel()
		return false
	}
	s.window = c.windows.Open()
	c.streams[s.id] = s
	c.handled = s.id
	if c.handlers >= maxStreams {
		c.queued = append(c.queued, s)
		return false
	}
	c.handlers++
	return true
}

// gotData takes a part of a request's body.
func (c *Conn) gotData(f *http2.DataFrame) error {
	if c.isUnused(f.StreamID) {
		return http2.ConnectionError(http2.ErrCodeProtocol)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.received.Take(int(f.Length)) {
		return http2.ConnectionError(http2.ErrCodeFlowControl)
	}
	s := c.streams[f.StreamID]
	var kept, freed int
	var err error = http2.StreamError{StreamID: f.StreamID, Code: http2.ErrCodeStreamClosed}
	if s != nil {
		kept, freed, err = s.receive(f.Data(), int(f.Length), f.StreamEnded())
	} else if c.ignores(f.StreamID) {
		err = nil
	}
	ofConn := c.received.Give(int(f.Length) - kept)
	ofStream := uint32(0)
	if freed > 0 {
		ofStream = s.received.Give(freed)
	}
	c.updateWindows(f.StreamID, ofConn, ofStream)
	return err
}

// updateWindows tells the client how much more it may send. mu is held.
func (c *Conn) updateWindows(id, ofConn, ofStream uint32) {
	if ofConn == 0 && ofStream == 0 {
		return
	}
	c.out.Control(func(fr *http2.Framer) {
		if ofConn > 0 {
			_ = fr.WriteWindowUpdate(0, ofConn)
		}
		if ofStream > 0 {
			_ = fr.WriteWindowUpdate(id, ofStream)
		}
	})
}

func (c *Conn) gotSettings(f *http2.SettingsFrame) error {
	if f.IsAck() {
		c.acked = true
		return nil
	}
	if f.NumSettings() > h2wire.MaxSettings {
		return http2.ConnectionError(http2.ErrCodeProtocol)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := f.ForeachSetting(c.gotSetting); err != nil {
		return err
	}
	c.out.Control(func(fr *http2.Framer) { _ = fr.WriteSettingsAck() })
	return nil
}

// gotSetting applies a setting. mu is held until the acknowledgment is among the frames to be
// written: what is written before it keeps to the old settings, and what is written after it to
// the new ones.
func (c *Conn) gotSetting(s http2.Setting) error {
	if err := s.Valid(); err != nil {
		return err
	}
	if s.ID == http2.SettingHeaderTableSize {
		c.out.SetTableSize(s.Val)
	}
	if s.ID == http2.SettingInitialWindowSize {
		defer c.waiting.Broadcast()
		return c.windows.SetInitial(s.Val, c.openWindows)
	}
	return nil // frames are never longer than the smallest limit, and nothing is pushed
}

// openWindows yields the windows of the streams that are open. mu is held.
func (c *Conn) openWindows(yield func(*h2wire.SendWindow) bool) {
	for _, s := range c.streams {
		if !yield(&s.window) {
			return
		}
	}
}

func (c *Conn) gotWindowUpdate(f *http2.WindowUpdateFrame) error {
	if f.StreamID != 0 && c.isUnused(f.StreamID) {
		return http2.ConnectionError(http2.ErrCodeProtocol)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var ofStream *h2wire.SendWindow
	if s := c.streams[f.StreamID]; s != nil {
		ofStream = &s.window
	}
	defer c.waiting.Broadcast()
	return c.windows.Update(f, ofStream)
}

// noteIdle notes that the last stream has ended, if it has. mu is held.
func (c *Conn) noteIdle() {
	if len(c.streams) > 0 {
		return
	}
	c.idleSince = time.Now()
	if c.draining {
		c.closeSoon()
	}
}
