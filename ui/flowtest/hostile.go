package flowtest

import (
	"strings"

	"detour/internal/flow"
)

// HostileTexts try to control the terminal, hide, reorder, widen, or be huge.
func HostileTexts() []string {
	return []string{
		"\x1b[2J\x1b[31mred\x1b]52;c;ZXZpbA==\x07",
		"[red]tag[-:-:-] [\"region\"]x[\"\"] [::b]",
		"user\u202egnp.exe\u2066\u2069\u200f",
		"東京リージョン全角ＡＢＣ",
		"👨\u200d👩\u200d👧\u200d👦❤\ufe0f🇯🇵",
		"e" + strings.Repeat("\u0301", 500),
		"a\u200bb\u2060c\ufeff\u00ad\u3164",
		"line\r\nfeed\ttab\x00nul\x7f\u009b1m\u2028",
		"\xff\xfe\x80 no UTF-8",
		strings.Repeat("A", 1<<20),
		strings.Repeat("東", 1<<17),
		strings.Repeat("\u0301", 1<<15),
		"\u2e3b\u2e3a\ufdfd\U0001242b",
	}
}

// Hostile is a flow in which every text is s.
func Hostile(s string) *flow.Flow {
	f := Call(1, Start, flow.OriginDirect, "h.example", s, s, s)
	f.AWS.Region, f.AWS.DecodedBy, f.AWS.EndpointService, f.AWS.RequestID = s, s, s, s
	f.AWS.Also, f.AWS.Error = []string{s}, &flow.AWSError{Code: s, Message: s, Type: s, Deny: s, PolicyARN: s}
	f.AWS.Batch, f.AWS.ExtendedRequestID = []string{s, s}, s
	f.Request.Method, f.Request.URL, f.Request.Proto = s, "https://"+s+"/"+s, s
	f.Request.Headers = []flow.Header{{Name: s, Value: s}, {Name: "content-type", Value: s}}
	f.Request.Body = []byte(s + `{"` + s + `":"` + s + `"}`)
	f.Page, f.Note = s, s
	f.Conn = Healthy(1, Start, s, "203.0.113.20")
	r := f.Conn.Resolution
	r.CNAMEs, r.Err, r.HTTPS, r.Zone, r.Hosts, r.Ranges = []string{s}, s, []string{s}, s, s, []string{s}
	r.Queries[0].Name, r.Queries[0].Type, r.Queries[0].Proto, r.Queries[0].RCode, r.Queries[0].EDE = s, s, s, s, s
	r.Reference = &flow.Reference{Nameserver: s, Outcome: flow.DNSOutcome(s), Err: s, HTTPS: []string{s}}
	f.Conn.Attempts[0].Interface, f.Conn.Attempts[0].Err = s, s
	f.Conn.TLS.ServerName, f.Conn.TLS.Version, f.Conn.TLS.ALPN, f.Conn.TLS.Err = s, s, s, s
	f.Conn.TLS.Chain[0] = flow.Cert{Subject: s, Issuer: s, Names: []string{s}}
	f = Answered(f, 403, Millis(92))
	f.Response.Headers = []flow.Header{{Name: s, Value: s}, {Name: "content-type", Value: "text/xml"}}
	f.Response.Body = []byte("<" + s + ">" + s + "</" + s + ">")
	f.Failure = &flow.Failure{Stage: flow.StageReceive, Message: s}
	return f
}
