package h2wire

import (
	"iter"

	"golang.org/x/net/http2"
)

// SendWindows are the peer's flow-control windows: how many bytes of bodies it takes (RFC 9113,
// 6.9). Make them with [NewSendWindows].
type SendWindows struct {
	Conn    int64 // of the connection
	Initial int64 // of a stream
}

// A SendWindow is that of a stream. It is negative if the peer has reduced the initial one by more
// than was left of it (RFC 9113, 6.9.2).
type SendWindow int64

// NewSendWindows returns the windows before the peer has sent anything.
func NewSendWindows() SendWindows { return SendWindows{Conn: InitialWindow, Initial: InitialWindow} }

// Open returns the window of a new stream.
func (w *SendWindows) Open() SendWindow { return SendWindow(w.Initial) }

// SetInitial applies SETTINGS_INITIAL_WINDOW_SIZE, also to the streams that are open. The error is
// the connection's.
func (w *SendWindows) SetInitial(size uint32, open iter.Seq[*SendWindow]) error {
	grown := int64(size) - w.Initial
	w.Initial = int64(size)
	for s := range open {
		if *s += SendWindow(grown); *s > LargestWindow {
			return http2.ConnectionError(http2.ErrCodeFlowControl)
		}
	}
	return nil
}

// Update applies a WINDOW_UPDATE to the connection, or to the stream s that it is for; nil: that is
// closed. The error is that of the one whose window would be too large (RFC 9113, 6.9.1).
func (w *SendWindows) Update(f *http2.WindowUpdateFrame, s *SendWindow) error {
	switch {
	case f.StreamID == 0:
		if w.Conn += int64(f.Increment); w.Conn > LargestWindow {
			return http2.ConnectionError(http2.ErrCodeFlowControl)
		}
	case s != nil:
		if *s += SendWindow(f.Increment); *s > LargestWindow {
			return http2.StreamError{StreamID: f.StreamID, Code: http2.ErrCodeFlowControl}
		}
	}
	return nil
}

// IsEmpty reports whether nothing can be sent on a stream.
func (w *SendWindows) IsEmpty(s SendWindow) bool { return s <= 0 || w.Conn <= 0 }

// Take takes from both windows what can be sent of n bytes in one frame, and returns how many that
// are. They have to be sent before anything else happens on the connection.
func (w *SendWindows) Take(s *SendWindow, n int) int {
	n = int(max(0, min(int64(n), int64(*s), w.Conn, MaxFrame)))
	*s -= SendWindow(n)
	w.Conn -= int64(n)
	return n
}
