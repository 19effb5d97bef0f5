package proxy

import (
	"bufio"
	"io"
	"net/http"
	"net/textproto"
	"strings"
	"testing"
)

// sentHead returns the head that the server gets when the client sends request, which ends
// before the empty line, over HTTP/1.1.
func sentHead(t *testing.T, request, response string) (sent textproto.MIMEHeader, resp *http.Response) {
	t.Helper()
	heads := make(chan textproto.MIMEHeader, 1)
	s := newScriptedServer(t, false, func(p *peer) {
		r := textproto.NewReader(p.br)
		_, _ = r.ReadLine()
		h, _ := r.ReadMIMEHeader()
		heads <- h
		p.write(response)
		p.drain()
	})
	tc := s.openTLS(t, "http/1.1")
	_, _ = io.WriteString(tc, request+"Host: example.com\r\n\r\n")
	resp, err := http.ReadResponse(bufio.NewReader(tc), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = resp.Body.Close() })
	return <-heads, resp
}

const okEmpty = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

// A field that Connection names, and those that always concern one connection, end at the
// proxy (RFC 9110, 7.6.1); all others pass.
func TestHopByHop_fieldsOfARequestEndAtTheProxy(t *testing.T) {
	for name, v := range map[string]struct{ fields, pass, end string }{
		"named by Connection":      {"Connection: close, X-Hop\r\nX-Hop: 1\r\nX-End: 2\r\n", "X-End", "X-Hop Connection"},
		"named twice, in any case": {"connection: x-hop\r\nCONNECTION: X-hOP2\r\nX-Hop: 1\r\nX-Hop2: 1\r\n", "", "X-Hop X-Hop2 Connection"},
		"the usual ones": {
			"Keep-Alive: timeout=5\r\nProxy-Connection: keep-alive\r\nProxy-Authorization: Basic x\r\n", "", "Keep-Alive Proxy-Connection Proxy-Authorization",
		},
		"TE":                      {"Connection: TE\r\nTE: identity\r\n", "", "TE Connection"},
		"TE, with trailers":       {"Connection: TE\r\nTE: gzip, trailers;q=0.5\r\n", "TE", "Connection"},
		"an upgrade to HTTP/2":    {"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n", "", "Connection Upgrade Http2-Settings"},
		"an upgrade without name": {"Upgrade: websocket\r\n", "", "Upgrade"},
		"a WebSocket": {
			"Connection: keep-alive, Upgrade, X-Hop\r\nUpgrade: websocket\r\nX-Hop: 1\r\nKeep-Alive: 1\r\nSec-WebSocket-Key: x\r\n",
			"Upgrade Connection Sec-Websocket-Key", "X-Hop Keep-Alive",
		},
	} {
		t.Run(name, func(t *testing.T) {
			sent, resp := sentHead(t, "GET / HTTP/1.1\r\n"+v.fields, okEmpty)
			if resp.StatusCode != http.StatusOK {
				t.Errorf("status %d", resp.StatusCode)
			}
			for _, field := range strings.Fields(v.pass) {
				if sent.Get(field) == "" {
					t.Errorf("%s didn't pass: %v", field, sent)
				}
			}
			for _, field := range strings.Fields(v.end) {
				if got, ok := sent[textproto.CanonicalMIMEHeaderKey(field)]; ok {
					t.Errorf("%s passed: %q", field, got)
				}
			}
			if te := sent.Get("TE"); te != "" && te != "trailers" {
				t.Errorf("TE: %s", te)
			}
		})
	}
}

func TestHopByHop_fieldsOfAResponseEndAtTheProxy(t *testing.T) {
	for _, h2 := range []bool{false, true} {
		s := newScriptedServer(t, false, func(p *peer) {
			p.request()
			p.write("HTTP/1.1 200 OK\r\nConnection: X-Hop, x-other\r\nX-Hop: 1\r\nX-Other: 2\r\nX-End: 3\r\n" +
				"Keep-Alive: timeout=5\r\nProxy-Connection: close\r\nUpgrade: h2,h2c\r\nContent-Length: 0\r\n\r\n")
			p.drain()
		})
		resp := get(t, s.client(t, h2), "https://example.com/")
		for _, field := range []string{"Connection", "X-Hop", "X-Other", "Keep-Alive", "Proxy-Connection", "Upgrade"} {
			if v, ok := resp.Header[field]; ok {
				t.Errorf("%s passed: %q", field, v)
			}
		}
		if resp.Header.Get("X-End") != "3" {
			t.Errorf("X-End didn't pass: %v", resp.Header)
		}
	}
}

// TE: identity is valid over HTTP/1.1; over HTTP/2 only "trailers" is (RFC 9113, 8.2.2).
func TestHopByHop_teIdentityReachesAnHTTP2Server(t *testing.T) {
	b := newFixture(t, setup{h2: true}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Header.Get("TE")+".")
	}))
	tc := b.openTLS(t, "http/1.1")
	_, _ = io.WriteString(tc, "GET / HTTP/1.1\r\nHost: example.com\r\nTE: identity\r\nConnection: TE, close\r\n\r\n")
	resp, err := http.ReadResponse(bufio.NewReader(tc), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if got, _ := io.ReadAll(resp.Body); resp.StatusCode != http.StatusOK || string(got) != "." {
		t.Errorf("%d %q", resp.StatusCode, got)
	}
}

// A server that switches protocols without having been asked has broken the connection.
func TestHopByHop_anUnaskedUpgradeIsAFailure(t *testing.T) {
	_, resp := sentHead(t, "GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n",
		"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
	if resp.StatusCode != http.StatusBadGateway {
		t.Errorf("status %d, want 502", resp.StatusCode)
	}
}
