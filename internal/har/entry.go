package har

import (
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"detour/internal/flow"
)

// An entry is one exchange, as far as it is of use. Names with an underscore are
// the exporters' own.
type entry struct {
	Started    time.Time `json:"startedDateTime"`
	Time       *float64  `json:"time"`
	Request    request   `json:"request"`
	Response   response  `json:"response"`
	Timings    timings   `json:"timings"`
	ServerIP   string    `json:"serverIPAddress"` // Chromium puts IPv6 into brackets
	Connection string    `json:"connection"`
	Error      string    `json:"_error"` // Playwright; Chromium has it in the response
	FromCache  string    `json:"_fromCache"`
}

type request struct {
	Method      string   `json:"method"`
	URL         string   `json:"url"`
	HTTPVersion string   `json:"httpVersion"`
	Headers     []header `json:"headers"`
	BodySize    int64    `json:"bodySize"`
	PostData    struct {
		Text   string   `json:"text"`
		Params []header `json:"params"` // in place of text, by some exporters
	} `json:"postData"`
}

type response struct {
	Status      int      `json:"status"`
	HTTPVersion string   `json:"httpVersion"`
	Headers     []header `json:"headers"`
	BodySize    int64    `json:"bodySize"`
	Content     struct {
		Size     int64  `json:"size"`
		Text     string `json:"text"`
		Encoding string `json:"encoding"` // "base64", or none
	} `json:"content"`
	Error        string `json:"_error"`
	TransferSize int64  `json:"_transferSize"`
}

type header struct{ Name, Value string }

type timings struct {
	Blocked, DNS, Connect, SSL, Send, Wait, Receive *float64
}

// flow makes a flow of the entry. conn tells connections apart.
func (e *entry) flow(conn func(name string) (flow.ID, bool)) *flow.Flow {
	f := &flow.Flow{
		Rev: 1, Source: flow.SourceHAR, State: flow.StateDone,
		Request: flow.Request{
			Method: e.Request.Method, URL: e.Request.URL, Proto: proto(e.Request.HTTPVersion),
			Headers: fields(e.Request.Headers), BodySize: max(0, e.Request.BodySize),
		},
	}
	f.Request.Body, f.Request.BodyTruncated = prefix(e.Request.body())
	e.instants(f)
	id, seen := conn(e.Connection)
	f.Conn, f.Reused = e.conn(id), seen && milliseconds(e.Timings.Connect) <= 0
	if e.Response.Status > 0 {
		f.Response = &flow.Response{
			Status: e.Response.Status, Proto: proto(e.Response.HTTPVersion), Headers: fields(e.Response.Headers),
			BodySize: max(0, e.Response.BodySize, e.Response.TransferSize),
		}
		f.Response.Body, f.Response.BodyTruncated = prefix(e.Response.body())
		return f
	}
	e.fail(f)
	return f
}

// instants derives the flow's from the phases.
func (e *entry) instants(f *flow.Flow) {
	at := e.Started
	pass := func(phases ...*float64) time.Time {
		for _, p := range phases {
			at = at.Add(max(0, milliseconds(p)))
		}
		return at
	}
	f.Times.Start = e.Started
	if t := e.Timings; e.Response.Status > 0 {
		f.Times.GotConn = pass(t.Blocked, t.DNS, t.Connect) // SSL is a part of connect
		f.Times.WroteRequest = pass(t.Send)
		f.Times.FirstByte = pass(t.Wait)
		f.Times.Done = pass(t.Receive)
		return
	}
	f.Times.Done = e.Started.Add(max(0, milliseconds(e.Time)))
}

// conn is what the entry says of its connection; what it doesn't say is absent.
func (e *entry) conn(id flow.ID) *flow.Conn {
	c := &flow.Conn{ID: id, Authority: authority(e.Request.URL), Start: e.Started}
	dns, connect, ssl := milliseconds(e.Timings.DNS), milliseconds(e.Timings.Connect), milliseconds(e.Timings.SSL)
	host, port, _ := net.SplitHostPort(c.Authority)
	ip, err := netip.ParseAddr(strings.Trim(e.ServerIP, "[]"))
	if err != nil || e.Response.Status <= 0 {
		return c
	}
	c.Resolution = &flow.Resolution{
		Name: strings.ToLower(host), Outcome: flow.DNSOK, Source: flow.SourceSystem, Addrs: []netip.Addr{ip.Unmap()},
		Start: e.Started, Took: max(0, dns),
	}
	n, _ := strconv.ParseUint(port, 10, 16)
	attempt := flow.DialAttempt{Addr: netip.AddrPortFrom(ip.Unmap(), uint16(n)), Outcome: flow.DialConnected, Start: e.Started}
	if connect > 0 {
		attempt.Took = max(0, connect-max(0, ssl))
	}
	c.Attempts = []flow.DialAttempt{attempt}
	if ssl > 0 {
		c.TLS = &flow.TLSInfo{Outcome: flow.TLSOK, ServerName: host, Start: e.Started, Took: ssl}
	}
	return c
}

// authority is the host:port of a URL; "" if it has none.
func authority(s string) string {
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

// proto is the protocol as flows have it: exporters write h2, HTTP/2, http/2.0.
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
		if !strings.HasPrefix(h.Name, ":") { // HTTP/2's pseudo-fields are in the URL
			out = append(out, flow.Header(h))
		}
	}
	return out
}
