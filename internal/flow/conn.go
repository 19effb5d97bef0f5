package flow

import (
	"net/netip"
	"time"
)

// A Conn is one way to a server, from name to handshake. It outlives the
// request that started it and may carry many flows. Snapshots taken while it
// is being made have the same ID and fewer facts.
type Conn struct {
	ID            ID
	Authority     string // host:port that was asked for
	UpstreamProxy string // authority of the proxy that dialed for us; "" if we did
	Start         time.Time
	Via           *Via          // the upstream proxy's part; nil if it wasn't asked to connect
	Resolution    *Resolution   // of the server's name; nil until DNS was asked
	Elsewhere     []DialAttempt // to the addresses of Resolution.Reference, to compare with; only a probe that is told to tries
	Attempts      []DialAttempt // by start, losers of the race included; to the upstream proxy, if there is one
	TLS           *TLSInfo      // nil for plain TCP, and until the handshake began
}

// A Via is the upstream proxy's part in a connection: where it is, and what it
// answered to being asked for the connection.
type Via struct {
	Resolution *Resolution // of the proxy's own name
	Status     int         // of its answer to our CONNECT; 0 if none came, and for SOCKS
	Headers    []Header
	Body       string // of a refusal, the beginning, as text
	Start      time.Time
	Took       time.Duration // from the question to the answer
	Err        string        // "" if it connected
}

// A DialOutcome says what became of one TCP connect.
type DialOutcome string

// The outcomes of a dial attempt. DialPending is the only one that can change.
const (
	DialPending     DialOutcome = ""            // SYN sent, nothing heard yet
	DialConnected   DialOutcome = "connected"   // and used
	DialRefused     DialOutcome = "refused"     // RST in answer to our SYN
	DialTimeout     DialOutcome = "timeout"     // no answer until we or the kernel gave up
	DialUnreachable DialOutcome = "unreachable" // no route, or an ICMP unreachable or prohibited
	DialReset       DialOutcome = "reset"       // accepted, then reset before use
	DialLost        DialOutcome = "lost"        // another attempt won the race
	DialCanceled    DialOutcome = "canceled"    // the client left
	DialError       DialOutcome = "error"       // anything else; Err has it
)

// A DialAttempt is one TCP connect to one address.
type DialAttempt struct {
	Addr      netip.AddrPort
	Outcome   DialOutcome
	Start     time.Time
	Took      time.Duration  // 0 while pending
	Local     netip.AddrPort // our end; invalid if the kernel never said
	Interface string         // the network interface of Local; "" if unknown
	Kind      InterfaceKind  // of the interface
	Kernel    *KernelTCP     // nil where the kernel can't be asked
	Err       string         // the system's words; "" if connected
}

// An InterfaceKind is what sort of interface a connect left by; "" if unknown.
type InterfaceKind string

// The kinds of interfaces.
const (
	KindLoopback InterfaceKind = "loopback"
	KindEthernet InterfaceKind = "ethernet"
	KindWiFi     InterfaceKind = "wi-fi"
	KindTunnel   InterfaceKind = "tunnel"  // a VPN's
	KindVirtual  InterfaceKind = "virtual" // a bridge, a container's
)

// KernelTCP is what the kernel itself said of a connect (TCP_INFO on Linux).
type KernelTCP struct {
	SYNRetransmits int           // SYNs sent after the first
	State          string        // "SYN-SENT", "ESTABLISHED", as ss(8) has them; "" if unknown
	RTT            time.Duration // as the kernel smooths it; 0 until something came back
}

// Elapsed is how long the attempt took, or has taken until now.
func (a DialAttempt) Elapsed(now time.Time) time.Duration {
	if a.Outcome == DialPending {
		return max(0, now.Sub(a.Start))
	}
	return a.Took
}

// Unanswered reports whether nothing at all came back from the address: not an
// accept, not a reset, not an ICMP error. An attempt that was given up by us
// (lost, canceled) counts only if it had waited at least patience.
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

// Winner returns the attempt that connected, or nil. One that was reset counts
// if there is none better: a reset in the race makes room for the next address.
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

// Decisive is the attempt that says what became of the connects: the winner, or the
// last one where none won. It is nil if there is none.
func (c *Conn) Decisive() *DialAttempt {
	if w := c.Winner(); w != nil || c == nil || len(c.Attempts) == 0 {
		return w
	}
	return &c.Attempts[len(c.Attempts)-1]
}

// A TLSOutcome says how a handshake ended.
type TLSOutcome string

// The outcomes of a TLS handshake.
const (
	TLSPending      TLSOutcome = ""
	TLSOK           TLSOutcome = "ok"
	TLSUntrusted    TLSOutcome = "untrusted"     // chain ends in a root that isn't trusted
	TLSExpired      TLSOutcome = "expired"       // or not valid yet
	TLSNameMismatch TLSOutcome = "name-mismatch" // valid, but for other names
	TLSAlert        TLSOutcome = "alert"         // the server refused with an alert
	TLSTimeout      TLSOutcome = "timeout"       // silence
	TLSReset        TLSOutcome = "reset"         // RST or FIN in the handshake
	TLSError        TLSOutcome = "error"
)

// A TLSInfo is one handshake with a server.
type TLSInfo struct {
	Outcome    TLSOutcome
	ServerName string // SNI that we sent
	Version    string // "TLS 1.3"
	ALPN       string // "h2", "http/1.1", or ""
	Chain      []Cert // as the server sent it, leaf first
	Issued     Issuer // who issued Chain
	ClientCert ClientCert
	// SmallHello is how a second handshake ended after silence, with a hello that
	// fits into one packet; "" if none was tried. Only a probe tries.
	SmallHello TLSOutcome
	Start      time.Time
	Took       time.Duration // 0 while pending
	Err        string
}

// An Issuer is what kind of CA issued a certificate; "" if there is none.
type Issuer string

// The kinds of issuers. AWS's endpoints have certificates of Amazon's CA, in a few
// partitions of other public ones: another CA means that somebody reads along.
const (
	IssuerAWS     Issuer = "aws"     // Amazon Trust Services
	IssuerPublic  Issuer = "public"  // logged as browsers demand of public CAs (RFC 6962)
	IssuerPrivate Issuer = "private" // not logged: a company's own CA, or an interceptor's
)

// A ClientCert says what became of a server's wish for a client certificate.
type ClientCert string

// The kinds of ClientCert. "" is that the server asked for none, or that the
// handshake didn't come so far.
const (
	ClientCertSent    ClientCert = "sent"
	ClientCertMissing ClientCert = "missing" // it asked, and we had none to show
)

// A Cert is what a person needs to know of a certificate.
type Cert struct {
	Subject  string
	Issuer   string
	NotAfter time.Time
	Names    []string // DNS names and IP addresses
	SHA256   string   // of the DER, lower-case hex
}
