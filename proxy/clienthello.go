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

// helloSize is how much of a tunnel's first bytes is read for the SNI. A ClientHello
// with a post-quantum key share has about 1.8 KiB.
const helloSize = 8 << 10

// errPeeked stops a handshake that was only begun to read the client's hello.
var errHelloRead = errors.New("ClientHello read")

// readClientHello returns SNI and ALPN of the ClientHello that first begins with, if it
// is one. crypto/tls parses it.
func readClientHello(first []byte) (serverName string, protocols []string) {
	if len(first) == 0 || first[0] != recordTypeHandshake {
		return "", nil
	}
	_ = tls.Server(helloConn{r: bytes.NewReader(first)}, &tls.Config{
		MinVersion: tls.VersionTLS12,
		GetConfigForClient: func(h *tls.ClientHelloInfo) (*tls.Config, error) {
			serverName, protocols = h.ServerName, slices.Clone(h.SupportedProtos)
			return nil, errHelloRead
		},
	}).HandshakeContext(context.Background())
	return serverName, protocols
}

// helloConn is a connection from which only a ClientHello can be read.
type helloConn struct {
	net.Conn
	r io.Reader
}

func (c helloConn) Read(b []byte) (int, error)  { return c.r.Read(b) }
func (c helloConn) Write(b []byte) (int, error) { return len(b), nil }
