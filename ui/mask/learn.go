package mask

import (
	"net/netip"
	"slices"
	"strings"

	"detour/internal/alias"
	"detour/internal/flow"
	"detour/ui/text"
)

// add reports whether a name is new. Before the older half of the names goes, all may be
// learned again: those that are drawn are.
func (m *Masker) add(name string) bool {
	if len(m.known.young) == maxNames {
		clear(m.learned)
		clear(m.conns)
	}
	return m.known.add(name)
}

// changed notes whether something was learned.
func (m *Masker) changed(learned bool) {
	if learned {
		m.rev++
		clear(m.texts)
	}
}

// Learn learns the hosts of a flow, and the names of principals in what AWS says about it.
func (m *Masker) Learn(f *flow.Flow) {
	if m == nil || f == nil {
		return
	}
	m.names.Texts(nil).Learn(f)
	if m.standIns {
		return
	}
	m.LearnHosts(f)
	for _, s := range []string{f.Request.URL, f.Page} {
		m.learnIDs(s)
	}
	if f.AWS != nil && f.AWS.Error != nil {
		for _, s := range []string{f.AWS.Error.Message, f.AWS.Error.PolicyARN} {
			m.learnPrincipals(s)
			m.learnIDs(s)
		}
	}
}

// learnIDs names the accounts, resources and e-mail addresses in a text, so that names are in
// the order of the flows rather than in that of what is looked at.
func (m *Masker) learnIDs(s string) {
	s, _ = text.Head(s, text.MaxLine)
	if strings.Contains(s, "arn") || strings.Contains(s, "@") || strings.Contains(s, "%40") || hasDigits(s, 12) || strings.Contains(s, "-0") {
		m.named(s, m.hidden(s), false)
	}
}

// hasDigits reports whether s has n digits in a row.
func hasDigits(s string, n int) bool {
	run := 0
	for i := range len(s) {
		if !isDigit(s[i]) {
			run = 0
		} else if run++; run == n {
			return true
		}
	}
	return false
}

// LearnHosts learns the hosts of a flow. It is called for each flow that is drawn, so
// nearly all of them are known already.
func (m *Masker) LearnHosts(f *flow.Flow) {
	if m.standIns {
		return
	}
	host := f.Request.Host()
	m.learnHost(host, isPrivate(f.Conn))
	if f.Page != "" {
		page := flow.Request{URL: f.Page}
		m.learnHost(page.Host(), false)
	}
	if f.Tunnel != nil {
		m.learnHost(f.Tunnel.ServerName, false)
	}
	m.learnConn(f.Conn, host)
	for _, c := range f.Unused {
		m.learnConn(c, host)
	}
	m.learnHeaders(f.Request.Headers)
}

// learnHeaders learns from fields that contain only a host.
func (m *Masker) learnHeaders(hs []flow.Header) {
	for i := range hs {
		if IsHostField(hs[i].Name) {
			m.learnHost(hostPart(hs[i].Value), false)
		}
	}
}

// LearnFindings learns the hosts that findings are about.
func (m *Masker) LearnFindings(fs []flow.Finding) {
	if !m.Hides() {
		return
	}
	for i := range fs {
		for _, h := range fs[i].Hosts {
			m.learnHost(h, false)
		}
	}
}

// learnConn learns the names on a connection, and which addresses are AWS's.
func (m *Masker) learnConn(c *flow.Conn, host string) {
	if c == nil {
		return
	}
	if _, ok := m.conns[c]; ok { // a connection isn't modified, and has many flows
		return
	}
	if len(m.conns) == maxConns {
		clear(m.conns)
	}
	m.conns[c] = struct{}{}
	m.learnHost(hostPart(c.Authority), false)
	m.learnHost(hostPart(c.UpstreamProxy), true)
	for _, word := range strings.FieldsFunc(c.PAC, func(r rune) bool { return r == ' ' || r == ';' }) {
		if strings.Contains(word, ":") { // a proxy's host:port
			m.learnHost(hostPart(word), true)
		}
	}
	if c.Via != nil {
		m.learnResolution(c.Via.Resolution, "")
	}
	m.learnResolution(c.Resolution, host)
	if c.TLS == nil {
		return
	}
	m.learnHost(c.TLS.ServerName, false)
	for i, cert := range c.TLS.Chain {
		for _, n := range cert.Names[:min(len(cert.Names), maxCertNames)] {
			m.learnHost(n, false)
		}
		if _, cn, ok := strings.Cut(cert.Subject, "CN="); ok && i == 0 {
			cn, _, _ = strings.Cut(cn, ",")
			m.learnHost(cn, false)
		}
	}
}

