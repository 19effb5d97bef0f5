package proxy

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"detour/internal/flow"
	"detour/internal/h2wire/h2test"
)

// endless is how much a server or client sends at most. It should be cut off long before
// that.
const endless = 64 << 20

// heapInUse returns the number of live bytes on the heap.
func heapInUse() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func TestLimits_anEndlessResponseIsRejectedAndRecorded(t *testing.T) {
	sent := 0
	flood := func(piece func() error) {
		for sent = 0; sent < endless; {
			if piece() != nil {
				return
			}
		}
	}
	line := "X-Padding: " + strings.Repeat("x", 1000) + "\r\n"
	for name, b := range map[string]struct {
		h2      bool
		message string
		play    script
	}{
		"an endless header line": {false, "exceeded", func(p *peer) {
			p.request()
			p.write(okHead + "X-Bomb: ")
			flood(func() error { n, err := io.WriteString(p, strings.Repeat("x", 4096)); sent += n; return err })
		}},
		"endless header lines": {false, "exceeded", func(p *peer) {
			p.request()
			p.write(okHead)
			flood(func() error { n, err := io.WriteString(p, line); sent += n; return err })
		}},
		"endless interim responses": {false, "interim responses", func(p *peer) {
			p.request()
			flood(func() error {
				n, err := io.WriteString(p, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
				sent += n
				return err
			})
		}},
		"endless 100 (Continue)": {false, "interim responses", func(p *peer) {
			p.request()
			flood(func() error { n, err := io.WriteString(p, "HTTP/1.1 100 Continue\r\n\r\n"); sent += n; return err })
		}},
		"endless interim responses, h2": {true, "interim responses", func(p *peer) {
			p.request()
			for range 10 * maxInterim { // those after the limit are ignored: only the stream is closed
				p.head(false, ":status", "103", "link", "</a>")
			}
			p.drain()
		}},
		"endless CONTINUATION": {true, "", func(p *peer) {
			p.request()
			_ = p.fr.WriteHeaders(http2.HeadersFrameParam{StreamID: p.stream, BlockFragment: p.Fields(":status", "200")})
			p.HPACK.SetMaxDynamicTableSizeLimit(0)
			flood(func() error {
				sent += 16 << 10
				return p.fr.WriteContinuation(p.stream, false, p.Fields("x-padding", strings.Repeat("x", 16000)))
			})
		}},
		"a header of many MiB from a few bytes": {true, "", func(p *peer) {
			p.request()
			p.Fields("x-bomb", strings.Repeat("x", 4000)) // added to the table, then referred to by one byte
			var block bytes.Buffer
			enc := hpack.NewEncoder(&block)
			_ = enc.WriteField(hpack.HeaderField{Name: ":status", Value: "200"})
			for range 10_000 {
				_ = enc.WriteField(hpack.HeaderField{Name: "x-bomb", Value: strings.Repeat("x", 4000)})
			}
			_ = p.fr.WriteHeaders(http2.HeadersFrameParam{
				StreamID: p.stream, BlockFragment: block.Next(16 << 10), EndHeaders: block.Len() == 0, EndStream: true,
			})
			p.drain()
		}},
	} {
		for _, h2 := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				t.Cleanup(func() { // runs after the script has ended
					if sent > 16<<20 {
						t.Errorf("the server could send %d MiB", sent>>20)
					}
				})
				s := newScriptedServer(t, b.h2, b.play)
				before := heapInUse()
				resp := sendRequest(t, s.client(t, h2), "GET", "")
				if resp.StatusCode != http.StatusBadGateway {
					t.Errorf("status %d, want 502", resp.StatusCode)
				}
				f := s.sink.finals(t, 1)[0]
				fail := f.Failure
				if fail == nil || fail.Stage != flow.StageWait || !strings.Contains(fail.Message, b.message) || f.Response != nil {
					t.Errorf("failure %+v", fail)
				}
				if grown := heapInUse() - before; grown > 8<<20 {
					t.Errorf("the heap grew by %d KiB", grown>>10)
				}
			})
		}
	}
}

