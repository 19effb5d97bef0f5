// Package flow holds the nouns of detour: what one HTTP exchange was, the
// connection that carried it, what DNS said, and what became of every dial.
//
// All of it is data with small pure methods; nothing here does I/O or reads a
// clock. A value that has been published is never written again: news is a new
// value with the same ID and a higher Rev, so readers need no lock.
package flow

import "time"

// An ID names a flow or a connection within one capture. IDs rise; 0 is none.
type ID uint64

// A Source says where a flow comes from.
type Source string

// The sources of flows.
const (
	SourceProxy Source = "proxy" // seen on the wire by this process
	SourceHAR   Source = "har"   // read from a HAR file
	SourceProbe Source = "probe" // asked by detour itself
)

// A State says where a flow is on its road. It only moves forward.
type State string

// The states of a flow, in the order of its life. A flow skips states that it
// has no need of: one on a reused connection goes from blocked to waiting.
const (
	StateBlocked     State = "blocked"     // waiting for a connection
	StateResolving   State = "resolving"   // DNS asked, not answered
	StateConnecting  State = "connecting"  // SYNs sent, none accepted
	StateHandshaking State = "handshaking" // TCP is up, TLS is not
	StateWaiting     State = "waiting"     // request on its way, no response headers yet
	StateReceiving   State = "receiving"   // response headers seen, body under way
	StateDone        State = "done"        // final: no higher Rev will follow but for marks and notes
)

// A Flow is one HTTP exchange, or one tunnel, and what became of it.
type Flow struct {
	ID     ID     // unique in its capture
	Rev    uint32 // rises with every published version
	Source Source
	State  State
	Origin Origin     // "" until classified
	Why    []Evidence // what Origin rests on, strongest first
	AWS    *AWS       // nil if the request isn't an AWS call
	// CredentialVend says that its bodies carry credentials, so that they are
	// neither kept nor shown. It is known from the request alone.
	CredentialVend bool
	Page           string // the console page it belongs to (Referer), "" if unknown
	Request        Request
	Response       *Response // what the server answered; never the proxy's own error page
	Failure        *Failure  // what went wrong outside HTTP; a 403 is a Response
	Conn           *Conn     // the connection that carried it or was to carry it; nil if none was needed
	Reused         bool      // Conn was up already: its DNS and dial times aren't this flow's
	Unused         []*Conn   // what it set off to dial, but another connection was there first; as far as known at its end
	Tunnel         *Tunnel   // non-nil for a CONNECT whose bytes were passed unread
	Messages       *Messages // non-nil for a WebSocket
	Times          Times
	Note           string
	Marked         bool
	Findings       []string // codes of the findings that claim this flow
}

// Final reports whether the exchange is over.
func (f *Flow) Final() bool { return f.State == StateDone }

// BodyBytes is how many bytes of bodies it has with it.
func (f *Flow) BodyBytes() int {
	n := len(f.Request.Body)
	if f.Response != nil {
		n += len(f.Response.Body)
	}
	return n
}

// DropBodies takes the bodies out. The Response that f had is left as it is: it may
// be published.
func (f *Flow) DropBodies() {
	f.Request.Body = nil
	if r := f.Response; r != nil && r.Body != nil {
		bare := *r
		bare.Body = nil
		f.Response = &bare
	}
}

// DropHeaders takes the header fields out. The Response that f had is left as it is:
// it may be published.
func (f *Flow) DropHeaders() {
	f.Request.Headers = nil
	if f.Response != nil {
		bare := *f.Response
		bare.Headers = nil
		f.Response = &bare
	}
}

// A Header is one field line as it was sent. Names keep the case in which the
// parser hands them out; HTTP/2 has lower-case names only.
type Header struct{ Name, Value string }

// A Request is what the client asked for.
type Request struct {
	Method   string
	URL      string // absolute; for a tunnel "host:port"
	Proto    string // between client and proxy, as "HTTP/2.0"
	Headers  []Header
	BodySize int64 // bytes that passed so far; not capped
	// Body is the beginning of the body without its content coding, as far as it
	// was captured; nil if it wasn't. It isn't written to.
	Body          []byte
	BodyTruncated bool // there is more of it than Body
}

// A Response is what the server answered.
type Response struct {
	Status   int
	Proto    string // between proxy and server
	Headers  []Header
	BodySize int64 // bytes that passed so far, as coded on the wire; not capped
	// Body is the beginning of the body without its content coding, as far as it
	// was captured; nil if it wasn't. It isn't written to.
	Body          []byte
	BodyTruncated bool // there is more of it than Body
}

// A Tunnel is what can be seen of a connection that wasn't decrypted.
type Tunnel struct {
	Sent, Received int64    // bytes towards and from the server
	ServerName     string   // SNI in the client's hello; "" if none was seen
	Protocols      []string // ALPN in the client's hello: what it offered
	ClosedBy       Side     // who ended it first; "" while it is open
}

// A Side is one end of what passes through detour.
type Side string

// The sides.
const (
	SideClient Side = "client"
	SideServer Side = "server"
	SideDetour Side = "detour" // it was stopped
)

// Messages are what passed over a WebSocket.
type Messages struct {
	Sent, Received MessageCount
	CloseCode      int  // of the first Close frame (RFC 6455, 7.4); 0 if none was seen
	ClosedBy       Side // who sent it
}

// A MessageCount counts the messages of one direction. Bytes are payload, as
// compressed as it was sent.
type MessageCount struct {
	Count int64
	Bytes int64
}

// Get returns the value of the first field called name, in any case; "" if none.
func Get(headers []Header, name string) string {
	for _, h := range headers {
		if equalFold(h.Name, name) {
			return h.Value
		}
	}
	return ""
}

// Has reports whether a field called name, in any case, is among headers.
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

// Times are the instants of a flow. Zero means that it didn't happen, or not yet.
type Times struct {
	Start        time.Time // the request's headers were read
	GotConn      time.Time // a connection was at hand
	WroteRequest time.Time // the last byte of the request was written
	FirstByte    time.Time // the first byte of the response was read
	Done         time.Time // the last byte passed, or the failure happened
}

// Elapsed is how long the flow took, or has taken until now if it isn't done.
func (f *Flow) Elapsed(now time.Time) time.Duration {
	if !f.Times.Done.IsZero() {
		now = f.Times.Done
	}
	return max(0, now.Sub(f.Times.Start))
}
