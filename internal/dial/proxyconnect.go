package dial

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/proxy"

	"detour/internal/flow"
)

const (
	// proxyAnswerSize bounds the header section of a proxy's answer, and
	// proxyBodySize what is kept of its page: the first screen says what it wants.
	proxyAnswerSize = 64 << 10
	proxyBodySize   = 4 << 10
)

// via makes a connection to target by way of an upstream proxy. How the proxy was
// reached is in the record's attempts; what it answered is beside them.
func (c *call) via(ctx context.Context, p *Proxy, host string, port uint16) (net.Conn, error) {
	c.info.UpstreamProxy = p.authority
	target := net.JoinHostPort(host, fmt.Sprint(port))
	if p.scheme == "socks5" {
		if err := c.resolve(ctx, host); err != nil {
			return nil, c.fail(flow.StageDNS, err)
		}
		target = net.JoinHostPort(c.info.Resolution.Addrs[0].String(), fmt.Sprint(port))
	}
	raw, err := c.reach(ctx, p)
	if err != nil {
		return nil, c.fail(flow.StageUpstreamProxy, fmt.Errorf("upstream proxy %s: %w", p, err))
	}
	ctx, cancel := context.WithTimeout(ctx, c.d.cfg.HandshakeTimeout)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = raw.SetDeadline(time.Unix(1, 0)) })
	start := time.Now()
	conn, answer, err := ask(ctx, raw, p, target)
	if !stop() && err != nil {
		err = fmt.Errorf("no answer to our CONNECT: %w", ended(ctx))
	}
	answer.Resolution, answer.Start, answer.Took = c.info.Via.Resolution, start, max(1, time.Since(start))
	c.info.Via = &answer
	if err != nil {
		answer.Err = err.Error()
		_ = raw.Close()
		c.tell()
		return nil, c.fail(flow.StageUpstreamProxy, fmt.Errorf("upstream proxy %s: %w", p, err))
	}
	if c.info.Resolution == nil {
		c.info.Resolution = &flow.Resolution{Name: strings.ToLower(host), Source: flow.SourceProxied, Outcome: flow.DNSOK, Start: start}
	}
	c.tell()
	return conn, nil
}

// reach connects to the proxy itself.
func (c *call) reach(ctx context.Context, p *Proxy) (net.Conn, error) {
	host, port, err := splitAuthority(p.authority)
	if err != nil {
		return nil, err
	}
	target := c.info.Resolution
	err = c.resolve(ctx, host)
	c.info.Via = &flow.Via{Resolution: c.info.Resolution}
	var raw net.Conn
	if err == nil {
		raw, err = c.race(ctx, port)
	}
	c.info.Resolution = target
	if err != nil || p.scheme != "https" {
		return raw, err
	}
	tc := tls.Client(raw, &tls.Config{ServerName: host, RootCAs: c.d.cfg.RootCAs, NextProtos: []string{"http/1.1"}, MinVersion: tls.VersionTLS12})
	if err := c.shake(ctx, tc); err != nil {
		_ = raw.Close()
		return nil, fmt.Errorf("TLS: %w", err)
	}
	return tc, nil
}

// ask has the proxy connect to target.
func ask(ctx context.Context, raw net.Conn, p *Proxy, target string) (net.Conn, flow.Via, error) {
	if p.HTTP() {
		return connectVia(raw, p, target)
	}
	return raw, flow.Via{}, socksVia(ctx, raw, p, target)
}

// connectVia is a CONNECT (RFC 9110, 9.3.6).
func connectVia(raw net.Conn, p *Proxy, target string) (net.Conn, flow.Via, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n", target, target)
	if p.user != nil {
		password, _ := p.user.Password()
		b.WriteString("Proxy-Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(p.user.Username()+":"+password)) + "\r\n")
	}
	b.WriteString("\r\n")
	if _, err := io.WriteString(raw, b.String()); err != nil {
		return nil, flow.Via{}, err
	}
	limit := &io.LimitedReader{R: raw, N: proxyAnswerSize}
	br := bufio.NewReader(limit)
	resp, err := readAnswer(br) //nolint:bodyclose // an answer to CONNECT has none (RFC 9110, 9.3.6)
	if err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
			err = errors.New("it closed the connection without an answer")
		}
		return nil, flow.Via{}, err
	}
	answer := flow.Via{Status: resp.StatusCode}
	if resp.StatusCode/100 == 2 {
		early, _ := br.Peek(br.Buffered())
		return &begun{Conn: raw, early: slices.Clone(early)}, answer, nil
	}
	answer.Headers = flow.Fields(resp.Header)
	if resp.ContentLength != 0 { // net/http reads no body of an answer to CONNECT
		text, _ := io.ReadAll(io.LimitReader(br, bodySize(resp)))
		answer.Body = strings.ToValidUTF8(string(text), "\uFFFD")
	}
	return nil, answer, refusal(resp)
}

// readAnswer reads a proxy's final answer; interim ones (RFC 9110, 15.2) are
// passed over, and share its limit.
func readAnswer(br *bufio.Reader) (*http.Response, error) {
	for {
		resp, err := http.ReadResponse(br, &http.Request{Method: http.MethodConnect})
		if err != nil || resp.StatusCode/100 != 1 || resp.StatusCode == http.StatusSwitchingProtocols {
			return resp, err
		}
	}
}

// bodySize is how much of a refusing proxy's page is waited for.
func bodySize(resp *http.Response) int64 {
	if resp.ContentLength > 0 {
		return min(resp.ContentLength, proxyBodySize)
	}
	return proxyBodySize
}

// refusal puts a proxy's no into words.
func refusal(resp *http.Response) error {
	said := "it answered " + resp.Status
	if resp.StatusCode == http.StatusProxyAuthRequired {
		var schemes []string
		for _, v := range resp.Header.Values("Proxy-Authenticate") {
			scheme, _, _ := strings.Cut(v, " ")
			schemes = append(schemes, scheme)
		}
		said += "; it wants " + strings.Join(schemes, " or ") + ", and detour can do Basic: http://user:password@host:port"
	}
	return errors.New(said)
}

// socksVia is a CONNECT of SOCKS 5 (RFC 1928).
func socksVia(ctx context.Context, raw net.Conn, p *Proxy, target string) error {
	var auth *proxy.Auth
	if p.user != nil {
		password, _ := p.user.Password()
		auth = &proxy.Auth{User: p.user.Username(), Password: password}
	}
	d, err := proxy.SOCKS5("tcp", p.authority, auth, already{raw})
	if err != nil {
		return err
	}
	_, err = d.(proxy.ContextDialer).DialContext(ctx, "tcp", target) // raw, in a wrapper that hides CloseWrite
	return err
}

// already "dials" a connection that is up.
type already struct{ conn net.Conn }

func (a already) Dial(string, string) (net.Conn, error) { return a.conn, nil }

func (a already) DialContext(context.Context, string, string) (net.Conn, error) { return a.conn, nil }

// begun is a connection whose first bytes came along with the proxy's answer.
type begun struct {
	net.Conn
	early []byte
}

func (b *begun) Read(p []byte) (int, error) {
	if len(b.early) == 0 {
		return b.Conn.Read(p)
	}
	n := copy(p, b.early)
	b.early = b.early[n:]
	return n, nil
}

// CloseWrite passes a half-close on.
func (b *begun) CloseWrite() error {
	if h, ok := b.Conn.(interface{ CloseWrite() error }); ok {
		return h.CloseWrite()
	}
	return b.Close()
}
