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
	"time"

	"detour/internal/flow"
)

var errHandshakeTimeout = errors.New("TLS handshake timeout reached")

// handshake speaks TLS over raw and records how it went, the server's chain
// included: also, and above all, when it isn't trusted.
func (c *call) handshake(ctx context.Context, raw net.Conn, name string, alpn []string) (net.Conn, error) {
	conn := &Conn{Conn: raw}
	info := flow.TLSInfo{ServerName: name, Start: time.Now()}
	c.info.TLS = &info
	c.tell()
	tc := tls.Client(conn, &tls.Config{
		ServerName:         name,
		NextProtos:         alpn,
		RootCAs:            c.d.cfg.RootCAs,
		ClientSessionCache: c.d.sessions,
		MinVersion:         tls.VersionTLS12,
	})
	hctx, cancel := context.WithTimeoutCause(ctx, c.d.cfg.HandshakeTimeout, errHandshakeTimeout)
	err := tc.HandshakeContext(hctx)
	if err != nil && context.Cause(hctx) == errHandshakeTimeout { //nolint:errorlint // our own sentinel, never wrapped
		err = fmt.Errorf("no answer to the TLS hello within %v: %w", c.d.cfg.HandshakeTimeout, errHandshakeTimeout)
	}
	cancel()
	end := info // the pending one is published
	end.Took = time.Since(info.Start)
	end.Outcome = tlsOutcomeOf(err)
	state := tc.ConnectionState()
	chain := state.PeerCertificates
	var verify *tls.CertificateVerificationError
	if errors.As(err, &verify) {
		chain = verify.UnverifiedCertificates
	}
	end.Chain = certs(chain)
	c.info.TLS = &end
	if err != nil {
		end.Err = err.Error()
		if w := c.info.Winner(); w != nil && end.Outcome == flow.TLSReset && isReset(err) {
			w.Outcome = flow.DialReset
		}
		c.tell()
		return nil, fmt.Errorf("TLS with %s: %w", c.info.Authority, err)
	}
	end.Version = tls.VersionName(state.Version)
	end.ALPN = state.NegotiatedProtocol
	conn.info.Store(c.snapshot())
	c.tell()
	return tc, nil
}

// certs is what a person needs to know of a chain.
func certs(chain []*x509.Certificate) []flow.Cert {
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
