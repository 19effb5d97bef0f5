package proxy

import (
	"bufio"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"testing"

	"detour/internal/flow"
)

// hintedAnswer has an interim response before the final one.
const hintedAnswer = "HTTP/1.1 103 Early Hints\r\nConnection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nLink: </a>\r\n\r\n" + okEmpty

// HTTP/2 clients take a response with such a field for malformed (RFC 9113, 8.2.2).
func TestInterim_fieldsOfOneConnectionEndAtTheProxy(t *testing.T) {
	for _, h2 := range []bool{false, true} {
		s := newScriptedServer(t, false, func(p *peer) {
			p.request()
			p.write(hintedAnswer)
			p.drain()
		})
		var got http.Header
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{Got1xxResponse: func(_ int, h textproto.MIMEHeader) error {
			got = http.Header(h).Clone()
			return nil
		}})
		req, _ := http.NewRequestWithContext(ctx, http.MethodGet, "https://example.com/", nil)
		resp, err := s.client(t, h2).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if len(got) != 1 || got.Get("Link") != "</a>" {
			t.Errorf("the interim response has %v", got)
		}
	}
}

// A client of HTTP/1.0 would take it for the final response (RFC 9110, 15.2).
func TestInterim_noneIsSentToAnHTTP10Client(t *testing.T) {
	s := newScriptedServer(t, false, func(p *peer) {
		p.request()
		p.write(hintedAnswer)
		p.drain()
	})
	tc := s.openTLS(t, "http/1.1")
	_, _ = io.WriteString(tc, "GET / HTTP/1.0\r\nHost: example.com\r\n\r\n")
	if got := rawStatus(t, bufio.NewReader(tc)); got != "HTTP/1.0 200 OK" {
		t.Errorf("the client got %q first", got)
	}
}

// net/http's server panics at such a status, and the record had a response without a failure.
func TestRoundTrip_anInvalidStatusIsAFailure(t *testing.T) {
	for name, play := range map[string]script{
		"099":        func(p *peer) { p.request(); p.write("HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n"); p.drain() },
		"000":        func(p *peer) { p.request(); p.write("HTTP/1.1 000 Odd\r\nContent-Length: 0\r\n\r\n"); p.drain() },
		"1000 in h2": func(p *peer) { p.request(); p.head(true, ":status", "1000"); p.drain() },
	} {
		t.Run(name, func(t *testing.T) {
			s := newScriptedServer(t, name == "1000 in h2", play)
			if resp := sendRequest(t, s.client(t, true), http.MethodGet, ""); resp.StatusCode != http.StatusBadGateway {
				t.Errorf("the client got %d", resp.StatusCode)
			}
			if f := s.sink.finals(t, 1)[0]; f.Failure == nil || f.Failure.Stage != flow.StageWait || f.Response != nil {
				t.Errorf("failure %+v, response %+v", f.Failure, f.Response)
			}
		})
	}
}
