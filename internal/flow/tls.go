package flow

import "time"

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
	// Received is how many bytes the server had sent when the handshake failed; 0 for one
	// that succeeded.
	Received int64
	Start    time.Time
	Took     time.Duration // 0 while pending
	Err      string
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