func (m *Masker) learnResolution(r *flow.Resolution, host string) {
	if r == nil {
		return
	}
	m.learnHost(r.Name, r.AllInVPC())
	for _, n := range r.CNAMEs {
		m.learnHost(n, false)
	}
	for i := range r.Queries {
		m.learnHost(r.Queries[i].Name, false)
	}
	if host == "" || len(r.Ranges) != len(r.Addrs) || !m.isPublic(host) {
		return
	}
	for i, a := range r.Addrs {
		if _, have := m.shared[a.Unmap()]; have || r.Ranges[i] == "" {
			continue
		}
		if len(m.shared) == maxShared {
			clear(m.shared)
		}
		m.shared[a.Unmap()] = struct{}{}
		m.changed(true)
	}
}

// isPrivate reports whether a connection went to a private network.
func isPrivate(c *flow.Conn) bool {
	return c != nil && c.Resolution.AllInVPC()
}

// learnHost learns a name. In a private network, each label of a name is as revealing as
// the whole.
func (m *Masker) learnHost(name string, inside bool) {
	if name == "" || len(name) > text.MaxCell {
		return
	}
	if _, ok := m.learned[name]; ok {
		return
	}
	if len(m.learned) == maxLearned {
		clear(m.learned)
	}
	m.learned[strings.Clone(name)] = struct{}{}
	name = strings.ToLower(strings.Trim(strings.TrimPrefix(name, "*."), "."))
	if _, err := netip.ParseAddr(name); err == nil || len(name) < 2 || strings.ContainsAny(name, " \t") || name == "localhost" {
		return
	}
	b := []byte(name)
	m.hideLabels(b)
	switch d, ok := m.domainOf(name); {
	case string(b) == name:
		m.public.add(name)
		return
	case ok:
		rest := name[:len(name)-len(d.Name)-1]
		m.named(name, append(b[:len(rest):len(rest)], name[len(rest):]...), false)
		m.changed(m.add(name))
		m.learnCustomers(rest, b[:len(rest)], d.SignIn)
		return
	}
	learned := m.add(name)
	m.names.Name(alias.Host, name)
	labels := strings.Split(name, ".")
	if n := len(labels); n > 1 {
		learned = m.domains.add(strings.Join(labels[max(0, n-2):], ".")) || learned
		if inside || slices.Contains(privateDomains, labels[n-1]) {
			for i, l := range labels[:n-1] {
				if len(l) >= 4 && !slices.Contains(ordinaryLabels, l) && !isRegion(l) {
					learned = m.add(l) || learned
					if i == 0 {
						m.names.Also(l, name)
					}
				}
			}
		}
	}
	m.changed(learned)
}

// learnCustomers learns what a customer has named on an AWS domain: the hidden parts of
// rest, which precedes the domain.
func (m *Masker) learnCustomers(rest string, hidden []byte, signIn bool) {
	learn := func(s string) {
		if len(s) >= 4 && !slices.Contains(publicLabels, s) && !slices.Contains(ordinaryLabels, s) {
			m.changed(m.add(s))
		}
	}
	if bucket, _, ok := strings.Cut(rest, ".s3"); ok {
		learn(bucket)
	}
	at := 0
	for l := range strings.SplitSeq(rest, ".") {
		open := l != "" && hidden[at] != masked
		at += len(l) + 1
		if open {
			continue
		}
		if signIn || strings.ContainsAny(l, "0123456789") && !isRegion(l) {
			learn(l)
		}
	}
}

// learnPrincipals learns the names of users, roles and sessions from the ARNs in a text.
func (m *Masker) learnPrincipals(s string) {
	s, _ = text.Head(s, text.MaxLine)
	for s != "" {
		_, rest, ok := strings.Cut(s, "arn:aws")
		if !ok {
			return
		}
		end := strings.IndexAny(rest, " \"'`,;()[]{}<>")
		if end < 0 {
			end = len(rest)
		}
		arn := rest[:end]
		s = rest[end:]
		parts := strings.SplitN(arn, ":", 5) // partition's rest, service, Region, account, resource
		if len(parts) < 5 || parts[1] != "iam" && parts[1] != "sts" || parts[3] == "aws" {
			continue
		}
		_, names, _ := strings.Cut(parts[4], "/")
		for n := range strings.SplitSeq(names, "/") {
			if n = strings.ToLower(n); len(n) >= 3 && len(n) <= 128 && !slices.Contains(ordinaryLabels, n) {
				m.changed(m.add(n))
				m.names.Of(alias.Name, n)
			}
		}
	}
}

// hostPart is a host:port without the port.
func hostPart(authority string) string {
	r := flow.Request{URL: authority}
	return r.Host()
}
