package intake

import (
	"bytes"
	"io"
	"testing"
)

// A capture on stdin is copied to a temporary file, since it has no secrets: to hold it, too, would take memory
// for nothing.
func TestHold_holdsNoCapture(t *testing.T) {
	text := append([]byte("SQLite format 3\x00"), make([]byte, 1<<18)...)
	r := Reader{Stdin: bytes.NewReader(text)}
	r.Hold(t.Context(), "-")
	if r.held != nil {
		t.Error("it is held")
	}
	if all, err := io.ReadAll(r.Stdin); err != nil || !bytes.Equal(all, text) {
		t.Errorf("%d bytes are left of %d, %v", len(all), len(text), err)
	}
}
