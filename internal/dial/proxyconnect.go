package dial

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"golang.org/x/net/proxy"

	"detour/internal/flow"
)

const (
	// maxResponseHead limits the header section of a proxy's response, and
	// maxRefusalBody what is recorded of its page.
	maxResponseHead = 64 << 10
	maxRefusalBody  = 4 << 10
)

// connectViaProxy makes a connection to host through an upstream proxy. The record's
// Attempts are those to the proxy, and its Via has the proxy's response.
func (c *call) connectViaProxy(ctx context.Context, p *Proxy, host string, port uint16) (net.Conn, error) {
	c.info.UpstreamProxy = p.authority
	target := net.JoinHostPort(host, fmt.Sprint(port))
	if p.scheme == "socks5" {
		if err := c.resolve(ctx, host); err != nil {
			return nil, c.fail(flow.StageDNS, err)
		}
		target = net.JoinHostPort(c.info.Resolution.Addrs[0].String(), fmt.Sprint(port))
	}
	raw, err := c.dialProxy(ctx, p)
	if err != nil {
		return nil, c.fail(flow.StageUpstreamProxy, fmt.Errorf("upstream proxy %s: %w", p, err))
	}
	ctx, cancel := context.WithTimeout(ctx, c.d.cfg.HandshakeTimeout)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = raw.SetDeadline(time.Unix(1, 0)) })
	start := time.Now()
	conn, via, err := c.openTunnel(ctx, raw, p, target)
	if !stop() && err != nil {
		err = fmt.Errorf("no response to CONNECT: %w", contextError(ctx))
	}
	via.Resolution, via.Start, via.Took = c.info.Via.Resolution, start, max(1, time.Since(start))
	c.info.Via = &via
	if err != nil {
		via.Err = err.Error()
		_ = raw.Close()
		c.notify()
		return nil, c.fail(flow.StageUpstreamProxy, fmt.Errorf("upstream proxy %s: %w", p, err))
	}
	if c.info.Resolution == nil {
		c.info.Resolution = &flow.Resolution{
			Name: strings.ToLower(host), Source: flow.SourceProxied, Outcome: flow.DNSOK, Start: start,
		}
	}
	c.notify()
	return conn, nil
}

// dialProxy connects to the proxy itself.
func (c *call) dialProxy(ctx context.Context, p *Proxy) (net.Conn, error) {
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
	tc := tls.Client(raw, &tls.Config{
		ServerName: host, RootCAs: c.d.cfg.RootCAs, NextProtos: []string{"http/1.1"}, MinVersion: tls.VersionTLS12,
	})
	if err := c.doHandshake(ctx, tc); err != nil {
		_ = raw.Close()
		return nil, fmt.Errorf("TLS: %w", err)
	}
	return tc, nil
}

// openTunnel makes the proxy connect to target.
func (c *call) openTunnel(ctx context.Context, raw net.Conn, p *Proxy, target string) (net.Conn, flow.Via, error) {
	if p.HTTP() {
		return c.httpConnect(ctx, raw, p, target)
	}
	return raw, flow.Via{}, socksConnect(ctx, raw, p, target)
}

// readResponse reads a proxy's final response. It skips interim responses (RFC 9110,
// 15.2), which count towards the same limit.
func readResponse(br *bufio.Reader) (*http.Response, error) {
	for {
		resp, err := http.ReadResponse(br, &http.Request{Method: http.MethodConnect})
		if err != nil || resp.StatusCode/100 != 1 || resp.StatusCode == http.StatusSwitchingProtocols {
			return resp, err
		}
	}
}

// bodySize returns how much to read of the body of a proxy's refusal.
func bodySize(resp *http.Response) int64 {
	if resp.ContentLength > 0 {
		return min(resp.ContentLength, maxRefusalBody)
	}
	return maxRefusalBody
}

// socksConnect sends a CONNECT of SOCKS 5 (RFC 1928).
func socksConnect(ctx context.Context, raw net.Conn, p *Proxy, target string) error {
	var auth *proxy.Auth
	if p.user != nil {
		password, _ := p.user.Password()
		auth = &proxy.Auth{User: p.user.Username(), Password: password}
	}
	d, err := proxy.SOCKS5("tcp", p.authority, auth, existingConn{raw})
	if err != nil {
		return err
	}
	_, err = d.(proxy.ContextDialer).DialContext(ctx, "tcp", target) // returns raw in a wrapper that hides CloseWrite
	return err
}

// existingConn is a dialer that returns an established connection.
type existingConn struct{ conn net.Conn }

func (a existingConn) Dial(string, string) (net.Conn, error) { return a.conn, nil }

func (a existingConn) DialContext(context.Context, string, string) (net.Conn, error) {
	return a.conn, nil
}

// prefixedConn is a connection whose first bytes were read with the proxy's response.
type prefixedConn struct {
	net.Conn
	prefix []byte
}

func (b *prefixedConn) Read(p []byte) (int, error) {
	if len(b.prefix) == 0 {
		return b.Conn.Read(p)
	}
	n := copy(p, b.prefix)
	b.prefix = b.prefix[n:]
	return n, nil
}

// CloseWrite shuts down the writing side, or closes a connection that can't.
func (b *prefixedConn) CloseWrite() error {
	if h, ok := b.Conn.(interface{ CloseWrite() error }); ok {
		return h.CloseWrite()
	}
	return b.Close()
}
