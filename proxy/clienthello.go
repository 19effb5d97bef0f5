package proxy

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"slices"
)

// helloSize is as much of a client's first bytes as is looked at for its SNI. A
// hello with a post-quantum key share has about 1.8 KiB.
const helloSize = 8 << 10

// errPeeked stops a handshake that was only begun to read the client's hello.
var errPeeked = errors.New("ClientHello read")

// readClientHello reads SNI and ALPN out of the beginning of a TLS connection;
// nothing if it isn't one, or has none. The standard library does the parsing.
func readClientHello(first []byte) (serverName string, protocols []string) {
	if len(first) == 0 || first[0] != recordTypeHandshake {
		return "", nil
	}
	_ = tls.Server(helloConn{r: bytes.NewReader(first)}, &tls.Config{
		MinVersion: tls.VersionTLS12,
		GetConfigForClient: func(h *tls.ClientHelloInfo) (*tls.Config, error) {
			serverName, protocols = h.ServerName, slices.Clone(h.SupportedProtos)
			return nil, errPeeked
		},
	}).HandshakeContext(context.Background())
	return serverName, protocols
}

// helloConn is a connection that has nothing but a hello to read.
type helloConn struct {
	net.Conn
	r io.Reader
}

func (c helloConn) Read(b []byte) (int, error)  { return c.r.Read(b) }
func (c helloConn) Write(b []byte) (int, error) { return len(b), nil }
