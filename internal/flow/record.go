package flow

import (
	"encoding/json"
	"math"
	"net/netip"
	"time"
	"unicode/utf8"
)

// A Record is the flow record, version 1: the stable JSON form of a Flow for scripts, one
// object a line. Absent facts are absent keys. Times are RFC 3339 in UTC, durations
// milliseconds, sizes bytes.
type Record struct {
	V          int                 `json:"v"`
	ID         ID                  `json:"id"`
	Rev        uint32              `json:"rev"`
	Final      bool                `json:"final"`
	State      State               `json:"state,omitempty"` // absent when final
	Source     Source              `json:"source"`
	Exporter   Exporter            `json:"exporter,omitempty"` // of the HAR that it was read from
	Started    time.Time           `json:"started"`
	Origin     Origin              `json:"origin"`
	Why        []Evidence          `json:"why"`
	AWS        *RecordAWS          `json:"aws,omitempty"`
	Vends      bool                `json:"credential_vend,omitempty"` // its bodies hold credentials
	Page       string              `json:"page,omitempty"`
	Request    RecordRequest       `json:"request"`
	Response   *RecordResponse     `json:"response,omitempty"`
	Failure    *RecordFailure      `json:"failure,omitempty"`
	Connection *RecordConnection   `json:"connection,omitempty"`
	Unused     []*RecordConnection `json:"unused_connections,omitempty"`      // connections that it started to dial and didn't use
	UnusedMore int                 `json:"unused_connections_more,omitempty"` // the number of further ones
	Later      []RecordLater       `json:"later,omitempty"`                   // learned after the connection was made
	WebSocket  *RecordMessages     `json:"websocket,omitempty"`
	Timings    RecordTimings       `json:"timings"`
	Moments    *RecordMoments      `json:"moments_ms,omitempty"`
	Note       string              `json:"note"`
	Marked     bool                `json:"marked"`
	Findings   Codes               `json:"findings"`
	Shortened  []Part              `json:"shortened,omitempty"`   // parts of which something was left out
	RawSecrets bool                `json:"raw_secrets,omitempty"` // nothing was redacted, as the user chose
	Simulated  bool                `json:"simulated,omitempty"`   // of the demo: AWS, network and browser are simulated
	Privacy    string              `json:"privacy,omitempty"`     // PrivacyStrict, or ""
}

// PrivacyStrict is the record's "privacy" if identities were replaced by stand-ins.
const PrivacyStrict = "strict"

// RecordAWS is the record's "aws".
type RecordAWS struct {
	Partition       string           `json:"partition,omitempty"`
	Region          string           `json:"region,omitempty"`
	Service         string           `json:"service,omitempty"`
	ServiceName     string           `json:"service_name,omitempty"`
	Operation       string           `json:"operation"`
	Also            []string         `json:"also"`
	DecodedBy       string           `json:"decoded_by,omitempty"`
	EndpointService string           `json:"endpoint_service,omitempty"`
	RequestID       string           `json:"request_id,omitempty"`
	ExtendedID      string           `json:"extended_request_id,omitempty"`
	Error           *RecordError     `json:"error,omitempty"`
	InnerStatus     int              `json:"inner_status,omitempty"`
	Batch           []string         `json:"batch,omitempty"`        // service:Operation of each call, if there are several
	ClockSkew       float64          `json:"clock_skew_s,omitempty"` // how far the client's clock is ahead
	MeasuredMS      float64          `json:"measured_ms,omitempty"`
	Beacon          []RecordMeasure  `json:"beacon,omitempty"` // all that it measured
	PreflightOf     *RecordPreflight `json:"preflight_of,omitempty"`
}

// RecordPreflight is the record's "aws.preflight_of".
type RecordPreflight struct {
	Operations []string        `json:"operations"` // one of these
	By         PreflightSource `json:"by"`
}

// RecordMeasure is one duration of the record's "aws.beacon".
type RecordMeasure struct {
	Name string  `json:"name"`
	MS   float64 `json:"ms"`
}

