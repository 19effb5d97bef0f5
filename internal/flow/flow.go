// Package flow describes what happened to an HTTP exchange, in the types that all other
// packages share. A [Flow] is one exchange, with the [Conn] that carried it, the DNS
// [Resolution], every [DialAttempt], and the [TLSInfo] of the handshake; [Record] is its
// stable JSON form.
//
// All of it is data with small pure methods, without I/O or a clock. A published value is
// never written to: a change is a new value with the same ID and a higher Rev, so readers
// need no lock.
package flow

import "time"

// An ID identifies a flow or a connection in one capture. IDs increase; 0 is none.
type ID uint64

// A Source says where a flow comes from.
type Source string

// The sources of flows.
const (
	SourceProxy Source = "proxy" // seen by this process's proxy
	SourceHAR   Source = "har"   // read from a HAR file
	SourceProbe Source = "probe" // sent by detour probe
)

// A State says how far a flow has come. It only moves forward.
type State string

// The states of a flow, in order. A flow skips states that it doesn't need: with a reused
// connection it goes from blocked to waiting.
const (
	StateBlocked     State = "blocked"     // waiting for a connection
	StateResolving   State = "resolving"   // waiting for DNS
	StateConnecting  State = "connecting"  // waiting for TCP
	StateHandshaking State = "handshaking" // waiting for TLS
	StateWaiting     State = "waiting"     // waiting for the response header
	StateReceiving   State = "receiving"   // receiving the response body
	StateDone        State = "done"        // final: a higher Rev only adds marks, notes and late news of the connection
)

// A Flow is one HTTP exchange, or one tunnel, and its result.
type Flow struct {
	ID     ID     // unique in its capture
	Rev    uint32 // increases with every published version
	Source Source
	// Exporter is the kind of program that wrote the HAR that the flow was read from; "" if
	// it wasn't read from a HAR, or the program isn't known. It says what the file leaves out.
	Exporter Exporter
	State    State
	Origin   Origin     // "" until classified
	Why      []Evidence // the evidence for Origin, strongest first
	AWS      *AWS       // nil if the request isn't an AWS call
	// CredentialVend says that its bodies hold credentials, so they are neither kept nor
	// shown. It depends on the request only.
	CredentialVend bool
	Page           string // the console page it belongs to (Referer), "" if unknown
	Request        Request
	Response       *Response // the server's, never the proxy's error page
	Failure        *Failure  // an error outside HTTP; a 403 is a Response
	Conn           *Conn     // the connection that carried it or should have; nil if none was needed
	Reused         bool      // Conn existed before: its DNS and dial times aren't this flow's
	Unused         []*Conn   // connections that it started to dial and didn't use, as known at its end; at most MaxUnused
	UnusedMore     int       // the number of further ones
	Later          []Later   // what was learned of the host's addresses after Conn was made, by time; it must not be written to
	Tunnel         *Tunnel   // non-nil for a tunnel that wasn't decrypted
	Messages       *Messages // non-nil for a WebSocket
	Times          Times
	// Phases are the phases as a HAR has them, which may say more than the instants; nil if
	// the flow wasn't read from a HAR. See [Flow.Timings].
	Phases   *Timings
	Note     string
	Marked   bool
	Strict   bool     // identities were replaced by stand-ins: privacy was strict
	Findings []string // codes of the findings that this flow is part of
	// Shortened names the parts of which something was left out, because the record would
	// have been too long. See [Flow.Bounded].
	Shortened []Part
}

// Final reports whether the exchange is over.
func (f *Flow) Final() bool { return f.State == StateDone }

// BodyBytes returns how many bytes of bodies the flow has.
func (f *Flow) BodyBytes() int {
	n := len(f.Request.Body)
	if f.Response != nil {
		n += len(f.Response.Body)
	}
	return n
}

// DropBodies removes the bodies. It doesn't write to Response, which may be published, but
// replaces it.
func (f *Flow) DropBodies() {
	f.Request.Body = nil
	if r := f.Response; r != nil && r.Body != nil {
		bare := *r
		bare.Body = nil
		f.Response = &bare
	}
}

