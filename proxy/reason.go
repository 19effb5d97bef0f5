package proxy

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
)

// reasonPhrase returns the reason phrase of a response (RFC 9112, 4) that net/http's server
// would replace by its own, and whether there is one. HTTP/2 has none.
func reasonPhrase(resp *http.Response) (string, bool) {
	if resp.ProtoMajor != 1 {
		return "", false
	}
	_, phrase, _ := strings.Cut(resp.Status, " ")
	if own := http.StatusText(resp.StatusCode); phrase == own && own != "" {
		return "", false
	}
	control := func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }
	return phrase, strings.IndexFunc(phrase, control) < 0
}

// A statusLine is a status line that httpConn writes instead of net/http's.
type statusLine struct {
	code   int
	phrase string
}

// useReason makes the connection write phrase in the next status line with this code.
func (c *httpConn) useReason(code int, phrase string) {
	c.status.Store(&statusLine{code, phrase})
}

// Write implements net.Conn. net/http's server writes every head at the beginning of a
// Write, and knows no way to set a reason phrase.
func (c *httpConn) Write(p []byte) (int, error) {
	s := c.status.Load()
	if s == nil {
		return c.Conn.Write(p)
	}
	const start = len("HTTP/1.1 200 ")
	end := bytes.Index(p, []byte("\r\n"))
	if end < start || !bytes.HasPrefix(p, []byte("HTTP/1.")) || string(p[start-4:start-1]) != strconv.Itoa(s.code) {
		return c.Conn.Write(p) // a 100 (Continue), or the rest of an earlier response
	}
	c.status.Store(nil)
	head := append(append(bytes.Clone(p[:start]), s.phrase...), p[end:]...)
	if n, err := c.Conn.Write(head); err != nil {
		return min(n, len(p)), err
	}
	return len(p), nil
}