func TestInterim_responsesAreForwardedBeforeTheFinalOne(t *testing.T) {
	matrix(t, func(t *testing.T, client, server bool) {
		s := newScriptedServer(t, server, func(p *peer) {
			p.request()
			for i := range maxInterim {
				if server {
					p.head(false, ":status", "103", "link", fmt.Sprint(i))
				} else {
					p.write(fmt.Sprintf("HTTP/1.1 103 Early Hints\r\nLink: %d\r\n\r\n", i))
				}
			}
			p.answer("ok")
			p.drain()
		})
		hints := 0
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
			Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
				if h.Get("Link") == fmt.Sprint(hints) && code == http.StatusEarlyHints {
					hints++
				}
				return nil
			},
		})
		req, _ := http.NewRequestWithContext(ctx, "GET", "https://example.com/", nil)
		resp, err := s.client(t, client).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if hints != maxInterim || resp.StatusCode != http.StatusOK || resp.Header.Get("Link") != "" {
			t.Errorf("%d hints, status %d, Link %q", hints, resp.StatusCode, resp.Header.Get("Link"))
		}
	})
}

// openTLS opens a tunnel to example.com and does the TLS handshake with the proxy.
func (b *fixture) openTLS(t *testing.T, alpn string) *tls.Conn {
	t.Helper()
	c, br := b.openTunnel(t, "example.com:443", "")
	status(t, br)
	tc := tls.Client(c, &tls.Config{ServerName: "example.com", RootCAs: b.roots, NextProtos: []string{alpn}})
	if err := tc.Handshake(); err != nil {
		t.Fatal(err)
	}
	return tc
}

func TestLimits_anEndlessRequestIsRejected(t *testing.T) {
	untouched := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the server got a request") })
	for name, piece := range map[string]string{
		"an endless header line": strings.Repeat("x", 4096),
		"endless header lines":   "x: 0\r\nX-Padding: " + strings.Repeat("x", 1000) + "\r\nX-Next: ",
	} {
		t.Run(name, func(t *testing.T) {
			b := newFixture(t, setup{}, untouched)
			tc := b.openTLS(t, "http/1.1")
			response := make(chan string, 1)
			go func() { response <- status(t, bufio.NewReader(tc)) }()
			sent, _ := io.WriteString(tc, "GET / HTTP/1.1\r\nHost: example.com\r\nX-Bomb: ")
			for sent < endless {
				n, err := io.WriteString(tc, piece)
				if sent += n; err != nil {
					break
				}
			}
			if got := <-response; !strings.Contains(got, "431") {
				t.Errorf("response %q, want 431", got)
			}
			if sent > 16<<20 {
				t.Errorf("the client could send %d MiB", sent>>20)
			}
		})
	}
	t.Run("endless CONTINUATION", func(t *testing.T) {
		b := newFixture(t, setup{}, untouched)
		tc := b.openTLS(t, "h2")
		_, _ = io.WriteString(tc, http2.ClientPreface)
		p := &peer{Conn: tc, br: bufio.NewReader(tc), stream: 1}
		p.fr = http2.NewFramer(tc, p.br)
		p.Encoder = h2test.NewEncoder(p.fr)
		_ = p.fr.WriteSettings()
		go func() { _, _ = io.Copy(io.Discard, tc) }()
		_ = p.fr.WriteHeaders(http2.HeadersFrameParam{
			StreamID: 1, BlockFragment: p.Fields(":method", "GET", ":scheme", "https", ":authority", "example.com", ":path", "/"),
		})
		before, sent := heapInUse(), 0
		for sent < endless {
			if p.fr.WriteContinuation(1, false, p.Fields("x-padding", strings.Repeat("x", 16000))) != nil {
				break
			}
			sent += 16 << 10
		}
		if sent > 16<<20 {
			t.Errorf("the client could send %d MiB", sent>>20)
		}
		if grown := heapInUse() - before; grown > 8<<20 {
			t.Errorf("the heap grew by %d KiB", grown>>10)
		}
	})
	t.Run("an endless ClientHello", func(t *testing.T) {
		b := newFixture(t, setup{}, untouched)
		c, br := b.openTunnel(t, "example.com:443", "")
		status(t, br)
		_ = c.SetDeadline(time.Now().Add(time.Minute))
		_, _ = c.Write([]byte{22, 3, 1, 0x40, 0, 1, 0xff, 0xff, 0xff}) // a ClientHello of 16 MiB
		_, _ = c.Write(make([]byte, 0x4000-4))
		if _, err := io.Copy(io.Discard, c); err != nil {
			t.Errorf("after 16 KiB of a ClientHello of 16 MiB: %v, want EOF", err)
		}
	})
}
