package flow

import (
	"net/netip"
	"time"
)

// Flow returns the record as a Flow. Absent facts stay absent; instants are exact to a
// microsecond. It shares the slices.
func (r *Record) Flow() *Flow {
	f := &Flow{
		ID: r.ID, Rev: r.Rev, Source: r.Source, Exporter: r.Exporter, State: r.State, Origin: r.Origin, Why: some(r.Why),
		CredentialVend: r.Vends, Page: r.Page, Note: r.Note, Marked: r.Marked, Findings: some(r.Findings),
		UnusedMore: r.UnusedMore, Later: laterOf(r.Later), Shortened: some(r.Shortened),
		Request: Request{
			Method: r.Request.Method, URL: r.Request.URL, Proto: r.Request.Proto, Headers: unpair(r.Request.Headers),
			BodySize: r.Request.BodySize, Body: r.Request.body(), BodyTruncated: r.Request.Truncated,
		},
		Times: r.times(),
		Conn:  r.Connection.conn(),
	}
	if r.Final {
		f.State = StateDone
	}
	f.Strict = r.Privacy == PrivacyStrict
	if r.Source == SourceHAR {
		t := r.Timings.timings()
		f.Phases = &t
	}
	if r.AWS != nil {
		f.AWS = r.AWS.aws()
	}
	if p := r.Response; p != nil {
		f.Response = &Response{p.Status, p.Proto, unpair(p.Headers), p.BodySize, p.body(), p.Truncated, some(p.Traits)}
	}
	if x := r.Failure; x != nil {
		f.Failure = &Failure{x.Stage, x.Message, x.Plaintext, x.Reset, x.Kind, x.NotSent, x.Unprocessed}
	}
	if c := r.Connection; c != nil {
		f.Reused = c.Reused
		if c.Tunnel {
			f.Tunnel = &Tunnel{c.Sent, c.Received, c.ServerName, c.Protocols, c.ClosedBy}
		}
	}
	for _, c := range r.Unused {
		if c != nil {
			f.Unused = append(f.Unused, c.conn())
		}
	}
	if m := r.WebSocket; m != nil {
		f.Messages = &Messages{
			MessageCount{m.Sent.Messages, m.Sent.Bytes}, MessageCount{m.Received.Messages, m.Received.Bytes}, m.CloseCode, m.ClosedBy,
		}
	}
	return f
}

func (b RecordBody) body() []byte {
	switch {
	case b.Base64 != nil:
		return b.Base64
	case b.Text != "":
		return []byte(b.Text)
	}
	return nil
}

func (r *Record) times() Times {
	t := Times{Start: r.Started}
	if m := r.Moments; m != nil {
		t.GotConn, t.WroteRequest = from(&t.Start, m.GotConn), from(&t.Start, m.WroteRequest)
		t.FirstByte, t.Done = from(&t.Start, m.FirstByte), from(&t.Start, m.Done)
	}
	return t
}

// timings is the inverse of recordTimings.
func (r RecordTimings) timings() Timings {
	phase := func(ms float64) time.Duration {
		if ms < 0 {
			return NotApplicable
		}
		return milliseconds(ms)
	}
	return Timings{phase(r.Blocked), phase(r.DNS), phase(r.Connect), phase(r.SSL), phase(r.Send), phase(r.Wait), phase(r.Receive)}
}

func (r *RecordAWS) aws() *AWS {
	a := &AWS{
		Partition: r.Partition, Region: r.Region, Service: r.Service, ServiceName: r.ServiceName, Operation: r.Operation,
		Also: some(r.Also), DecodedBy: r.DecodedBy, EndpointService: r.EndpointService, RequestID: r.RequestID,
		ExtendedRequestID: r.ExtendedID, InnerStatus: r.InnerStatus, Batch: r.Batch,
		ClockSkew: seconds(r.ClockSkew), Measured: milliseconds(r.MeasuredMS),
	}
	for _, m := range r.Beacon {
		a.Beacon = append(a.Beacon, Measure{m.Name, milliseconds(m.MS)})
	}
	if p := r.PreflightOf; p != nil {
		a.PreflightOf = &PreflightOf{some(p.Operations), p.By}
	}
	if e := r.Error; e != nil {
		a.Error = &AWSError{e.Code, e.Message, e.Type, e.Deny, e.PolicyARN, e.Explicit, e.Action}
	}
	return a
}

func (r *RecordConnection) conn() *Conn {
	if r == nil {
		return nil
	}
	c := &Conn{
		ID: r.ID, Authority: r.Authority, UpstreamProxy: r.UpstreamProxy, PAC: r.PAC, Resolution: r.Resolution.resolution(r.Started),
		Attempts: attempts(r.Attempts, r.Started), Elsewhere: attempts(r.Elsewhere, r.Started), TLS: r.TLS.info(r.Started),
	}
	if r.Started != nil {
		c.Start = *r.Started
	}
	if v := r.ProxyAnswer; v != nil {
		c.Via = &Via{
			v.Resolution.resolution(r.Started), v.Status, unpair(v.Headers), v.Body, from(r.Started, v.AtMS), milliseconds(v.MS), v.Message,
		}
	}
	return c
}

