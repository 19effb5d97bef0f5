package session

import (
	"crypto/tls"
	"crypto/x509"
	"net/netip"
	"time"

	"detour/internal/aws"
	"detour/internal/dial"
	"detour/internal/fault"
	"detour/internal/flow"
	"detour/internal/resolve"
)

// Network is where a session's connections go. Resolver is required.
type Network struct {
	Resolver dial.Resolver
	// Reference is a resolver outside the VPC, for AWS's names, until SetReference; nil: none.
	Reference *resolve.Reference
	// Wire is the nameserver that the system queries; nil: none is known. ExplainsSystem
	// says that its answers explain those of the system's resolver.
	Wire           *resolve.Reference
	ExplainsSystem bool
	Ranges         func() (*aws.Ranges, error)                  // loads the addresses that AWS publishes; nil: they aren't used
	ProbeLosers    bool                                         // whether private addresses that lost a race are tried again
	Connect        dial.Connect                                 // nil: the system's
	Timeout        time.Duration                                // of a connect; 0: the system's
	RootCAs        *x509.CertPool                               // nil: the system's
	ClientCert     *tls.Certificate                             // nil: none
	Via            func(scheme, authority string) *dial.Proxy   // nil: no upstream proxy
	Then           func(scheme, authority string) []*dial.Proxy // as for dial.Config
	Why            func(scheme, authority string) string        // as for dial.Config
	Unused         *flow.SystemProxy                            // the system's proxy, if no connection uses it; nil: there is none
}

// Dial returns the dialer's configuration for the network.
func (n Network) Dial() dial.Config {
	return dial.Config{
		Resolver: n.Resolver, Connect: n.Connect, Timeout: n.Timeout, RootCAs: n.RootCAs, Via: n.Via, Then: n.Then, Why: n.Why,
		ClientCert: n.ClientCert,
	}
}

// dialer is how a session dials. late takes what is learned of a connection after its end.
func (n Network) dialer(r dial.Resolver, isAWS func(host string) bool, late func(flow.ID, flow.Later)) dial.Config {
	cfg := n.Dial()
	cfg.Resolver, cfg.OnLater = r, late
	cfg.RecheckLoser = func(host string, a netip.Addr) bool { return n.ProbeLosers && flow.ScopeOf(a).InVPC() && isAWS(host) }
	return cfg
}

// lookups resolve names for a session: a cache of answers, and second opinions on them.
type lookups struct {
	cache     *resolve.Cache
	reference *resolve.SecondOpinion
	opinions  []*resolve.SecondOpinion
	resolver  dial.Resolver // the outermost of them
}

// newLookups returns the lookups of a network. Second opinions are asked for the names
// that isAWS reports; changed is called when a name has another answer than before.
func newLookups(n Network, isAWS func(host string) bool, changed func(now *flow.Resolution), faults *fault.Guard) lookups {
	l := lookups{cache: resolve.NewCache(n.Resolver, changed)}
	l.resolver = l.cache
	add := func(a resolve.Asker, as resolve.Annotation) *resolve.SecondOpinion {
		o := resolve.NewSecondOpinion(l.resolver, a, isAWS, as, faults)
		l.resolver, l.opinions = o, append(l.opinions, o)
		return o
	}
	l.reference = add(nil, resolve.AsReference)
	l.setReference(n.Reference)
	switch {
	case n.Wire == nil:
	case n.ExplainsSystem:
		add(n.Wire, resolve.AsWire)
	default:
		add(n.Wire.HTTPSOnly(), resolve.AsHTTPS)
	}
	return l
}

// setReference changes the reference; nil: none.
func (l lookups) setReference(r *resolve.Reference) {
	if r == nil {
		l.reference.Replace(nil) // not an Asker that is a nil pointer
		return
	}
	l.reference.Replace(r)
}

// SetReference changes the resolver outside the VPC that is asked about AWS's names; nil: none.
// Connections that were made before keep the answers that they have. It may be called
// concurrently.
func (s *Session) SetReference(r *resolve.Reference) { s.lookups.setReference(r) }

// annotate adds the second opinions to a connection.
func (l lookups) annotate(c *flow.Conn) *flow.Conn {
	for _, o := range l.opinions {
		c = o.Annotate(c)
	}
	return c
}

// close cancels pending queries.
func (l lookups) close() {
	for _, o := range l.opinions {
		o.Close()
	}
}
