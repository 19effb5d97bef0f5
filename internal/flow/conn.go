package flow

import (
	"net/netip"
	"time"
)

// A Conn is a connection to a server, from the lookup to the handshake. It outlives the
// request that started it and may carry many flows. Snapshots while it is being made have the
// same ID.
type Conn struct {
	ID            ID
	Authority     string // the requested host:port
	UpstreamProxy string // host:port of the proxy that made the connection; "" if detour did
	Start         time.Time
	Via           *Via          // the upstream proxy's part; nil if it wasn't used for connecting
	Resolution    *Resolution   // of the server's name; nil until the lookup starts
	Elsewhere     []DialAttempt // to the addresses of Resolution.Reference, for comparison; only with probe --reference
	Attempts      []DialAttempt // by start, including those that lost the race; to the upstream proxy, if there is one
	TLS           *TLSInfo      // nil for plain TCP, and until the handshake starts
}

// A Via is the upstream proxy's part in a connection: its address, and its response to
// CONNECT.
type Via struct {
	Resolution *Resolution // of the proxy's name
	Status     int         // of its response to CONNECT; 0 if there was none, and for SOCKS
	Headers    []Header
	Body       string // the beginning of the body of an error, as text
	Start      time.Time
	Took       time.Duration // from the CONNECT to the response
	Err        string        // "" if it connected
}

// A DialOutcome is the result of one TCP connect.
type DialOutcome string

// The outcomes of a dial attempt. DialPending is the only one that can change.
const (
	DialPending     DialOutcome = ""            // no response to the SYN yet
	DialConnected   DialOutcome = "connected"   // and used
	DialRefused     DialOutcome = "refused"     // RST in response to the SYN
	DialTimeout     DialOutcome = "timeout"     // no response until detour or the kernel gave up
	DialUnreachable DialOutcome = "unreachable" // no route, or an ICMP unreachable or prohibited
	DialReset       DialOutcome = "reset"       // accepted, then reset before use
	DialLost        DialOutcome = "lost"        // another attempt won the race
	DialCanceled    DialOutcome = "canceled"    // the client canceled
	DialError       DialOutcome = "error"       // anything else; Err has it
)

// A DialAttempt is one TCP connect to one address.
type DialAttempt struct {
	Addr      netip.AddrPort
	Outcome   DialOutcome
	Start     time.Time
	Took      time.Duration  // 0 while pending
	Local     netip.AddrPort // the local end; invalid if it isn't known
	Interface string         // the network interface of Local; "" if unknown
	Kind      InterfaceKind  // of the interface
	Kernel    *KernelTCP     // nil where the system doesn't report it
	Err       string         // the system's error; "" if connected
}

// An InterfaceKind is the kind of a network interface; "" if unknown.
type InterfaceKind string

// The kinds of interfaces.
const (
	KindLoopback InterfaceKind = "loopback"
	KindEthernet InterfaceKind = "ethernet"
	KindWiFi     InterfaceKind = "wi-fi"
	KindTunnel   InterfaceKind = "tunnel"  // a VPN's
	KindVirtual  InterfaceKind = "virtual" // of a bridge or a container
)

// KernelTCP is what the kernel reports about a connect (TCP_INFO on Linux).
type KernelTCP struct {
	SYNRetransmits int           // SYNs after the first
	State          string        // "SYN-SENT", "ESTABLISHED", as in ss(8); "" if unknown
	RTT            time.Duration // smoothed by the kernel; 0 until there was an answer
}

// Elapsed returns the duration of the attempt, until now if it is pending.
func (a DialAttempt) Elapsed(now time.Time) time.Duration {
	if a.Outcome == DialPending {
		return max(0, now.Sub(a.Start))
	}
	return a.Took
}

// Unanswered reports whether there was no response from the address: neither an accept nor a
// reset nor an ICMP error. An attempt that detour ended (lost, canceled) counts only if it
// had waited at least patience.
func (a DialAttempt) Unanswered(now time.Time, patience time.Duration) bool {
	switch a.Outcome {
	case DialTimeout:
		return true
	case DialPending, DialLost, DialCanceled:
		return a.Elapsed(now) >= patience
	case DialConnected, DialRefused, DialUnreachable, DialReset, DialError:
		return false
	}
	return false
}

// Winner returns the attempt that connected, or else one that was reset after it was
// accepted; nil if there is none.
func (c *Conn) Winner() *DialAttempt {
	if c == nil {
		return nil
	}
	for _, o := range []DialOutcome{DialConnected, DialReset} {
		for i := range c.Attempts {
			if c.Attempts[i].Outcome == o {
				return &c.Attempts[i]
			}
		}
	}
	return nil
}

// Decisive returns the attempt that decides the result: the winner, or else the last one; nil
// if there is none.
func (c *Conn) Decisive() *DialAttempt {
	if w := c.Winner(); w != nil || c == nil || len(c.Attempts) == 0 {
		return w
	}
	return &c.Attempts[len(c.Attempts)-1]
}

// A TLSOutcome is the result of a handshake.
type TLSOutcome string

// The outcomes of a TLS handshake.
const (
	TLSPending      TLSOutcome = ""
	TLSOK           TLSOutcome = "ok"
	TLSUntrusted    TLSOutcome = "untrusted"     // the chain's root isn't trusted
	TLSExpired      TLSOutcome = "expired"       // or not valid yet
	TLSNameMismatch TLSOutcome = "name-mismatch" // valid, but for other names
	TLSAlert        TLSOutcome = "alert"         // the server sent an alert
	TLSTimeout      TLSOutcome = "timeout"       // no response
	TLSReset        TLSOutcome = "reset"         // RST or FIN during the handshake
	TLSError        TLSOutcome = "error"
)

// A TLSInfo is one handshake with a server.
type TLSInfo struct {
	Outcome    TLSOutcome
	ServerName string // the SNI that was sent
	Version    string // "TLS 1.3"
	ALPN       string // "h2", "http/1.1", or ""
	Chain      []Cert // as sent by the server, leaf first
	Issued     Issuer // who issued Chain
	ClientCert ClientCert
	// SmallHello is the result of a second handshake after a timeout, with a ClientHello that
	// fits into one packet; "" if there was none. Only a probe does that.
	SmallHello TLSOutcome
	Start      time.Time
	Took       time.Duration // 0 while pending
	Err        string
}

// An Issuer is the kind of CA that issued a certificate; "" if there is none.
type Issuer string

// The kinds of issuers. AWS's endpoints have certificates of Amazon's CA, in a few partitions
// of other public CAs. Any other CA means that the connection is inspected.
const (
	IssuerAWS     Issuer = "aws"     // Amazon Trust Services
	IssuerPublic  Issuer = "public"  // with the log entries that browsers require (RFC 6962)
	IssuerPrivate Issuer = "private" // without them: a company's CA, or that of an inspecting proxy
)

// A ClientCert says how detour responded to a request for a client certificate.
type ClientCert string

// The kinds of ClientCert. "" means that the server requested none, or that the handshake
// ended before.
const (
	ClientCertSent    ClientCert = "sent"
	ClientCertMissing ClientCert = "missing" // the server requested one, and detour has none
)

// A Cert has the main fields of a certificate.
type Cert struct {
	Subject  string
	Issuer   string
	NotAfter time.Time
	Names    []string // DNS names and IP addresses
	SHA256   string   // of the DER, lower-case hex
}
