package dial

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"detour/internal/flow"
	"detour/internal/proxyauth"
)

// A tunnel is a CONNECT in progress (RFC 9110, 9.3.6), with the authentication that the
// proxy asks for. The first request has no credentials, unless the proxy has asked for them
// on another connection: a proxy that wants NTLM isn't sent a password in clear text.
type tunnel struct {
	c      *call
	p      *Proxy
	target string
	raw    net.Conn
	stop   func() bool // ends the watch over a connection that replaced the first one
	br     *bufio.Reader
	limit  *io.LimitedReader

	auth   *proxyauth.Exchange // nil: no credentials so far
	left   []proxyauth.Method  // to be tried
	chosen bool                // left is what the proxy accepts
	failed []string            // why methods couldn't be used
}

// maxConnects is how many requests one tunnel may take: NTLM takes three, and a method that
// fails is followed by another one.
const maxConnects = 8

// httpConnect opens a tunnel through an HTTP proxy. If the proxy closes the connection
// along with its challenge, there is another one, which is recorded as another attempt. It
// closes the connection on error.
func (c *call) httpConnect(ctx context.Context, raw net.Conn, p *Proxy, target string) (conn net.Conn, via flow.Via, err error) {
	t := &tunnel{c: c, p: p, target: target, stop: func() bool { return true }}
	t.use(raw)
	defer func() {
		t.end()
		if t.stop(); err != nil {
			_ = t.raw.Close()
		}
	}()
	header := ""
	if m, ok := c.d.learned.get(p); ok {
		t.left = []proxyauth.Method{m}
		header, _ = t.next()
	}
	for range maxConnects {
		resp, err := t.request(header) //nolint:bodyclose // net/http reads no body of a response to CONNECT
		if err != nil {
			return nil, flow.Via{}, err
		}
		via = flow.Via{Status: resp.StatusCode}
		if resp.StatusCode/100 == 2 {
			if t.auth != nil {
				c.d.learned.put(p, t.auth.Method())
			}
			early, _ := t.br.Peek(t.br.Buffered())
			return &prefixedConn{Conn: t.raw, prefix: slices.Clone(early)}, via, nil
		}
		via.Headers = flow.Fields(resp.Header)
		goesOn, ok := false, false
		if resp.StatusCode == http.StatusProxyAuthRequired {
			header, goesOn, ok = t.answer(resp)
		}
		if !ok {
			via.Body = t.body(resp)
			return nil, via, t.refusal(resp)
		}
		if t.drain(resp) {
			continue
		}
		if goesOn {
			return nil, via, fmt.Errorf("it closes the connection that %s authenticates", t.auth.Scheme())
		}
		if err := t.reconnect(ctx); err != nil {
			return nil, via, err
		}
	}
	return nil, via, errors.New("it keeps asking for credentials")
}

// answer returns what answers a challenge: the next step of the method in use, which goes
// on with the connection, or the first one of the next method. ok is false if there is none.
func (t *tunnel) answer(resp *http.Response) (header string, goesOn, ok bool) {
	schemes, challenges := proxyauth.Parse(resp.Header.Values("Proxy-Authenticate"))
	if t.auth != nil {
		in := challenges[strings.ToLower(string(t.auth.Scheme()))]
		header, err := t.auth.Answer(in)
		if err == nil {
			return header, true, true
		}
		t.failed = append(t.failed, err.Error())
	}
	if !t.chosen {
		host, _, _ := net.SplitHostPort(t.p.authority)
		t.left, t.chosen = proxyauth.Methods(host, t.p.user, schemes), true
	}
	header, ok = t.next()
	return header, false, ok
}

// next begins the next method that has an answer; false: there is none.
func (t *tunnel) next() (header string, ok bool) {
	t.end()
	for len(t.left) > 0 {
		t.auth, t.left = t.left[0].Begin(), t.left[1:]
		header, err := t.auth.Answer("")
		if err == nil {
			return header, true
		}
		t.failed = append(t.failed, err.Error())
		t.end()
	}
	return "", false
}

