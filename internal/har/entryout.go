package har

import (
	"encoding/base64"
	"net/netip"
	"strconv"
	"time"
	"unicode/utf8"

	"detour/internal/flow"
)

// An outEntry is an entry to write; entry is one that is read.
type outEntry struct {
	Page       string      `json:"pageref,omitempty"`
	Started    string      `json:"startedDateTime"`
	Time       float64     `json:"time"`
	Request    outRequest  `json:"request"`
	Response   outResponse `json:"response"`
	Cache      struct{}    `json:"cache"`
	Timings    outTimings  `json:"timings"`
	ServerIP   string      `json:"serverIPAddress,omitempty"`
	Port       string      `json:"connection,omitempty"` // the server's, as in Chromium and Firefox
	Comment    string      `json:"comment,omitempty"`
	Connection string      `json:"_connectionId,omitempty"` // Chromium's
	Resource   string      `json:"_resourceType,omitempty"` // Chromium's
	Rest       rest        `json:"_detour"`
}

type outRequest struct {
	Method      string    `json:"method"`
	URL         string    `json:"url"`
	HTTPVersion string    `json:"httpVersion"`
	Cookies     []cookie  `json:"cookies"`
	Headers     []pair    `json:"headers"`
	Query       []pair    `json:"queryString"`
	PostData    *postData `json:"postData,omitempty"`
	HeadersSize int       `json:"headersSize"` // -1: not counted
	BodySize    int64     `json:"bodySize"`
}

type postData struct {
	MIMEType  string `json:"mimeType"`
	Text      string `json:"text"`
	Encoding  string `json:"_encoding,omitempty"` // base64, if it isn't text; HAR has a field for it in responses only
	Truncated bool   `json:"_truncated,omitempty"`
}

type outResponse struct {
	Status       int      `json:"status"` // 0: there was no response
	StatusText   string   `json:"statusText"`
	HTTPVersion  string   `json:"httpVersion"`
	Cookies      []cookie `json:"cookies"`
	Headers      []pair   `json:"headers"`
	Content      content  `json:"content"`
	RedirectURL  string   `json:"redirectURL"`
	HeadersSize  int      `json:"headersSize"`
	BodySize     int64    `json:"bodySize"`
	TransferSize int64    `json:"_transferSize"`    // Chromium's
	Error        string   `json:"_error,omitempty"` // Chromium's
}

type content struct {
	Size      int64  `json:"size"`
	MIMEType  string `json:"mimeType"`
	Text      string `json:"text,omitempty"`
	Encoding  string `json:"encoding,omitempty"`
	Truncated bool   `json:"_truncated,omitempty"`
}

type pair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

func entryOf(f *flow.Flow, p pages) outEntry {
	e := outEntry{
		Page: p.of(f), Started: stamp(f.Times.Start), Request: requestOf(f), Response: responseOf(f),
		ServerIP: serverIP(f), Comment: f.Note, Rest: newRest(f),
	}
	e.Time, e.Timings = phases(f)
	if f.Conn != nil && f.Conn.ID != 0 {
		e.Connection = strconv.FormatUint(uint64(f.Conn.ID), 10)
	}
	if f.Conn != nil && f.Conn.Authority != "" {
		e.Port = strconv.Itoa(int(portOf(f.Conn.Authority)))
	}
	if f.Messages != nil {
		e.Resource = "websocket"
	}
	return e
}

func requestOf(f *flow.Flow) outRequest {
	r := &f.Request
	out := outRequest{
		Method: r.Method, URL: r.URL, HTTPVersion: r.Proto, Cookies: sentCookies(r.Headers), Headers: pairs(r.Headers),
		Query: query(r.URL), HeadersSize: -1, BodySize: r.BodySize,
	}
	if r.Method == methodConnect {
		out.URL = "https://" + r.URL // readers expect a URL
	}
	if len(r.Body) > 0 || r.BodyTruncated {
		out.PostData = &postData{MIMEType: flow.Get(r.Headers, "Content-Type"), Truncated: r.BodyTruncated}
		out.PostData.Text, out.PostData.Encoding = asText(r.Body)
	}
	return out
}

func responseOf(f *flow.Flow) outResponse {
	r := f.Response
	if r == nil {
		return outResponse{
			Cookies: []cookie{}, Headers: []pair{}, Content: content{MIMEType: "x-unknown"}, HeadersSize: -1, BodySize: -1, Error: netError(f),
		}
	}
	out := outResponse{
		Status: r.Status, HTTPVersion: r.Proto, Cookies: setCookies(r.Headers), Headers: pairs(r.Headers),
		RedirectURL: flow.Get(r.Headers, "Location"), HeadersSize: -1, BodySize: r.BodySize, TransferSize: r.BodySize, Error: netError(f),
	}
	out.Content = content{Size: int64(len(r.Body)), MIMEType: flow.Get(r.Headers, "Content-Type"), Truncated: r.BodyTruncated}
	if r.Body == nil || r.BodyTruncated {
		out.Content.Size = max(out.Content.Size, r.BodySize) // as far as known
	}
	if out.Content.MIMEType == "" {
		out.Content.MIMEType = "x-unknown"
	}
	out.Content.Text, out.Content.Encoding = asText(r.Body)
	return out
}

// asText returns a body for a JSON string, in base64 if it isn't UTF-8.
func asText(body []byte) (text, encoding string) {
	if utf8.Valid(body) {
		return string(body), ""
	}
	return base64.StdEncoding.EncodeToString(body), "base64"
}

// serverIP returns the address that connected, or the last one that was tried; "" if an
// upstream proxy connected.
func serverIP(f *flow.Flow) string {
	if f.Conn == nil || f.Conn.UpstreamProxy != "" {
		return ""
	}
	var addr netip.Addr
	for _, a := range f.Conn.Attempts {
		if a.Addr.IsValid() {
			addr = a.Addr.Addr()
		}
	}
	if w := f.Conn.Winner(); w != nil && w.Addr.IsValid() {
		addr = w.Addr.Addr()
	}
	if !addr.IsValid() {
		return ""
	}
	return addr.Unmap().WithZone("").String()
}

func pairs(hs []flow.Header) []pair {
	out := make([]pair, 0, len(hs))
	for _, h := range hs {
		out = append(out, pair(h))
	}
	return out
}

// stamp formats an instant in ISO 8601, in microseconds.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }
