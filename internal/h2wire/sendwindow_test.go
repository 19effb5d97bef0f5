package h2wire

import (
	"slices"
	"testing"

	"golang.org/x/net/http2"
)

func update(id, n uint32) *http2.WindowUpdateFrame {
	return &http2.WindowUpdateFrame{FrameHeader: http2.FrameHeader{StreamID: id}, Increment: n}
}

func TestSendWindows_areTakenFromTogether(t *testing.T) {
	w := NewSendWindows()
	a, b := w.Open(), w.Open()
	for _, want := range []int{MaxFrame, MaxFrame, MaxFrame, MaxFrame - 1, 0} {
		if got := w.Take(&a, 1<<20); got != want {
			t.Errorf("%d bytes are taken, want %d", got, want)
		}
	}
	if !w.IsEmpty(a) || !w.IsEmpty(b) {
		t.Error("the connection's window is empty, but not that of each stream")
	}
	if err := w.Update(update(0, 10), nil); err != nil || !w.IsEmpty(a) || w.IsEmpty(b) {
		t.Errorf("%v: one stream's window is empty, and the other's isn't", err)
	}
	if got := w.Take(&b, 4); got != 4 {
		t.Errorf("of 10 bytes, 4 are wanted and %d are taken", got)
	}
	if err := w.Update(update(1, 100), &a); err != nil || w.Take(&a, 100) != 6 {
		t.Errorf("%v: the connection's window has 6 bytes left", err)
	}
	if err := w.Update(update(1, 100), nil); err != nil {
		t.Errorf("that of a stream that is closed: %v", err)
	}
}

// A negative window has to be filled before anything is sent (RFC 9113, 6.9.2).
func TestSendWindows_followTheInitialOne(t *testing.T) {
	w := NewSendWindows()
	s := w.Open()
	w.Take(&s, 1000)
	open := func(yield func(*SendWindow) bool) { yield(&s) }
	if err := w.SetInitial(100, open); err != nil || s != -900 || !w.IsEmpty(s) || w.Take(&s, 1) != 0 {
		t.Errorf("%v: the window is %d, want -900", err, s)
	}
	if later := w.Open(); later != 100 {
		t.Errorf("that of a later stream is %d", later)
	}
	if err := w.Update(update(1, 901), &s); err != nil || w.Take(&s, 5) != 1 {
		t.Errorf("%v: after 901 bytes more the window is %d", err, s)
	}
	if err := w.SetInitial(InitialWindow, open); err != nil || s != InitialWindow-100 {
		t.Errorf("%v: the window is %d", err, s)
	}
}

// A window has at most 2^31-1 bytes (RFC 9113, 6.9.1 and 6.9.2).
func TestSendWindows_rejectWhatIsTooLarge(t *testing.T) {
	w := NewSendWindows()
	s := w.Open()
	const most = LargestWindow - InitialWindow
	ofConn, ofStream := http2.ConnectionError(http2.ErrCodeFlowControl), http2.StreamError{StreamID: 3, Code: http2.ErrCodeFlowControl}
	if err := w.Update(update(3, most), &s); err != nil {
		t.Errorf("the largest window of a stream: %v", err)
	}
	if err := w.Update(update(3, 1), &s); err != ofStream { //nolint:errorlint // it isn't wrapped
		t.Errorf("one byte more: %v", err)
	}
	if err := w.Update(update(0, most), nil); err != nil {
		t.Errorf("the largest window of the connection: %v", err)
	}
	if err := w.Update(update(0, 1), nil); err != ofConn { //nolint:errorlint // it isn't wrapped
		t.Errorf("one byte more: %v", err)
	}
	others := []SendWindow{InitialWindow, InitialWindow + 1}
	w = NewSendWindows()
	if err := w.SetInitial(LargestWindow, slices.Values([]*SendWindow{&others[0]})); err != nil || others[0] != LargestWindow {
		t.Errorf("the largest initial one: %v, %d", err, others[0])
	}
	w = NewSendWindows()
	if err := w.SetInitial(LargestWindow, slices.Values([]*SendWindow{&others[1]})); err != ofConn { //nolint:errorlint // it isn't wrapped
		t.Errorf("that of a stream is larger by one: %v", err)
	}
}
