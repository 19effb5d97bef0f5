package doctor

import (
	"slices"
	"time"

	"detour/internal/flow"
)

// A Server is how a server of AWS answered, or why it didn't.
type Server struct {
	Host   string
	Err    string          // why there is no response; "": there is
	TLS    flow.TLSOutcome // "": there was no handshake
	Issued flow.Issuer
	Issuer string    // of the certificate, as it says
	Date   time.Time // the server's time; zero: it sent none
	Now    time.Time // this machine's time when it answered
}

func (s Server) reach(hosts []HostsLine) Check {
	const code = "aws"
	switch {
	case s.Err == "":
		return ok(code, "%s responds", s.Host)
	case s.TLS != "":
		return ok(code, "%s accepts connections", s.Host)
	}
	fix := "check that the network or the VPN is up; detour probe " + s.Host + " shows every step"
	if i := slices.IndexFunc(hosts, func(l HostsLine) bool { return l.Name == s.Host }); i >= 0 {
		fix = "remove the name from " + hosts[i].Where + ", where its address is " + hosts[i].Addr
	}
	return fail(code, fix, "can't reach %s: %s", s.Host, s.Err)
}

// The limits of a clock: AWS rejects signatures that are off by more than five
// minutes (Signature Version 4, "Troubleshooting"), and a smaller difference may grow.
const (
	clockFails = 5 * time.Minute
	clockWarns = 30 * time.Second
)

func (s Server) clock() Check {
	const code, fix = "clock", "synchronise the clock with the network (NTP)"
	if s.Date.IsZero() {
		return warn(code, "", "can't get the time from %s", s.Host)
	}
	off := s.Now.Sub(s.Date).Round(time.Second)
	word := "ahead of"
	if off < 0 {
		off, word = -off, "behind"
	}
	switch {
	case off > clockFails:
		return fail(code, fix+": AWS rejects signatures that are more than five minutes off", "%v %s AWS's clock", off, word)
	case off > clockWarns:
		return warn(code, fix, "%v %s AWS's clock", off, word)
	}
	return ok(code, "within %v of AWS's clock", clockWarns)
}

func (s Server) interception() Check {
	const code = "interception"
	switch {
	case s.TLS == "":
		return warn(code, "", "can't get the certificate of %s", s.Host)
	case s.TLS == flow.TLSOK && s.Issued == flow.IssuerPrivate:
		return warn(code, "a program on this machine, or the company's proxy, inspects TLS; results include its effects",
			"the certificate of %s was issued by %s, not by AWS's CA; this machine trusts it", s.Host, s.Issuer)
	case s.TLS == flow.TLSOK:
		return ok(code, "the certificate of %s was issued by %s", s.Host, s.Issuer)
	case s.TLS == flow.TLSUntrusted:
		return fail(code, "ask IT for the certificate of its CA: --upstream-ca FILE",
			"the certificate of %s was issued by %s, which this machine doesn't trust", s.Host, s.Issuer)
	}
	return fail(code, "detour probe "+s.Host+" shows every step", "TLS with %s fails: %s", s.Host, s.Err)
}
