package redact

import "testing"

// An address in a sentence may have a mark behind its port, which is no part of a password.
func TestText_keepsAnAddressBeforeAMark(t *testing.T) {
	for _, mark := range []string{";", ",", ".", ":", "!", "?", ")", "):"} {
		text := "let it speak HTTP/1.1 to http://127.0.0.1:8080" + mark + " HTTP/2 works"
		if got := New(Options{}).Text(text); got != text {
			t.Errorf("got %q, want %q", got, text)
		}
	}
}
