package har

import (
	"encoding/json"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"detour/internal/flow"
)

// An entry is one exchange, with the fields that are used. Names with an underscore are
// exporters' extensions.
type entry struct {
	Started    word            `json:"startedDateTime"` // Safari leaves it empty
	Time       number          `json:"time"`
	Request    request         `json:"request"`
	Response   response        `json:"response"` // Proxyman omits it if there was none
	Timings    timings         `json:"timings"`
	ServerIP   word            `json:"serverIPAddress"` // Chromium puts IPv6 into brackets
	Connection word            `json:"connection"`      // often only the server's port
	ID         word            `json:"_connectionId"`   // Chromium's connection ID
	Comment    word            `json:"comment"`
	Error      word            `json:"_error"`
	Security   word            `json:"_securityState"` // Firefox's
	ServerPort word            `json:"_serverPort"`    // WebKit's
	Detour     json.RawMessage `json:"_detour"`

	began    time.Time
	asked    string // the authority of the request's URL
	exporter flow.Exporter
	status   int        // 0: there was no response
	words    string     // the exporter's error text
	reason   reason     // why there was no response, or none more; zero if there is no error
	notSent  bool       // the file says that nothing was sent
	address  netip.Addr // of the server; invalid if it isn't known
	proxy    string     // of the proxy whose address the file has, with the port if it is known; "" if there is none
	broken   bool       // the response ended early
}

type request struct {
	Method      word     `json:"method"`
	URL         word     `json:"url"`
	HTTPVersion word     `json:"httpVersion"`
	Headers     []header `json:"headers"`
	HeadersSize number   `json:"headersSize"`
	BodySize    number   `json:"bodySize"`
	PostData    *posted  `json:"postData"`
}

type posted struct {
	Text      word     `json:"text"`
	Params    []header `json:"params"`    // some exporters write it instead of text
	Encoding  string   `json:"_encoding"` // detour's
	Truncated bool     `json:"_truncated"`
}

type response struct {
	Status      number   `json:"status"`
	StatusText  word     `json:"statusText"`
	HTTPVersion word     `json:"httpVersion"`
	Headers     []header `json:"headers"`
	HeadersSize number   `json:"headersSize"`
	BodySize    number   `json:"bodySize"`
	Content     struct {
		MIMEType    word   `json:"mimeType"`
		Size        number `json:"size"`
		Compression number `json:"compression"`
		Text        word   `json:"text"`
		Encoding    string `json:"encoding"` // "base64", or none
		Truncated   bool   `json:"_truncated"`
	} `json:"content"`
	Comment      word   `json:"comment"`
	Error        word   `json:"_error"`         // Chromium, Safari, mitmproxy
	Failure      word   `json:"_failureText"`   // Playwright
	Charles      word   `json:"_charlesStatus"` // COMPLETE, FAILED, EXCEPTION
	TransferSize number `json:"_transferSize"`
}

type header struct {
	Name  word
	Value wordOrList
}

type timings struct {
	Blocked, DNS, Connect, SSL, Send, Wait, Receive number
}

// duration returns a phase. It isn't applicable if it is negative, null or absent.
func (n number) duration() time.Duration {
	const year = 365 * 24 * time.Hour
	if !n.is || n.v < 0 || n.v > float64(year/time.Millisecond) {
		return flow.NotApplicable
	}
	return time.Duration(n.v * float64(time.Millisecond))
}

// phases returns all phases.
func (t *timings) phases() flow.Timings {
	return flow.Timings{
		Blocked: t.Blocked.duration(), DNS: t.DNS.duration(), Connect: t.Connect.duration(), SSL: t.SSL.duration(),
		Send: t.Send.duration(), Wait: t.Wait.duration(), Receive: t.Receive.duration(),
	}
}

// flow returns the entry as a flow. conn returns the ID of a connection.
func (e *entry) flow(conn func(name string) (flow.ID, bool)) *flow.Flow {
	f := &flow.Flow{
		Rev: 1, Source: flow.SourceHAR, Exporter: e.exporter, State: flow.StateDone, Note: string(e.Comment),
		Request: flow.Request{
			Method: string(e.Request.Method), URL: string(e.Request.URL), Proto: proto(string(e.Request.HTTPVersion)),
			Headers: fields(e.Request.Headers), BodySize: e.Request.BodySize.count(),
		},
	}
	if f.Request.Method == methodConnect {
		f.Request.URL = authority(f.Request.URL)
	}
	f.Request.Body, f.Request.BodyTruncated = e.Request.body()
	e.instants(f)
	phases := e.Timings.phases()
	f.Phases = &phases
	id, seen := conn(e.connection())
	f.Conn = e.conn(id)
	if e.status > 0 {
		f.Response = &flow.Response{
			Status: e.status, Proto: proto(string(e.Response.HTTPVersion)), Headers: fields(e.Response.Headers),
			BodySize: e.bodySize(),
		}
		f.Response.Body, f.Response.BodyTruncated = e.Response.body()
		f.Reused = e.Timings.Connect.duration() <= 0 && (seen || e.Timings.Connect.is && e.Timings.Connect.v < 0)
		f.Failure = e.interruption()
		return f
	}
	e.fail(f)
	return f
}

