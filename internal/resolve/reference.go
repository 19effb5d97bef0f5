package resolve

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/miekg/dns"

	"detour/internal/errno"
	"detour/internal/fault"
	"detour/internal/flow"
)

// A Reference is a resolver to compare with. It is outside the VPC, so it returns the
// public answer. It may be used concurrently.
type Reference struct {
	name     string   // as the user wrote it
	kinds    []uint16 // the types of records to query
	exchange func(ctx context.Context, q *dns.Msg) (*dns.Msg, error)
	dns      *dns.Client                        // nil for HTTPS
	http     *http.Client                       // nil except for HTTPS
	split    func(host string) []netip.AddrPort // nil: all names are asked here
}

// referenceTimeout is how long detour waits for a reference.
const referenceTimeout = 5 * time.Second

// maxDoH limits an answer over HTTPS: a DNS message has at most 65,535 bytes.
const maxDoH = 1 << 16

// NewReference parses the address of a reference: ADDRESS[:PORT] or udp://… (with TCP for
// truncated answers), tcp://…, tls://ADDRESS[:PORT][#NAME] for DNS over TLS (RFC 7858; the
// certificate must be for NAME, or else for the address), or https://HOST/PATH for DNS over
// HTTPS (RFC 8484).
func NewReference(s string) (*Reference, error) {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok {
		scheme, rest = "udp", s
	}
	if scheme == "https" {
		return overHTTPS(s)
	}
	rest, name, _ := strings.Cut(rest, "#")
	if inner, ok := strings.CutSuffix(rest, "]"); ok {
		rest = strings.TrimPrefix(inner, "[")
	}
	port, c := uint16(53), &dns.Client{Net: scheme, Timeout: referenceTimeout}
	switch scheme {
	case "udp", "tcp":
	case "tls":
		port, c.Net = 853, "tcp-tls"
	default:
		return nil, fmt.Errorf("unknown scheme %q: choose one of udp, tcp, tls, https", scheme)
	}
	server, err := ParseServer(rest, port)
	if err != nil {
		return nil, err
	}
	if scheme == "tls" {
		c.TLSConfig = &tls.Config{ServerName: cmp.Or(name, server.Addr().String()), MinVersion: tls.VersionTLS12}
	}
	return &Reference{name: s, kinds: addressesAndHTTPS(), dns: c, exchange: func(ctx context.Context, q *dns.Msg) (*dns.Msg, error) {
		m, _, err := c.ExchangeContext(ctx, q, server.String())
		if scheme == "udp" && cutOff(m, err) {
			over := &dns.Client{Net: "tcp", Timeout: c.Timeout}
			m, _, err = over.ExchangeContext(ctx, q, server.String())
		}
		return m, err
	}}, nil
}

// cutOff reports whether a reply over UDP isn't whole: the server says so, or it sent more
// than it was told to (RFC 6891, 6.2.3), of which the client reads the beginning.
func cutOff(m *dns.Msg, err error) bool {
	var malformed *dns.Error
	return err == nil && m.Truncated || errors.As(err, &malformed) || errno.IsCutOff(err)
}

func overHTTPS(s string) (*Reference, error) {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" {
		return nil, errors.New("not a URL")
	}
	client := &http.Client{Timeout: referenceTimeout, Transport: &http.Transport{ForceAttemptHTTP2: true}} // without a proxy
	return &Reference{name: s, kinds: addressesAndHTTPS(), http: client, exchange: func(ctx context.Context, q *dns.Msg) (*dns.Msg, error) {
		q.Id = 0 // RFC 8484, 4.1
		b, err := q.Pack()
		if err != nil {
			return nil, err
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, s, bytes.NewReader(b))
		if err != nil {
			return nil, err
		}
		req.Header.Set("Content-Type", "application/dns-message")
		req.Header.Set("Accept", "application/dns-message")
		resp, err := client.Do(req)
		if err != nil {
			return nil, err
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("HTTP status %s", resp.Status)
		}
		if b, err = io.ReadAll(io.LimitReader(resp.Body, maxDoH)); err != nil {
			return nil, err
		}
		m := new(dns.Msg)
		return m, m.Unpack(b)
	}}, nil
}

// String returns the address that NewReference was given.
func (r *Reference) String() string { return r.name }

func addressesAndHTTPS() []uint16 { return []uint16{dns.TypeA, dns.TypeAAAA, dns.TypeHTTPS} }

// HTTPSOnly returns a Reference with the same address that queries HTTPS records only.
func (r *Reference) HTTPSOnly() *Reference {
	only := *r
	only.kinds = []uint16{dns.TypeHTTPS}
	return &only
}

// Split returns r for a system with split DNS: names for which servers has some are asked there.
func (r *Reference) Split(servers func(host string) []netip.AddrPort) *Reference {
	split := *r
	split.split = servers
	return &split
}

// responsible is the one to ask for a host.
func (r *Reference) responsible(host string) *Reference {
	if r.split == nil {
		return r
	}
	to := r.split(host)
	if len(to) == 0 {
		return r
	}
	other, err := NewReference(to[0].String())
	if err != nil {
		return r
	}
	other.kinds = r.kinds
	return other
}

// Ask queries a name's addresses and HTTPS records, all at the same time.
func (r *Reference) Ask(ctx context.Context, host string) *flow.Reference {
	r = r.responsible(host)
	out := &flow.Reference{Nameserver: r.name, Outcome: flow.DNSOK}
	start := time.Now()
	answers, errs := make([]*dns.Msg, len(r.kinds)), make([]error, len(r.kinds))
	var queries fault.Group
	for i, kind := range r.kinds {
		queries.Go(func() {
			answers[i], errs[i] = r.ask(ctx, new(dns.Msg).SetQuestion(dns.Fqdn(normal(host)), kind))
		})
	}
	queries.Wait()
	out.Took = max(1, time.Since(start))
	for i, m := range answers {
		if errs[i] != nil {
			continue
		}
		out.Addrs = append(out.Addrs, addresses(m)...)
		for _, rr := range m.Answer[:min(len(m.Answer), maxAddresses)] {
			if h, ok := rr.(*dns.HTTPS); ok {
				out.HTTPS = append(out.HTTPS, strings.TrimPrefix(h.String(), h.Hdr.String()))
			}
		}
	}
	out.Addrs = unmap(out.Addrs)
	out.Addrs = out.Addrs[:min(len(out.Addrs), maxAddresses)]
	if len(out.Addrs) == 0 {
		out.Outcome, out.Err = nothing(answers[0], errs[0])
	}
	return out
}

// ask sends a question with EDNS and, if the resolver doesn't take that, without. The
// answer is to this question.
func (r *Reference) ask(ctx context.Context, question *dns.Msg) (*dns.Msg, error) {
	q := question.Copy().SetEdns0(1232, false) // DNS flag day 2020: fits into any packet
	m, err := r.exchange(ctx, q)
	if err == nil && refusesEDNS(q, m) {
		q = question
		m, err = r.exchange(ctx, q)
	}
	if err == nil && !answersTo(q, m) {
		return nil, errUnrelated
	}
	return m, err
}

// nothing says why a reference has no address, by the answer for IPv4.
func nothing(m *dns.Msg, err error) (flow.DNSOutcome, string) {
	var ne net.Error
	switch {
	case errors.As(err, &ne) && ne.Timeout():
		return flow.DNSTimeout, "no response"
	case err != nil:
		return flow.DNSError, cause(err)
	}
	q := &query{asked: m, proto: "tcp", took: 1, ending: ending{reply: m}}
	return q.outcome(), q.words()
}
