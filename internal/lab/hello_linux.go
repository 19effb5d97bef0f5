package lab

import (
	"crypto/tls"
	"errors"
	"net"
	"time"

	"detour/internal/demo"
)

// A greeter answers ClientHellos as a case has it.
type greeter struct {
	state func() Case

	own     tls.Certificate // of all simulated hosts
	other   tls.Certificate // of another service's endpoint
	expired tls.Certificate // of one endpoint
	foreign tls.Certificate // of a portal; no client knows its root
}

func newGreeter(ca *demo.Authority, state func() Case) (*greeter, error) {
	strangers, err := demo.NewAuthority()
	if err != nil {
		return nil, err
	}
	g := &greeter{state: state}
	for _, c := range []struct {
		to    *tls.Certificate
		ca    *demo.Authority
		until time.Time
		names []string
	}{
		{&g.own, ca, ca.Root().NotAfter, demo.Hosts()},
		{&g.other, ca, ca.Root().NotAfter, []string{"sqs." + demo.Region + ".amazonaws.com"}},
		{&g.expired, ca, time.Now().AddDate(0, 0, -3), []string{demo.MetricsHost}},
		{&g.foreign, strangers, ca.Root().NotAfter, []string{"portal.example.net"}},
	} {
		if *c.to, err = c.ca.IssueUntil(c.until, c.names...); err != nil {
			return nil, err
		}
	}
	return g, nil
}

// configFor resets the connection in place of an answer where a filter does so.
func (g *greeter) configFor(hello *tls.ClientHelloInfo) (*tls.Config, error) {
	c := g.state()
	if c == CaseSNIReset && isEndpoint(hello.ServerName) {
		if tcp, ok := hello.Conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // an RST, in place of a FIN
		}
		_ = hello.Conn.Close()
		return nil, errors.New("filtered")
	}
	config := &tls.Config{GetCertificate: g.certificateFor, NextProtos: []string{"h2", "http/1.1"}, MinVersion: tls.VersionTLS12}
	if c == CaseEmpty && isEndpoint(hello.ServerName) {
		config.NextProtos = []string{"http/1.1"} // HTTP/2 has a way to say that a request was not handled
	}
	if c == CasePortal || c == CaseExpired || c == CaseWrongEndpoint {
		config.SessionTicketsDisabled = true // a client that resumes a session gets no certificate
	}
	return config, nil
}

func (g *greeter) certificateFor(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	switch c := g.state(); {
	case c == CaseWrongEndpoint && isEndpoint(hello.ServerName):
		return &g.other, nil
	case c == CaseExpired && hello.ServerName == demo.MetricsHost:
		return &g.expired, nil
	case c == CasePortal:
		return &g.foreign, nil
	}
	return &g.own, nil
}

// isEndpoint returns whether a name is that of an interface endpoint.
func isEndpoint(host string) bool { return demo.PrivateIPs()[host] != nil }