// RecordError is the record's "aws.error".
type RecordError struct {
	Code      string `json:"code"`
	Message   string `json:"message,omitempty"`
	Type      string `json:"type,omitempty"`
	Deny      string `json:"denied_by,omitempty"` // the kind of policy
	PolicyARN string `json:"policy_arn,omitempty"`
	Explicit  bool   `json:"explicit_deny,omitempty"`
	Action    string `json:"action,omitempty"` // as a policy writes it: "cloudwatch:GetMetricData"
}

// RecordRequest is the record's "request".
type RecordRequest struct {
	Method   string      `json:"method"`
	URL      string      `json:"url"`
	Proto    string      `json:"proto,omitempty"`
	Headers  [][2]string `json:"headers"`
	BodySize int64       `json:"body_size"`
	RecordBody
}

// RecordBody is the part of a body that was kept, without its content coding.
type RecordBody struct {
	Text      string `json:"body,omitempty"`        // if it is UTF-8
	Base64    []byte `json:"body_base64,omitempty"` // if not
	Truncated bool   `json:"body_truncated,omitempty"`
}

// RecordResponse is the record's "response".
type RecordResponse struct {
	Status   int         `json:"status"`
	Proto    string      `json:"proto,omitempty"`
	Headers  [][2]string `json:"headers"`
	BodySize int64       `json:"body_size"`
	Traits   []Trait     `json:"traits,omitempty"` // facts that the headers show
	RecordBody
}

// RecordFailure is the record's "failure".
type RecordFailure struct {
	Stage       Stage       `json:"stage"`
	Message     string      `json:"message"`
	Plaintext   bool        `json:"plaintext,omitempty"` // the server answered the TLS handshake in plain HTTP
	Reset       bool        `json:"reset,omitempty"`     // the connection was reset after it was made
	Kind        FailureKind `json:"kind,omitempty"`
	NotSent     bool        `json:"not_sent,omitempty"`    // nothing of the request was sent
	Unprocessed bool        `json:"unprocessed,omitempty"` // the server refused to process it, each time it was sent
}

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

// RecordMessages is the record's "websocket".
type RecordMessages struct {
	Sent      RecordCount `json:"sent"`
	Received  RecordCount `json:"received"`
	CloseCode int         `json:"close_code,omitempty"`
	ClosedBy  Side        `json:"closed_by,omitempty"`
}

