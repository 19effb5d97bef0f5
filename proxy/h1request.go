package proxy

import (
	"bytes"
	"time"

	"detour/internal/http1"
)

// An h1Request is a request that an h1Conn serves. It is whole: head and body are in the
// connection's inbox.
type h1Request struct {
	http1.Request
	body []byte // valid until its exchange ends
	size int    // in the inbox
}

const (
	// maxPlainHead is above what browsers send: a console's cookies take 4 to 8 KiB.
	maxPlainHead = 32 << 10
	// bodyWait is how long the rest of a short body may take to follow its head. Clients often
	// send it in another packet.
	bodyWait = 10 * time.Millisecond
	// deadlineSlack is how much earlier than clientIdleTimeout an idle connection may end. It
	// saves setting the deadline for each request.
	deadlineSlack = 30 * time.Second
)

// readRequest waits for the next request and reads it. It leaves a request in the inbox that
// isn't plain.
func (c *h1Conn) readRequest(r *h1Request) nextStep {
	if c.in.len() == 0 && !c.awaitRequest() {
		return end
	}
	c.busy.Store(true)
	head, seen := 0, 0
	for read := false; ; read = true {
		c.skipEmptyLine()
		if head = http1.EndOfHead(c.in.bytes(), seen); head > 0 {
			break
		}
		seen = c.in.len()
		if c.in.len() > maxPlainHead {
			return handOver
		}
		if !read {
			c.setReadDeadline(time.Now().Add(readHeaderTimeout))
		}
		if c.in.fill(c.Conn) != nil {
			return end
		}
	}
	c.afterPOST = false
	var err error
	r.Request, err = http1.ParseRequest(string(c.in.bytes()[:head]))
	if err != nil || head > maxPlainHead || !c.isPlain(&r.Request) {
		return handOver
	}
	r.size = head + int(r.Body.Length)
	if c.in.len() < r.size && !c.awaitBody(r.size) {
		return handOver
	}
	r.body = c.in.bytes()[head:r.size]
	c.afterPOST = r.Method == "POST"
	return stay
}

// skipEmptyLine skips an empty line before a request, as old clients send it after a POST
// (RFC 9112, 2.2).
func (c *h1Conn) skipEmptyLine() {
	if c.afterPOST && bytes.HasPrefix(c.in.bytes(), []byte("\r\n")) {
		c.in.use(2)
		c.afterPOST = false
	}
}

// awaitRequest waits until the next request begins, and reports whether one does.
func (c *h1Conn) awaitRequest() bool {
	c.in.release()
	c.busy.Store(false)
	if c.p.ownConns.draining.Load() {
		return false
	}
	if now := time.Now(); c.deadline.Sub(now) < clientIdleTimeout-deadlineSlack {
		c.deadline = now.Add(clientIdleTimeout)
		_ = c.SetReadDeadline(c.deadline)
	}
	return c.in.fill(c.Conn) == nil
}

// setReadDeadline sets another deadline than that of an idle connection.
func (c *h1Conn) setReadDeadline(t time.Time) {
	c.deadline = time.Time{}
	_ = c.SetReadDeadline(t)
}

// awaitBody waits a moment until the inbox has size bytes, and reports whether it does.
func (c *h1Conn) awaitBody(size int) bool {
	c.setReadDeadline(time.Now().Add(c.p.bodyWait))
	for c.in.len() < size {
		if c.in.fill(c.Conn) != nil {
			return false
		}
	}
	return true
}

// isPlain reports whether a request is one that an h1Conn serves: of HTTP/1.1, for the authority
// of the connection, without a body or with a short one of known length, and without a field
// that asks more of the proxy than to forward it.
func (c *h1Conn) isPlain(r *http1.Request) bool {
	if r.Minor != 1 || r.Body.Kind > http1.WithLength || r.Body.Length > maxBodyPrefix || r.Method == "CONNECT" || !http1.IsPath(r.Target) {
		return false
	}
	hosts := 0
	for i := range r.Fields {
		h := &r.Fields[i]
		switch len(h.Name) {
		case len("Host"):
			if http1.Is(h.Name, "host") {
				hosts++
				if !c.isFor(h.Value) {
					return false
				}
			}
		case len("Connection"):
			if http1.Is(h.Name, "connection") && !http1.Is(h.Value, "keep-alive") {
				return false
			}
		case len("TE"):
			if http1.Is(h.Name, "te") {
				return false
			}
		case len("Expect"):
			if http1.Is(h.Name, "expect") {
				return false
			}
		case len("Upgrade"):
			if http1.Is(h.Name, "upgrade") || http1.Is(h.Name, "trailer") {
				return false
			}
		}
	}
	return hosts == 1 && !c.p.leadsToSelf(c.server)
}

// isFor reports whether a Host field names the authority of the connection.
func (c *h1Conn) isFor(host string) bool {
	return host == c.host || sameAuthority(host, c.tunnel.authority, c.tunnel.scheme)
}
