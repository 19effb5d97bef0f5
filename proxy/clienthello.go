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

// helloSize limits how much of a client's first bytes is parsed for its SNI. A
// ClientHello with a post-quantum key share has about 1.8 KiB.
const helloSize = 8 << 10

// errHelloRead stops a handshake that was only started to parse the ClientHello.
var errHelloRead = errors.New("ClientHello read")

// readClientHello returns the SNI and ALPN protocols in the beginning of a TLS
// connection, if first is one and has them. crypto/tls does the parsing.
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

// helloConn is a connection from which only r can be read.
type helloConn struct {
	net.Conn
	r io.Reader
}

func (c helloConn) Read(b []byte) (int, error)  { return c.r.Read(b) }
func (c helloConn) Write(b []byte) (int, error) { return len(b), nil }