// RecordCount counts the messages of one direction.
type RecordCount struct {
	Messages int64 `json:"messages"`
	Bytes    int64 `json:"bytes"`
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

// RecordResolution is the record's "connection.resolution".
type RecordResolution struct {
	Name       string            `json:"name"`
	Outcome    DNSOutcome        `json:"outcome"`
	Source     DNSSource         `json:"source"`
	Nameserver string            `json:"nameserver,omitempty"`
	CNAMEs     []string          `json:"cnames"`
	Addresses  []RecordAddress   `json:"addresses"`
	AddrsMore  int               `json:"addresses_more,omitempty"` // further ones, which aren't used
	DeadAlias  string            `json:"dead_alias,omitempty"`     // the last of cnames, which doesn't exist or has no address
	HTTPS      []string          `json:"https,omitempty"`
	TTL        float64           `json:"ttl_s,omitempty"`
	Age        float64           `json:"age_s,omitempty"` // since the lookup, if the answer was used again
	AtMS       *float64          `json:"at_ms,omitempty"`
	MS         float64           `json:"ms"`
	Message    string            `json:"message,omitempty"`
	Shortage   Shortage          `json:"shortage,omitempty"`    // this machine had run out of it
	Outside    bool              `json:"outside_aws,omitempty"` // the addresses are public, and none is in AWS's ranges
	Zone       string            `json:"zone,omitempty"`        // of a negative answer (SOA)
	Validated  bool              `json:"dnssec_validated,omitempty"`
	Hosts      string            `json:"hosts_line,omitempty"` // "/etc/hosts:7"
	Before     *RecordAnswer     `json:"before,omitempty"`     // the answer before, if the two contradict each other
	Reference  *RecordReference  `json:"reference,omitempty"`
	Wire       *RecordReference  `json:"wire,omitempty"`        // the nameserver's answer, if the system's resolver was used
	Each       []RecordReference `json:"nameservers,omitempty"` // the answer of each nameserver; of probes
	Queries    []RecordQuery     `json:"queries,omitempty"`
}

// RecordQuery is one question to one nameserver.
type RecordQuery struct {
	Server    string  `json:"server"`
	Proto     string  `json:"proto"`
	Name      string  `json:"name"`
	Type      string  `json:"type"`
	RCode     string  `json:"rcode,omitempty"` // absent if there was no answer
	Truncated bool    `json:"truncated,omitempty"`
	Answers   int     `json:"answers"`
	NoEDNS    bool    `json:"without_edns,omitempty"` // answered only when asked without
	EDE       string  `json:"ede,omitempty"`
	MS        float64 `json:"ms"`
}

// RecordAnswer is the record's "connection.resolution.before".
type RecordAnswer struct {
	Outcome   DNSOutcome      `json:"outcome"`
	Addresses []RecordAddress `json:"addresses"`
	Last      time.Time       `json:"last"`
}

// RecordReference is the record's "connection.resolution.reference".
type RecordReference struct {
	Nameserver string          `json:"nameserver"`
	Outcome    DNSOutcome      `json:"outcome"`
	Addresses  []RecordAddress `json:"addresses"`
	MS         float64         `json:"ms"`
	Message    string          `json:"message,omitempty"`
	HTTPS      []string        `json:"https,omitempty"`
	Verdict    Verdict         `json:"verdict"`
}

// RecordAddress is one resolved address.
type RecordAddress struct {
	IP    netip.Addr `json:"ip"`
	Scope Scope      `json:"scope"`
	Range string     `json:"aws_range,omitempty"` // its AWS range: "EC2 us-east-1"
}

// RecordAttempt is one dial attempt.
type RecordAttempt struct {
	Address        string        `json:"address"`
	Outcome        DialOutcome   `json:"outcome"`
	AtMS           *float64      `json:"at_ms,omitempty"`
	MS             float64       `json:"ms"`
	Local          string        `json:"local,omitempty"`
	Interface      string        `json:"interface,omitempty"`
	Kind           InterfaceKind `json:"interface_kind,omitempty"`
	SYNs           int           `json:"syns,omitempty"` // SYNRetransmits and the first one; only written
	SYNRetransmits *int          `json:"syn_retransmits,omitempty"`
	State          string        `json:"tcp_state,omitempty"` // SYN-SENT, ESTABLISHED
	RTT            float64       `json:"tcp_rtt_ms,omitempty"`
	Message        string        `json:"message,omitempty"`
	Shortage       Shortage      `json:"shortage,omitempty"` // this machine had run out of it
}

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

// RecordTimings are the HAR phases in milliseconds; -1 means not applicable.
type RecordTimings struct {
	Blocked float64 `json:"blocked"`
	DNS     float64 `json:"dns"`
	Connect float64 `json:"connect"`
	SSL     float64 `json:"ssl"`
	Send    float64 `json:"send"`
	Wait    float64 `json:"wait"`
	Receive float64 `json:"receive"`
}

// RecordMoments are instants in milliseconds after started; absent if they didn't happen.
type RecordMoments struct {
	GotConn      *float64 `json:"got_connection,omitempty"`
	WroteRequest *float64 `json:"wrote_request,omitempty"`
	FirstByte    *float64 `json:"first_byte,omitempty"`
	Done         *float64 `json:"done,omitempty"`
}

// MarshalJSON returns the flow as its record.
func (f *Flow) MarshalJSON() ([]byte, error) { return json.Marshal(f.Record()) }

// Record returns the stable form of [Flow.Bounded]. It shares the slices.
func (f *Flow) Record() Record { return f.Bounded().record() }

func (f *Flow) record() Record {
	r := Record{
		V: 1, ID: f.ID, Rev: f.Rev, Final: f.Final(), Source: f.Source, Exporter: f.Exporter,
		Started: f.Times.Start.UTC(), Origin: f.Origin, Why: list(f.Why), Page: f.Page, Vends: f.CredentialVend,
		Request: RecordRequest{
			Method: f.Request.Method, URL: f.Request.URL, Proto: f.Request.Proto,
			Headers: pairs(f.Request.Headers), BodySize: f.Request.BodySize, RecordBody: recordBody(f.Request.Body, f.Request.BodyTruncated),
		},
		Moments: f.Times.record(),
		Timings: recordTimings(f.Timings()),
		Note:    f.Note, Marked: f.Marked, Findings: list(f.Findings),
		UnusedMore: f.UnusedMore, Later: recordLater(f.Later), Shortened: f.Shortened,
	}
	if !f.Final() {
		r.State = f.State
	}
	if f.Strict {
		r.Privacy = PrivacyStrict
	}
	if a := f.AWS; a != nil {
		r.AWS = a.Record()
	}
	if p := f.Response; p != nil {
		r.Response = &RecordResponse{p.Status, p.Proto, pairs(p.Headers), p.BodySize, p.Traits, recordBody(p.Body, p.BodyTruncated)}
	}
	if x := f.Failure; x != nil {
		r.Failure = &RecordFailure{x.Stage, x.Message, x.Plaintext, x.Reset, x.Kind, x.NotSent, x.Unprocessed}
	}
	r.Connection = f.recordConnection()
	for _, c := range f.Unused {
		r.Unused = append(r.Unused, c.record())
	}
	if m := f.Messages; m != nil {
		r.WebSocket = &RecordMessages{
			RecordCount{m.Sent.Count, m.Sent.Bytes}, RecordCount{m.Received.Count, m.Received.Bytes}, m.CloseCode, m.ClosedBy,
		}
	}
	return r
}

// Record returns the call's stable form. It shares the slices.
func (a *AWS) Record() *RecordAWS {
	r := &RecordAWS{
		Partition: a.Partition, Region: a.Region, Service: a.Service, ServiceName: a.ServiceName,
		Operation: a.Operation, Also: list(a.Also), DecodedBy: a.DecodedBy, EndpointService: a.EndpointService,
		RequestID: a.RequestID, ExtendedID: a.ExtendedRequestID, InnerStatus: a.InnerStatus, Batch: a.Batch,
		ClockSkew: a.ClockSkew.Seconds(), MeasuredMS: MS(a.Measured),
	}
	for _, m := range a.Beacon {
		r.Beacon = append(r.Beacon, RecordMeasure{m.Name, MS(m.Took)})
	}
	if p := a.PreflightOf; p != nil {
		r.PreflightOf = &RecordPreflight{list(p.Operations), p.By}
	}
	if e := a.Error; e != nil {
		r.Error = &RecordError{e.Code, e.Message, e.Type, e.Deny, e.PolicyARN, e.Explicit, e.Action}
	}
	return r
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

// recordAttempts returns nil if there are none.
func recordAttempts(all []DialAttempt, began time.Time) (out []RecordAttempt) {
	for _, a := range all {
		ra := RecordAttempt{
			Address: a.Addr.String(), Outcome: a.Outcome, AtMS: since(began, a.Start), MS: MS(a.Took),
			Interface: a.Interface, Kind: a.Kind, Message: a.Err, Shortage: a.Shortage,
		}
		if a.Local.IsValid() {
			ra.Local = a.Local.String()
		}
		if a.Kernel != nil {
			ra.SYNs = a.SYNs()
			ra.SYNRetransmits, ra.State, ra.RTT = &a.Kernel.SYNRetransmits, a.Kernel.State, MS(a.Kernel.RTT)
		}
		out = append(out, ra)
	}
	return out
}

func (r *Resolution) record(began time.Time) *RecordResolution {
	if r == nil {
		return nil
	}
	out := &RecordResolution{
		Name: r.Name, Outcome: r.Outcome, Source: r.Source, CNAMEs: list(r.CNAMEs),
		TTL: r.TTL.Seconds(), AtMS: since(began, r.Start), MS: MS(r.Took), Message: r.Err, Shortage: r.Shortage, Outside: r.OutsideAWS(),
	}
	if r.Nameserver.IsValid() {
		out.Nameserver = r.Nameserver.String()
	}
	out.Addresses = recordAddresses(r.Addrs)
	for i := range min(len(r.Ranges), len(out.Addresses)) {
		out.Addresses[i].Range = r.Ranges[i]
	}
	out.AddrsMore, out.DeadAlias = r.AddrsMore, r.DeadAlias()
	out.HTTPS, out.Age = r.HTTPS, r.Age.Seconds()
	out.Zone, out.Validated, out.Hosts = r.Zone, r.Validated, r.Hosts
	if b := r.Before; b != nil {
		out.Before = &RecordAnswer{b.Outcome, recordAddresses(b.Addrs), b.Last.UTC()}
	}
	if r.Reference != nil {
		ref := r.recordReference(r.Reference)
		out.Reference = &ref
	}
	if r.Wire != nil {
		ref := r.recordReference(r.Wire)
		ref.Verdict = Verdict(r.Explained())
		out.Wire = &ref
	}
	for _, q := range r.Queries {
		out.Queries = append(out.Queries, RecordQuery{
			q.Server.String(), q.Proto, q.Name, q.Type, q.RCode, q.Truncated, q.Answers, q.NoEDNS, q.EDE, MS(q.Took),
		})
	}
	for _, ref := range r.Each {
		out.Each = append(out.Each, r.recordReference(ref))
	}
	return out
}

func (r *Resolution) recordReference(ref *Reference) RecordReference {
	return RecordReference{ref.Nameserver, ref.Outcome, recordAddresses(ref.Addrs), MS(ref.Took), ref.Err, ref.HTTPS, r.Compare(ref)}
}

func recordAddresses(addrs []netip.Addr) []RecordAddress {
	out := make([]RecordAddress, 0, len(addrs))
	for _, a := range addrs {
		out = append(out, RecordAddress{IP: a, Scope: ScopeOf(a)})
	}
	return out
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

func recordTimings(t Timings) RecordTimings {
	ms := func(d time.Duration) float64 {
		if d == NotApplicable {
			return -1
		}
		return MS(d)
	}
	return RecordTimings{ms(t.Blocked), ms(t.DNS), ms(t.Connect), ms(t.SSL), ms(t.Send), ms(t.Wait), ms(t.Receive)}
}

// record returns nil if only the start is known.
func (t Times) record() *RecordMoments {
	m := RecordMoments{since(t.Start, t.GotConn), since(t.Start, t.WroteRequest), since(t.Start, t.FirstByte), since(t.Start, t.Done)}
	if m == (RecordMoments{}) {
		return nil
	}
	return &m
}

// since returns the milliseconds from began to at; nil if either isn't known.
func since(began, at time.Time) *float64 {
	if began.IsZero() || at.IsZero() {
		return nil
	}
	ms := MS(at.Sub(began))
	return &ms
}

func recordBody(b []byte, truncated bool) RecordBody {
	if utf8.Valid(b) {
		return RecordBody{Text: string(b), Truncated: truncated}
	}
	return RecordBody{Base64: b, Truncated: truncated}
}

// MS returns d in milliseconds, rounded to microseconds.
func MS(d time.Duration) float64 {
	return math.Round(float64(d)/float64(time.Microsecond)) / 1000
}

func pairs(hs []Header) [][2]string {
	out := make([][2]string, len(hs))
	for i, h := range hs {
		out[i] = [2]string{h.Name, h.Value}
	}
	return out
}

// list replaces nil by an empty slice, which is [] and not null in JSON.
func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
