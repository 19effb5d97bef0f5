package dial

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	"detour/internal/flow"
)

// handshake does a TLS handshake over conn and records its result, with the server's
// chain even if it isn't trusted.
func (c *call) handshake(ctx context.Context, conn net.Conn, name string, alpn []string) (*tls.Conn, error) {
	pending := flow.TLSInfo{ServerName: name, Start: time.Now()}
	if _, err := netip.ParseAddr(name); err == nil {
		pending.ServerName = "" // an IP address is verified, but not sent (RFC 6066, 3)
	}
	c.info.TLS = &pending
	c.notify()
	requested := false
	conf := &tls.Config{
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			requested = true
			if c.d.cfg.ClientCert == nil {
				return &tls.Certificate{}, nil
			}
			return c.d.cfg.ClientCert, nil
		},
		ServerName:         name,
		NextProtos:         alpn,
		RootCAs:            c.d.cfg.RootCAs,
		ClientSessionCache: c.d.sessions,
		MinVersion:         tls.VersionTLS12,
	}
	if c.d.cfg.SmallHello {
		conf.CurvePreferences = []tls.CurveID{tls.X25519, tls.CurveP256}
	}
	counted := &countedConn{Conn: conn}
	tc := tls.Client(counted, conf)
	err := c.doHandshake(ctx, tc)
	state := tc.ConnectionState()
	info := pending // a copy: pending is published
	info.Took, info.Outcome = max(1, time.Since(info.Start)), tlsOutcomeOf(err)
	chain := sentChain(state, err)
	info.Chain, info.Issued = flowCerts(chain), issuer(state, chain)
	info.ClientCert = clientCert(requested, c.d.cfg.ClientCert != nil)
	c.info.TLS = &info
	if err == nil {
		info.Version, info.ALPN = tls.VersionName(state.Version), state.NegotiatedProtocol
		c.notify()
		return tc, nil
	}
	info.Err, info.Received = err.Error(), counted.received.Load()
	if w := c.info.Winner(); w != nil && IsReset(err) {
		w.Outcome = flow.DialReset
	}
	c.notify()
	return nil, fmt.Errorf("TLS with %s: %w", c.info.Authority, err)
}

func clientCert(requested, have bool) flow.ClientCert {
	switch {
	case requested && have:
		return flow.ClientCertSent
	case requested:
		return flow.ClientCertMissing
	}
	return ""
}

// doHandshake does the handshake, with errors that are more specific than those of
// crypto/tls.
func (c *call) doHandshake(ctx context.Context, tc *tls.Conn) error {
	timeout := c.d.cfg.HandshakeTimeout
	hctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	err := tc.HandshakeContext(hctx)
	var header tls.RecordHeaderError
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return contextError(ctx)
	case hctx.Err() != nil && errors.Is(err, hctx.Err()):
		if counted, ok := tc.NetConn().(*countedConn); ok && counted.received.Load() > 0 {
			return &timeoutError{"the server didn't finish the TLS handshake", timeout}
		}
		return &timeoutError{"no response in the TLS handshake", timeout}
	case errors.As(err, &header) && string(header.RecordHeader[:]) == "HTTP/":
		return fmt.Errorf("%w: %w", ErrPlaintext, err)
	}
	return err
}

// A countedConn counts the bytes that are read from a connection.
type countedConn struct {
	net.Conn
	received atomic.Int64
}

// Read implements [net.Conn].
func (c *countedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.received.Add(int64(n))
	return n, err
}

// NetConn returns the connection that is counted; see [FromNetConn].
func (c *countedConn) NetConn() net.Conn { return c.Conn }

// sentChain returns the chain that the server sent, verified or not.
func sentChain(state tls.ConnectionState, err error) []*x509.Certificate {
	var verify *tls.CertificateVerificationError
	if errors.As(err, &verify) {
		return verify.UnverifiedCertificates
	}
	return state.PeerCertificates
}

// flowCerts converts a chain to what the record has of it.
func flowCerts(chain []*x509.Certificate) []flow.Cert {
	out := make([]flow.Cert, 0, len(chain))
	for _, c := range chain {
		sum := sha256.Sum256(c.Raw)
		names := append([]string(nil), c.DNSNames...)
		for _, ip := range c.IPAddresses {
			names = append(names, ip.String())
		}
		out = append(out, flow.Cert{
			Subject: c.Subject.String(), Issuer: c.Issuer.String(), NotAfter: c.NotAfter,
			Names: names, SHA256: hex.EncodeToString(sum[:]),
		})
	}
	return out
}