func attempts(all []RecordAttempt, began *time.Time) (out []DialAttempt) {
	for _, r := range all {
		a := DialAttempt{
			Outcome: r.Outcome, Start: from(began, r.AtMS), Took: milliseconds(r.MS), Interface: r.Interface, Kind: r.Kind, Err: r.Message,
			Shortage: r.Shortage,
		}
		a.Addr, _ = netip.ParseAddrPort(r.Address) // "invalid AddrPort" if it isn't known
		a.Local, _ = netip.ParseAddrPort(r.Local)
		if r.SYNRetransmits != nil {
			a.Kernel = &KernelTCP{*r.SYNRetransmits, r.State, milliseconds(r.RTT)}
		}
		out = append(out, a)
	}
	return out
}

func (r *RecordResolution) resolution(began *time.Time) *Resolution {
	if r == nil {
		return nil
	}
	out := &Resolution{
		Name: r.Name, Outcome: r.Outcome, Source: r.Source, CNAMEs: some(r.CNAMEs), Addrs: addrs(r.Addresses), AddrsMore: r.AddrsMore,
		HTTPS: r.HTTPS,
		TTL:   seconds(r.TTL), Age: seconds(r.Age), Zone: r.Zone, Validated: r.Validated, Hosts: r.Hosts,
		Start: from(began, r.AtMS), Took: milliseconds(r.MS), Err: r.Message, Shortage: r.Shortage,
		Reference: r.Reference.reference(), Wire: r.Wire.reference(),
	}
	out.Nameserver, _ = netip.ParseAddrPort(r.Nameserver)
	known := r.Outside
	for _, a := range r.Addresses {
		known = known || a.Range != ""
	}
	if known {
		for _, a := range r.Addresses {
			out.Ranges = append(out.Ranges, a.Range)
		}
	}
	if b := r.Before; b != nil {
		out.Before = &Answer{addrs(b.Addresses), b.Outcome, b.Last}
	}
	for _, q := range r.Queries {
		server, _ := netip.ParseAddrPort(q.Server)
		out.Queries = append(out.Queries, DNSQuery{
			server, q.Proto, q.Name, q.Type, q.RCode, q.Truncated, q.Answers, q.NoEDNS, q.EDE, milliseconds(q.MS),
		})
	}
	for i := range r.Each {
		out.Each = append(out.Each, r.Each[i].reference())
	}
	return out
}

func (r *RecordReference) reference() *Reference {
	if r == nil {
		return nil
	}
	return &Reference{r.Nameserver, r.Outcome, addrs(r.Addresses), r.HTTPS, milliseconds(r.MS), r.Message}
}

func (r *RecordTLS) info(began *time.Time) *TLSInfo {
	if r == nil {
		return nil
	}
	t := &TLSInfo{
		Outcome: r.Outcome, ServerName: r.ServerName, Version: r.Version, ALPN: r.ALPN, Issued: r.Issuer, ClientCert: r.ClientCert,
		SmallHello: r.SmallHello, Received: r.Received, Start: from(began, r.AtMS), Took: milliseconds(r.MS), Err: r.Message,
	}
	for _, c := range r.Chain {
		t.Chain = append(t.Chain, Cert{c.Subject, c.Issuer, c.NotAfter, some(c.Names), c.SHA256})
	}
	return t
}

// Finding makes a Finding of a record that was read. Its next steps are text alone: a
// file that somebody sent has no commands to run. The other slices are shared.
func (r RecordFinding) Finding() Finding {
	var try []NextStep
	for _, s := range r.Try {
		try = append(try, NextStep{Text: s})
	}
	var at time.Time
	if r.ResolvedAt != nil {
		at = *r.ResolvedAt
	}
	return Finding{
		Code: r.Code, Level: r.Level, Title: r.Title, Because: some(r.Because), Screens: r.Screens, CloudTrail: r.CloudTrail,
		Alternatives: some(r.Alternatives), Try: try, Asks: r.Asks, Hosts: some(r.Hosts), Flows: some(r.Flows),
		Confidence: r.Confidence, Provisional: r.Provisional, Resolved: r.Resolved, ResolvedAt: at, Proof: r.Proof, Names: r.Names,
	}
}

// from is the inverse of since.
func from(began *time.Time, ms *float64) time.Time {
	if began == nil || ms == nil {
		return time.Time{}
	}
	return began.Add(milliseconds(*ms))
}

// ages limits durations: a hundred years.
const ages = 100 * 365 * 24 * time.Hour

func milliseconds(ms float64) time.Duration { return bounded(ms * float64(time.Millisecond)) }

func seconds(s float64) time.Duration { return bounded(s * float64(time.Second)) }

// bounded rounds to a microsecond; an implausible duration is 0.
func bounded(ns float64) time.Duration {
	if !(ns > -float64(ages) && ns < float64(ages)) {
		return 0
	}
	return time.Duration(ns).Round(time.Microsecond)
}

func addrs(rs []RecordAddress) (out []netip.Addr) {
	for _, r := range rs {
		out = append(out, r.IP)
	}
	return out
}

func unpair(ps [][2]string) (out []Header) {
	for _, p := range ps {
		out = append(out, Header{p[0], p[1]})
	}
	return out
}

// some is the inverse of list.
func some[T any](s []T) []T {
	if len(s) == 0 {
		return nil
	}
	return s
}
