package flow

import "time"

// RecordTLS is one handshake.
type RecordTLS struct {
	Outcome    TLSOutcome   `json:"outcome"`
	Version    string       `json:"version,omitempty"`
	ALPN       string       `json:"alpn,omitempty"`
	ServerName string       `json:"server_name,omitempty"`
	AtMS       *float64     `json:"at_ms,omitempty"`
	MS         float64      `json:"ms"`
	Message    string       `json:"message,omitempty"`
	ClientCert ClientCert   `json:"client_certificate,omitempty"` // sent or missing, if the server requested one
	Issuer     Issuer       `json:"issuer,omitempty"`
	SmallHello TLSOutcome   `json:"small_hello,omitempty"` // of a second handshake, with a ClientHello that fits into one packet
	Received   int64        `json:"received,omitempty"`    // bytes from the server, if the handshake failed
	Chain      []RecordCert `json:"chain"`
}

// RecordCert is one certificate of a chain.
type RecordCert struct {
	Subject  string    `json:"subject"`
	Issuer   string    `json:"issuer"`
	NotAfter time.Time `json:"not_after"`
	Names    []string  `json:"names"`
	SHA256   string    `json:"sha256"`
}

func (t *TLSInfo) record(began time.Time) *RecordTLS {
	if t == nil {
		return nil
	}
	out := &RecordTLS{
		Outcome: t.Outcome, Version: t.Version, ALPN: t.ALPN, ServerName: t.ServerName,
		AtMS: since(began, t.Start), MS: MS(t.Took), Message: t.Err, ClientCert: t.ClientCert,
		Issuer: t.Issued, SmallHello: t.SmallHello, Received: t.Received, Chain: make([]RecordCert, 0, len(t.Chain)),
	}
	for _, c := range t.Chain {
		out.Chain = append(out.Chain, RecordCert{c.Subject, c.Issuer, c.NotAfter.UTC(), list(c.Names), c.SHA256})
	}
	return out
}
