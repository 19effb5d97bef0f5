package flow

import "time"

// RecordConnection is the record's "connection".
type RecordConnection struct {
	ID            ID                `json:"id,omitempty"`
	Authority     string            `json:"authority,omitempty"` // the requested host:port
	Started       *time.Time        `json:"started,omitempty"`   // at_ms is relative to it
	Reused        bool              `json:"reused"`
	Tunnel        bool              `json:"tunnel"`
	Sent          int64             `json:"sent,omitempty"`         // tunnels: bytes to the server
	Received      int64             `json:"received,omitempty"`     // tunnels: bytes from it
	ServerName    string            `json:"server_name,omitempty"`  // tunnels: SNI of the ClientHello
	Protocols     []string          `json:"alpn_offered,omitempty"` // tunnels: ALPN of the ClientHello
	ClosedBy      Side              `json:"closed_by,omitempty"`    // tunnels: client, server or detour
	UpstreamProxy string            `json:"upstream_proxy"`
	PAC           string            `json:"pac,omitempty"`
	ProxyAnswer   *RecordVia        `json:"proxy_answer,omitempty"`
	Resolution    *RecordResolution `json:"resolution,omitempty"`
	Attempts      []RecordAttempt   `json:"attempts"`
	Elsewhere     []RecordAttempt   `json:"elsewhere,omitempty"` // to the reference's addresses; of probe --reference
	TLS           *RecordTLS        `json:"tls,omitempty"`
}

// RecordVia is the upstream proxy's response to a CONNECT.
type RecordVia struct {
	Resolution *RecordResolution `json:"resolution,omitempty"` // of the proxy's name
	Status     int               `json:"status,omitempty"`
	Headers    [][2]string       `json:"headers"`
	Body       string            `json:"body,omitempty"`
	AtMS       *float64          `json:"at_ms,omitempty"`
	MS         float64           `json:"ms"`
	Message    string            `json:"message,omitempty"`
}

func (f *Flow) recordConnection() *RecordConnection {
	r := f.Conn.record()
	if r == nil {
		return nil
	}
	r.Reused = f.Reused
	if t := f.Tunnel; t != nil {
		r.Tunnel, r.Sent, r.Received = true, t.Sent, t.Received
		r.ServerName, r.Protocols, r.ClosedBy = t.ServerName, t.Protocols, t.ClosedBy
	}
	return r
}

func (c *Conn) record() *RecordConnection {
	if c == nil {
		return nil
	}
	r := &RecordConnection{
		ID: c.ID, Authority: c.Authority, UpstreamProxy: c.UpstreamProxy, PAC: c.PAC,
		Attempts: make([]RecordAttempt, 0, len(c.Attempts)),
	}
	if !c.Start.IsZero() {
		at := c.Start.UTC()
		r.Started = &at
	}
	if v := c.Via; v != nil {
		r.ProxyAnswer = &RecordVia{v.Resolution.record(c.Start), v.Status, pairs(v.Headers), v.Body, since(c.Start, v.Start), MS(v.Took), v.Err}
	}
	r.Attempts = append(r.Attempts, recordAttempts(c.Attempts, c.Start)...)
	r.Elsewhere = recordAttempts(c.Elsewhere, c.Start)
	r.Resolution = c.Resolution.record(c.Start)
	r.TLS = c.TLS.record(c.Start)
	return r
}
