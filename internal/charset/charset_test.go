package charset

import (
	"io"
	"testing"
	"time"
	"unicode/utf16"
)

// in16 is a text in UTF-16.
func in16(text string, big bool) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(text)) {
		if lo, hi := byte(u), byte(u>>8); big {
			b = append(b, hi, lo)
		} else {
			b = append(b, lo, hi)
		}
	}
	return string(b)
}

func TestUTF8_readsEveryForm(t *testing.T) {
	const text = "{\"page\":\"コンソール 𝛼\"}\n{}\n"
	for name, in := range map[string]string{
		"UTF-8": text, "UTF-8 with a mark": "\ufeff" + text,
		"UTF-16LE": in16(text, false), "UTF-16LE with a mark": in16("\ufeff"+text, false),
		"UTF-16BE": in16(text, true), "UTF-16BE with a mark": in16("\ufeff"+text, true),
	} {
		r, w := io.Pipe()
		go func() {
			for i := range len(in) { // byte by byte
				_, _ = w.Write([]byte{in[i]})
			}
			_ = w.Close()
		}()
		got, err := io.ReadAll(UTF8(r))
		if err != nil || string(got) != text {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	for _, short := range []string{"", "x", "\ufeff", "\xff\xfe"} {
		if got, err := io.ReadAll(UTF8(&onlyOnce{short})); err != nil || len(got) > 1 {
			t.Errorf("%q: %q, %v", short, got, err)
		}
	}
}

// onlyOnce returns its text in one read.
type onlyOnce struct{ text string }

func (o *onlyOnce) Read(p []byte) (int, error) {
	if o.text == "" {
		return 0, io.EOF
	}
	n := copy(p, o.text)
	o.text = o.text[n:]
	return n, nil
}

// TestUTF8_returnsALineBeforeTheNextOneIsThere: classify answers each request at once.
func TestUTF8_returnsALineBeforeTheNextOneIsThere(t *testing.T) {
	r, w := io.Pipe()
	defer w.Close()
	go func() { _, _ = w.Write([]byte(in16("\ufeff{}\n", false))) }()
	line := make(chan string, 1)
	go func() {
		s, _ := UTF8(r).ReadString('\n')
		line <- s
	}()
	select {
	case got := <-line:
		if got != "{}\n" {
			t.Errorf("%q", got)
		}
	case <-time.After(time.Minute):
		t.Error("the line isn't returned")
	}
}
