package h2wire

import "testing"

// TestChunks_keepWhatIsUnread reads nearly all of a body.
func TestChunks_keepWhatIsUnread(t *testing.T) {
	var c Chunks
	for range 64 {
		c.Add(make([]byte, MaxFrame-1))
	}
	c.Read(make([]byte, 64*(MaxFrame-1)-10))
	if c.Size != 10 || len(c.list) != 1 {
		t.Errorf("%d unread bytes in %d buffers", c.Size, len(c.list))
	}
}