// DropHeaders removes the header fields. It doesn't write to Response, which may be
// published, but replaces it.
func (f *Flow) DropHeaders() {
	f.Request.Headers = nil
	if f.Response != nil {
		bare := *f.Response
		bare.Headers = nil
		f.Response = &bare
	}
}

// A Header is one field line. The name has the case in which it was sent, or, where net/http
// serves the exchange, the one that its parser returns.
type Header struct{ Name, Value string }

// A Request is what the client sent.
type Request struct {
	Method   string
	URL      string // absolute; for a tunnel "host:port"
	Proto    string // between client and proxy: "HTTP/2.0"
	Headers  []Header
	BodySize int64 // bytes transferred so far, without a limit
	// Body is the beginning of the body without its content coding, as far as it was
	// captured; nil if it wasn't. It must not be written to.
	Body          []byte
	BodyTruncated bool // the body is longer than Body
}

// A Response is what the server sent.
type Response struct {
	Status   int
	Proto    string // between proxy and server
	Headers  []Header
	BodySize int64 // bytes transferred so far, with the content coding, without a limit
	// Body is the beginning of the body without its content coding, as far as it was
	// captured; nil if it wasn't. It must not be written to.
	Body          []byte
	BodyTruncated bool    // the body is longer than Body
	Traits        []Trait // facts that Headers show; it must not be written to
}

// A Tunnel is what is known of a connection that wasn't decrypted.
type Tunnel struct {
	Sent, Received int64    // bytes to and from the server
	ServerName     string   // SNI of the ClientHello; "" if there is none
	Protocols      []string // ALPN that the ClientHello offers
	ClosedBy       Side     // who closed it; "" while it is open
}

// A Side is one end of a connection through detour.
type Side string

// The sides.
const (
	SideClient Side = "client"
	SideServer Side = "server"
	SideDetour Side = "detour" // detour was stopped
)

// Messages counts what was sent over a WebSocket.
type Messages struct {
	Sent, Received MessageCount
	CloseCode      int  // of the first Close frame (RFC 6455, 7.4); 0 if there was none
	ClosedBy       Side // who sent it
}

// A MessageCount counts the messages of one direction. Bytes are the payload as sent, which
// may be compressed.
type MessageCount struct {
	Count int64
	Bytes int64
}

// Get returns the value of the first field with this name, ignoring case; "" if there is none.
func Get(headers []Header, name string) string {
	for _, h := range headers {
		if equalFold(h.Name, name) {
			return h.Value
		}
	}
	return ""
}

// Has reports whether there is a field with this name, ignoring case.
func Has(headers []Header, name string) bool {
	for _, h := range headers {
		if equalFold(h.Name, name) {
			return true
		}
	}
	return false
}

// equalFold compares field names, which are ASCII tokens (RFC 9110, 5.1).
func equalFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// Times are the instants of a flow. Zero means not yet, or never.
type Times struct {
	Start        time.Time // the request header was read
	GotConn      time.Time // a connection was available
	WroteRequest time.Time // the last byte of the request was written
	FirstByte    time.Time // the first byte of the response was read
	Done         time.Time // the last byte was transferred, or the exchange failed
}

// Elapsed returns the duration of the flow, until now if it isn't done.
func (f *Flow) Elapsed(now time.Time) time.Duration {
	if !f.Times.Done.IsZero() {
		now = f.Times.Done
	}
	return max(0, now.Sub(f.Times.Start))
}

// Timed reports whether the flow's duration is known. A HAR may have none of a request that
// failed, and its program then writes 0.
func (f *Flow) Timed() bool {
	switch t := f.Times; {
	case t.Start.IsZero(), f.Final() && t.Done.IsZero():
		return false
	case f.Source == SourceHAR && f.Failure != nil && t.Done.Equal(t.Start):
		return false
	}
	return true
}