// methodConnect is the method of a tunnel, whose URL is an authority.
const methodConnect = "CONNECT"

// instants sets the flow's times by the phases. The whole may be longer than the phases: in
// WebKit's files the time between them is in none.
func (e *entry) instants(f *flow.Flow) {
	t := e.Timings
	phases := time.Duration(0)
	for _, p := range []number{t.Blocked, t.DNS, t.Connect, t.Send, t.Wait, t.Receive} { // connect includes SSL
		phases += max(0, p.duration())
	}
	whole := e.Time.duration()
	f.Times.Start = e.began
	if e.status == 0 {
		if whole <= 0 { // some have it in the phases only, others nowhere
			whole = phases
		}
		f.Times.Done = e.began.Add(whole)
		return
	}
	at := e.began
	pass := func(phases ...number) time.Time {
		for _, p := range phases {
			at = at.Add(max(0, p.duration()))
		}
		return at
	}
	if e.exporter == flow.ExporterWebKit {
		at = at.Add(max(0, whole-phases))
	}
	f.Times.GotConn = pass(t.Blocked, t.DNS, t.Connect)
	f.Times.WroteRequest = pass(t.Send)
	f.Times.FirstByte = pass(t.Wait)
	f.Times.Done = pass(t.Receive)
}

// conn returns what the entry says about its connection.
func (e *entry) conn(id flow.ID) *flow.Conn {
	c := &flow.Conn{ID: id, Authority: e.asked, Start: e.began}
	switch {
	case e.proxy != "":
		throughProxy(c, e.proxy, e.Timings.Connect.duration()-max(0, e.Timings.SSL.duration()))
	case e.status > 0 && e.address.IsValid():
		e.connected(c)
	case e.status > 0:
		e.secured(c)
	}
	return c
}

// connection returns the connection's name in the file; "" if it has none. The host is part
// of it: some exporters use a number for several hosts, and a connection has one authority.
func (e *entry) connection() string {
	if name := e.connectionID(); name != "" && name != "0" {
		return name + " " + e.asked
	}
	return ""
}

func (e *entry) connectionID() string {
	if e.ID != "" {
		return string(e.ID)
	}
	if n, err := strconv.ParseUint(string(e.Connection), 10, 16); err == nil && uint16(n) == portOf(e.asked) {
		return ""
	}
	return string(e.Connection)
}

// connected records in c that the address accepted the connection.
func (e *entry) connected(c *flow.Conn) {
	dns, connect, ssl := e.Timings.DNS.duration(), e.Timings.Connect.duration(), e.Timings.SSL.duration()
	c.Resolution = &flow.Resolution{
		Name: hostOf(c.Authority), Outcome: flow.DNSOK, Source: flow.SourceSystem, Addrs: []netip.Addr{e.address},
		Start: e.began, Took: max(0, dns),
	}
	attempt := flow.DialAttempt{Addr: netip.AddrPortFrom(e.address, portOf(c.Authority)), Outcome: flow.DialConnected, Start: e.began}
	if connect > 0 {
		attempt.Took = max(0, connect-max(0, ssl))
	}
	c.Attempts = []flow.DialAttempt{attempt}
	e.secured(c)
}

// secured records in c that the handshake succeeded, if the entry has its duration.
func (e *entry) secured(c *flow.Conn) {
	if ssl := e.Timings.SSL.duration(); ssl > 0 {
		c.TLS = &flow.TLSInfo{Outcome: flow.TLSOK, ServerName: hostOf(c.Authority), Start: e.began, Took: ssl}
	}
}

// authority returns the host:port of a URL; "" if it has none.
func authority(s string) string {
	if host, port, err := net.SplitHostPort(s); err == nil && host != "" && port != "" && !strings.Contains(s, "/") {
		return s // a tunnel's
	}
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" {
		return ""
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "ws": "80"}[u.Scheme]
	}
	if port == "" {
		port = "443"
	}
	return net.JoinHostPort(u.Hostname(), port)
}

func hostOf(authority string) string {
	host, _, _ := net.SplitHostPort(authority)
	return strings.ToLower(host)
}

func portOf(authority string) uint16 {
	_, port, _ := net.SplitHostPort(authority)
	n, _ := strconv.ParseUint(port, 10, 16)
	return uint16(n)
}

// proto returns the protocol as flows have it; exporters write h2, HTTP/2 or http/2.0.
func proto(s string) string {
	switch strings.ToLower(s) {
	case "h2", "http/2", "http/2.0":
		return "HTTP/2.0"
	case "h3", "http/3", "http/3.0", "h3-29":
		return "HTTP/3.0"
	}
	return strings.ToUpper(s)
}

func fields(hs []header) []flow.Header {
	out := make([]flow.Header, 0, len(hs))
	for _, h := range hs {
		if strings.HasPrefix(string(h.Name), ":") { // HTTP/2's pseudo-headers are in the URL
			continue
		}
		for _, v := range h.values() {
			out = append(out, flow.Header{Name: string(h.Name), Value: v})
		}
	}
	return out
}
