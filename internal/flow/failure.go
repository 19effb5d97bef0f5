package flow

// A Stage is the part of an exchange in which it failed.
type Stage string

// The stages at which an exchange can fail outside HTTP.
const (
	StageDNS           Stage = "dns"            // no address
	StageDial          Stage = "dial"           // no TCP connection
	StageTLS           Stage = "tls"            // no handshake with the server
	StageUpstreamProxy Stage = "upstream-proxy" // the upstream proxy couldn't be reached, or refused to connect
	StageSend          Stage = "send"           // the request couldn't be sent
	StageWait          Stage = "wait"           // the connection ended before the response header
	StageReceive       Stage = "receive"        // the connection ended during the response body
	StageClient        Stage = "client"         // the client canceled, or rejected detour's certificate
	StageProxy         Stage = "proxy"          // detour ended the exchange: it rejected the request, or has a fault
)

// A Failure says where an exchange failed, with the system's error.
type Failure struct {
	Stage     Stage
	Message   string
	Plaintext bool // the server answered the TLS handshake in plain HTTP
	Reset     bool // the connection was reset after it was made
	// Kind is what the exporter of a HAR says about the end. Of live flows, only those have one
	// whose connection was made and then fell silent (KindResponseTimeout), and those that
	// hadn't ended with the recording (KindPending).
	Kind FailureKind
	// NotSent says that nothing of the request was sent, as a HAR tells: another request, its
	// preflight, may have failed. False also means that it isn't known.
	NotSent bool
	// Unprocessed says that the server refused the request without processing it, on each
	// connection that it was sent on (GOAWAY, REFUSED_STREAM).
	Unprocessed bool
}
