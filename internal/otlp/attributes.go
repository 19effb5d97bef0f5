package otlp

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"detour/internal/flow"
)

// request adds what is known of a flow's request, except its connection.
func (m *message) request(f *flow.Flow) {
	if method := f.Request.Method; isWord(method) {
		m.text(attrMethod, method)
	}
	m.text(attrURL, urlOf(f))
	m.server(f.Request.Authority())
	if f.Response != nil && f.Response.Status > 0 {
		m.integer(attrStatus, int64(f.Response.Status))
	}
	m.text(attrErrorType, errorType(f))
	m.call(f.AWS)
	m.closed(attrOrigin, string(f.Origin))
	if findings := slices.DeleteFunc(slices.Clone(f.Findings), func(s string) bool { return !flow.IsWord(s) }); len(findings) > 0 {
		m.text(attrFinding, strings.Join(findings, ","))
	}
	m.protocol(f)
}

// server adds a host:port.
func (m *message) server(authority string) {
	host, digits := serverOf(authority)
	if host == "" {
		return
	}
	m.text(attrServer, host)
	if port, err := strconv.ParseUint(digits, 10, 16); err == nil {
		m.integer(attrServerPort, int64(port)) //nolint:gosec // it has 16 bits
	}
}

// call adds which AWS call a request makes.
func (m *message) call(a *flow.AWS) {
	if a == nil {
		return
	}
	if a.IsCall() {
		m.text(attrRPCSystem, "aws-api")
		m.text(attrRPCMethod, Method(a))
	}
	m.word(attrRegion, a.Region)
	m.word(attrEndpointService, a.EndpointService)
	if flow.IsRequestID(a.RequestID) {
		m.text(attrRequestID, a.RequestID)
	}
	if e := a.Error; e != nil {
		m.word(attrRPCStatus, e.Code)
	}
}

// Method names an AWS call: "CloudWatch/GetMetricData"; "" if its operation isn't known. a may be nil.
func Method(a *flow.AWS) string {
	if !a.IsCall() || a.Operation == "" {
		return ""
	}
	service := a.ServiceName
	if service == "" {
		service = a.Service
	}
	if !isName(service) || !isName(a.Operation) {
		return ""
	}
	return service + "/" + a.Operation
}

// protocol adds the version of HTTP that the server spoke.
func (m *message) protocol(f *flow.Flow) {
	if f.Response == nil {
		return
	}
	version, ok := strings.CutPrefix(f.Response.Proto, "HTTP/")
	if version = strings.TrimSuffix(version, ".0"); version == "1" {
		version = "1.0"
	}
	if ok && len(version) <= 3 && isWord(version) {
		m.text(attrProtocol, "http")
		m.text(attrProtocolVersion, version)
	}
}

// connection adds what is known of a connection that is attributed to the record.
func (m *message) connection(c *flow.Conn) {
	if c == nil {
		return
	}
	m.resolution(lookup(c))
	if a := c.Decisive(); a != nil {
		m.attempt(*a)
	}
	m.retransmits(c.Attempts)
	m.handshake(c.TLS)
}

// lookup is a connection's lookup; nil if there was none: the host is an address, or the upstream proxy looks it
// up. c may be nil.
func lookup(c *flow.Conn) *flow.Resolution {
	if c == nil || c.Resolution == nil || c.Resolution.Source == flow.SourceLiteral || c.Resolution.Source == flow.SourceProxied {
		return nil
	}
	return c.Resolution
}

// resolution adds a lookup.
func (m *message) resolution(r *flow.Resolution) {
	if r == nil {
		return
	}
	if isHost(r.Name) {
		m.text(attrQuestion, r.Name)
	}
	var answers []string
	for _, a := range r.Addrs {
		answers = append(answers, a.String())
	}
	m.texts(attrAnswers, answers)
	m.text(attrNameserver, nameserver(r.Nameserver))
	m.text(attrScope, scopes(r))
}

// scopes are the kinds of the addresses in an answer.
func scopes(r *flow.Resolution) string {
	var all []string
	for _, s := range r.Scopes() {
		all = append(all, string(s))
	}
	return strings.Join(all, ",")
}

// A place is where a request comes from, and how its host's name is answered there.
type place struct{ network, nameserver, scope string }

// placeOf returns the place of a request by its connection, which may be nil.
func placeOf(c *flow.Conn) (p place) {
	if a := c.Decisive(); a != nil {
		p.network = network(a.Local.Addr())
	}
	if r := lookup(c); r != nil {
		p.nameserver, p.scope = nameserver(r.Nameserver), scopes(r)
	}
	return p
}

// places remember the places of connections, each of which may carry many requests.
type places [64]struct {
	of    *flow.Conn
	place place
}

func (p *places) get(c *flow.Conn) place {
	if c == nil {
		return place{}
	}
	e := &p[c.ID%flow.ID(len(p))]
	if e.of != c {
		e.of, e.place = c, placeOf(c)
	}
	return e.place
}

// nameserver is its address, with the port if that isn't 53; "" if none is known.
func nameserver(a netip.AddrPort) string {
	switch {
	case !a.IsValid():
		return ""
	case a.Port() == 53:
		return a.Addr().String()
	}
	return a.String()
}

// attempt adds the ends of a connect.
func (m *message) attempt(a flow.DialAttempt) {
	if a.Addr.IsValid() {
		m.text(attrPeer, a.Addr.Addr().String())
		m.integer(attrPeerPort, int64(a.Addr.Port()))
	}
	m.text(attrLocal, network(a.Local.Addr()))
}

// network is the network of an address of the machine: /24, or /48 with IPv6, as its first address. It is ""
// for none, and for one of a single machine or link.
func network(a netip.Addr) string {
	a = a.Unmap().WithZone("")
	bits := 24
	if a.Is6() {
		bits = 48
	}
	switch flow.ScopeOf(a) { //nolint:exhaustive // the others are of networks
	case flow.ScopeUnspecified, flow.ScopeLoopback, flow.ScopeLinkLocal:
		return ""
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return ""
	}
	return p.Addr().String()
}

// retransmits adds how many SYNs were sent again, at most, to one address; nothing if the system didn't say.
func (m *message) retransmits(attempts []flow.DialAttempt) {
	most := -1
	for _, a := range attempts {
		if a.Kernel != nil {
			most = max(most, a.Kernel.SYNRetransmits)
		}
	}
	if most >= 0 {
		m.integer(attrSYNs, int64(most))
	}
}

// handshake adds a TLS handshake.
func (m *message) handshake(t *flow.TLSInfo) {
	if t == nil {
		return
	}
	m.boolean(attrTLSEstablished, t.Outcome == flow.TLSOK)
	if version, ok := strings.CutPrefix(t.Version, "TLS "); ok {
		m.word(attrTLSVersion, version)
	}
	if len(t.Chain) > 0 {
		m.text(attrTLSIssuer, t.Chain[0].Issuer)
	}
}

// closed adds a word of one of detour's closed sets.
func (m *message) closed(key, v string) {
	if flow.IsWord(v) {
		m.text(key, v)
	}
}

// word adds a text that has the form of a name in AWS's APIs, and no other one.
func (m *message) word(key, v string) {
	if isName(v) {
		m.text(key, v)
	}
}
