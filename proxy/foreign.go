package proxy

import (
	"bytes"
	"fmt"
	"net"
	"sync"
	"time"

	"detour/internal/flow"
	"detour/internal/wording"
)

// A foreignProtocol is one that clients speak to the proxy's port by mistake.
type foreignProtocol struct {
	name   string // what the client spoke
	method string // of the row
	scheme string // by which the client reached the port
	hint   string // what to change; %s is the proxy's address
	answer string // in that protocol: the proxy doesn't speak it
}

var (
	foreignTLS = &foreignProtocol{
		name: "TLS", method: "TLS", scheme: "https", hint: "configure http://%s as its HTTP proxy, not https://",
		answer: "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n" +
			"detour: this is an HTTP proxy without TLS: use http://, not https://, as its address\n",
	}
	foreignSOCKS4 = &foreignProtocol{
		name: "SOCKS 4", method: "SOCKS4", scheme: "socks4", hint: "configure http://%s as its HTTP proxy, not as a SOCKS proxy",
		answer: "\x00\x5b\x00\x00\x00\x00\x00\x00", // request rejected
	}
	foreignSOCKS5 = &foreignProtocol{
		name: "SOCKS 5", method: "SOCKS5", scheme: "socks5", hint: "configure http://%s as its HTTP proxy, not as a SOCKS proxy",
		answer: "\x05\xff", // no acceptable methods (RFC 1928, 3)
	}
	foreignHTTP2 = &foreignProtocol{
		name: "HTTP/2 without an HTTP/1.1 request before it", method: "PRI", scheme: "http",
		hint: "let it speak HTTP/1.1 to http://%s; HTTP/2 works inside a CONNECT",
		// Empty SETTINGS, and GOAWAY with HTTP_1_1_REQUIRED (RFC 9113, 6.5, 6.8, 7).
		answer: "\x00\x00\x00\x04\x00\x00\x00\x00\x00" + "\x00\x00\x08\x07\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x0d",
	}
	foreignOther = &foreignProtocol{
		name: "a protocol that isn't HTTP", method: "UNKNOWN", scheme: "tcp", hint: "configure http://%s as its HTTP proxy, or another port",
		answer: "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n" +
			"detour: this is an HTTP proxy\n",
	}
)

// http2Preface begins the connection preface of HTTP/2 (RFC 9113, 3.4).
var http2Preface = []byte("PRI * HTTP/2.0\r\n")

// foreignProtocolOf returns what a client speaks whose first bytes these are; nil: HTTP/1,
// or something that net/http's server rejects itself.
func foreignProtocolOf(first []byte) *foreignProtocol {
	second := byte(0)
	if len(first) > 1 {
		second = first[1]
	}
	switch {
	case len(first) == 0:
		return nil
	case first[0] == recordTypeHandshake && (len(first) < 2 || second == 3): // RFC 8446, 5.1
		return foreignTLS
	case first[0] == 4 && (second == 1 || second == 2): // CONNECT or BIND
		return foreignSOCKS4
	case first[0] == 5: // RFC 1928, 3
		return foreignSOCKS5
	case bytes.HasPrefix(first, http2Preface):
		return foreignHTTP2
	case bytes.HasPrefix(first, []byte("SSH-")): // RFC 4253, 4.2
		return foreignOther
	case first[0] <= ' ' && first[0] != '\r' && first[0] != '\n' || first[0] >= 0x7f: // no method begins so
		return foreignOther
	}
	line, _, whole := bytes.Cut(first, []byte("\n"))
	if whole && len(bytes.TrimSpace(line)) > 0 && !bytes.Contains(line, []byte(" HTTP/")) {
		return foreignOther
	}
	return nil
}

// foreignInterval is how often clients that speak the same foreign protocol are reported:
// a misconfigured program may connect thousands of times.
const foreignInterval = 10 * time.Minute

// foreignClients counts the clients that speak a foreign protocol. The zero value is ready
// to use.
type foreignClients struct {
	mu   sync.Mutex
	seen map[*foreignProtocol]*foreignCount // at most one for each protocol
}

type foreignCount struct {
	reported time.Time
	since    int // connections that were not reported
}

// add counts a client and returns whether to report it, and how many weren't reported
// before.
func (c *foreignClients) add(f *foreignProtocol, now time.Time) (unreported int, report bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.seen == nil {
		c.seen = make(map[*foreignProtocol]*foreignCount)
	}
	n := c.seen[f]
	if n == nil {
		n = &foreignCount{}
		c.seen[f] = n
	}
	if !n.reported.IsZero() && now.Sub(n.reported) < foreignInterval {
		n.since++
		return 0, false
	}
	unreported, n.since, n.reported = n.since, 0, now
	return unreported, true
}

// rejectForeign answers a client that doesn't speak HTTP, and reports it as a row and a
// notice, at most once in foreignInterval for each protocol.
func (p *Proxy) rejectForeign(c net.Conn, f *foreignProtocol) {
	if !p.work.Enter() {
		return
	}
	defer p.work.Leave()
	_ = c.SetWriteDeadline(time.Now().Add(handshakeTimeout))
	_, _ = c.Write([]byte(f.answer))
	now := time.Now()
	unreported, report := p.foreign.add(f, now)
	if !report {
		return
	}
	address := c.LocalAddr().String()
	text := fmt.Sprintf("a client spoke %s to the proxy's port: "+f.hint, f.name, address)
	if unreported > 0 {
		text += fmt.Sprintf(" (and %s since the last report)", wording.Count(unreported, "connection"))
	}
	if p.cfg.Notice != nil {
		p.cfg.Notice(text)
	}
	p.cfg.Log.Warn("client", "protocol", f.name, "address", c.RemoteAddr().String())
	p.put(&flow.Flow{
		ID: p.nextID(), Rev: 1, Source: flow.SourceProxy, State: flow.StateDone,
		Request: flow.Request{
			Method: f.method, URL: f.scheme + "://" + address + "/", Headers: []flow.Header{{Name: "Host", Value: address}},
		},
		Failure: &flow.Failure{Stage: flow.StageProxy, Message: text},
		Times:   flow.Times{Start: now, Done: now},
	})
}