// end ends the method in use.
func (t *tunnel) end() {
	if t.auth != nil {
		t.auth.Close()
		t.auth = nil
	}
}

// use takes a connection to the proxy.
func (t *tunnel) use(raw net.Conn) {
	t.raw = raw
	t.limit = &io.LimitedReader{R: raw, N: maxResponseHead}
	t.br = bufio.NewReader(t.limit)
}

// reconnect replaces the connection.
func (t *tunnel) reconnect(ctx context.Context) error {
	_ = t.raw.Close()
	raw, err := t.c.dialProxy(ctx, t.p)
	if err != nil {
		return err
	}
	t.stop()
	t.stop = context.AfterFunc(ctx, func() { _ = raw.SetDeadline(time.Unix(1, 0)) })
	t.use(raw)
	return nil
}

// request sends a CONNECT, and reads the response.
func (t *tunnel) request(authorization string) (*http.Response, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n", t.target, t.target)
	if authorization != "" {
		b.WriteString("Proxy-Authorization: " + authorization + "\r\n")
	}
	b.WriteString("\r\n")
	if _, err := io.WriteString(t.raw, b.String()); err != nil {
		return nil, err
	}
	t.limit.N = maxResponseHead
	resp, err := readResponse(t.br)
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		err = errors.New("it closed the connection without a response")
	}
	return resp, err
}

// body is the beginning of a refusal's page.
func (t *tunnel) body(resp *http.Response) string {
	if resp.ContentLength == 0 {
		return ""
	}
	text, _ := io.ReadAll(io.LimitReader(t.br, bodySize(resp)))
	return strings.ToValidUTF8(string(text), "\uFFFD")
}

// drain reads a response's page to its end, so that the connection takes another request;
// false: it doesn't.
func (t *tunnel) drain(resp *http.Response) bool {
	t.limit.N = maxResponseHead
	closes := resp.Close || strings.EqualFold(resp.Header.Get("Proxy-Connection"), "close")
	switch {
	case closes:
		return false
	case slices.Contains(resp.TransferEncoding, "chunked"):
		if _, err := io.Copy(io.Discard, httputil.NewChunkedReader(t.br)); err != nil {
			return false
		}
		_, err := t.br.ReadString('\n') // after the last chunk
		return err == nil
	case resp.ContentLength < 0:
		return false
	}
	_, err := io.CopyN(io.Discard, t.br, resp.ContentLength)
	return err == nil
}

// refusal is the error for a response other than 2xx.
func (t *tunnel) refusal(resp *http.Response) error {
	message := "it responded " + resp.Status
	if resp.StatusCode != http.StatusProxyAuthRequired {
		return errors.New(message)
	}
	schemes, _ := proxyauth.Parse(resp.Header.Values("Proxy-Authenticate"))
	message += "; it accepts " + strings.Join(schemes, " or ")
	if len(t.failed) > 0 {
		message += "; " + strings.Join(t.failed, "; ")
	}
	return errors.New(message + "; " + proxyauth.Help)
}

// learnedMethods are the methods that proxies have accepted. The zero value is empty.
type learnedMethods struct {
	mu sync.Mutex
	of map[string]proxyauth.Method // by the proxy's URL without credentials
}

func (l *learnedMethods) get(p *Proxy) (proxyauth.Method, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	m, ok := l.of[p.String()]
	return m, ok
}

func (l *learnedMethods) put(p *Proxy, m proxyauth.Method) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.of == nil {
		l.of = make(map[string]proxyauth.Method)
	}
	l.of[p.String()] = m
}

// PlainURL returns a proxy's URL for a plain request, which net/http sends to the proxy
// with the credentials of the URL, in clear text (Basic). It has none if the proxy wants
// something else, or if the user is one of a Windows domain. Don't print it.
func (d *Dialer) PlainURL(p *Proxy) *url.URL {
	u := &url.URL{Scheme: p.scheme, Host: p.authority, User: p.user}
	m, known := d.learned.get(p)
	if known && m.Scheme != proxyauth.Basic || p.user != nil && strings.Contains(p.user.Username(), `\`) {
		u.User = nil
	}
	return u
}
