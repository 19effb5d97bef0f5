package ui

import (
	"bytes"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"detour/internal/flow"
	"detour/ui/text"
)

// A veil masks what is shown while others look on. What has the form of an account id,
// an ARN, a host, an address or an e-mail address it knows by itself (mask); what has no
// form, as a host that is called "wiki", it learns from the flows, and then finds it in
// any text. It belongs to the goroutine that draws. nil: nobody looks on.
type veil struct {
	known   recent              // names and parts of names to mask, in lower case
	domains recent              // what their hosts are in: "corp.example"
	public  recent              // names of AWS's of which nothing is masked
	heard   map[string]struct{} // as they were written; they needn't be looked at again
	conns   map[*flow.Conn]struct{}
	shared  map[netip.Addr]struct{}
	texts   map[string]string // masked, of those that were shown lately
	rev     int               // rises with what is learned: what was masked before may not be masked enough
}

const (
	maxShared    = 4096 // addresses that are remembered
	maxHeard     = 8192 // names
	maxConns     = 1024
	maxTexts     = 2048
	maxTextBytes = 512 // of one
	maxCertNames = 32  // of a certificate that are learned
)

func newVeil() *veil {
	return &veil{heard: map[string]struct{}{}, conns: map[*flow.Conn]struct{}{}, shared: map[netip.Addr]struct{}{}, texts: map[string]string{}}
}

// A recent is a bounded set: of what hasn't been asked for in a long time, the older half goes.
type recent struct{ young, old map[string]struct{} }

// maxRecent bounds each half of a recent.
const maxRecent = 4096

func (r *recent) has(s []byte) bool {
	if _, ok := r.young[string(s)]; ok {
		return true
	}
	_, ok := r.old[string(s)]
	return ok
}

// add reports whether s is new.
func (r *recent) add(s string) bool {
	if _, ok := r.young[s]; ok {
		return false
	}
	_, had := r.old[s]
	if r.young == nil || len(r.young) == maxRecent {
		r.young, r.old = map[string]struct{}{}, r.young
	}
	r.young[strings.Clone(s)] = struct{}{}
	return !had
}

func (r *recent) any(ok func(string) bool) bool {
	for _, half := range []map[string]struct{}{r.young, r.old} {
		for s := range maps.Keys(half) {
			if ok(s) {
				return true
			}
		}
	}
	return false
}

// add reports whether a name is new. Before the older half of the names goes, all are
// heard anew: those that are drawn come again.
func (v *veil) add(name string) bool {
	if len(v.known.young) == maxRecent {
		clear(v.heard)
		clear(v.conns)
	}
	return v.known.add(name)
}

// learned changes whenever what was masked before may not be masked enough.
func (v *veil) learned() int {
	if v == nil {
		return 0
	}
	return v.rev
}

// news notes that something was learned, if it was.
func (v *veil) news(learned bool) {
	if learned {
		v.rev++
		clear(v.texts)
	}
}

// learn takes from a flow what is known to be a host there, and the names of principals
// in what AWS says of it.
func (v *veil) learn(f *flow.Flow) {
	if v == nil || f == nil {
		return
	}
	v.hosts(f)
	if f.AWS != nil && f.AWS.Error != nil {
		v.principals(f.AWS.Error.Message)
		v.principals(f.AWS.Error.PolicyARN)
	}
}

// hosts learns the hosts of a flow. It is called for each one that is drawn, so nearly
// always all of them were heard before.
func (v *veil) hosts(f *flow.Flow) {
	host := f.Request.Host()
	v.host(host, inside(f.Conn))
	if f.Page != "" {
		page := flow.Request{URL: f.Page}
		v.host(page.Host(), false)
	}
	if f.Tunnel != nil {
		v.host(f.Tunnel.ServerName, false)
	}
	v.conn(f.Conn, host)
	for _, c := range f.Unused {
		v.conn(c, host)
	}
	v.headers(f.Request.Headers)
}

// headers learns from fields that have a host's name alone.
func (v *veil) headers(hs []flow.Header) {
	for i := range hs {
		if slices.Contains(hostLabels, strings.ToLower(hs[i].Name)) {
			v.host(hostPart(hs[i].Value), false)
		}
	}
}

// findings learns what findings are about.
func (v *veil) findings(fs []flow.Finding) {
	if v == nil {
		return
	}
	for i := range fs {
		for _, h := range fs[i].Hosts {
			v.host(h, false)
		}
	}
}

// conn learns the names that a connection has to do with, and which addresses are AWS's.
func (v *veil) conn(c *flow.Conn, host string) {
	if c == nil {
		return
	}
	if _, ok := v.conns[c]; ok { // it isn't written to, and carries many flows
		return
	}
	if len(v.conns) == maxConns {
		clear(v.conns)
	}
	v.conns[c] = struct{}{}
	v.host(hostPart(c.Authority), false)
	v.host(hostPart(c.UpstreamProxy), true)
	if c.Via != nil {
		v.resolution(c.Via.Resolution, "")
	}
	v.resolution(c.Resolution, host)
	if c.TLS == nil {
		return
	}
	v.host(c.TLS.ServerName, false)
	for i, cert := range c.TLS.Chain {
		for _, n := range cert.Names[:min(len(cert.Names), maxCertNames)] {
			v.host(n, false)
		}
		if _, cn, ok := strings.Cut(cert.Subject, "CN="); ok && i == 0 {
			cn, _, _ = strings.Cut(cn, ",")
			v.host(cn, false)
		}
	}
}

func (v *veil) resolution(r *flow.Resolution, host string) {
	if r == nil {
		return
	}
	v.host(r.Name, r.AllInVPC())
	for _, n := range r.CNAMEs {
		v.host(n, false)
	}
	for i := range r.Queries {
		v.host(r.Queries[i].Name, false)
	}
	if host == "" || len(r.Ranges) != len(r.Addrs) || !isPublicName(host) {
		return
	}
	for i, a := range r.Addrs {
		if _, have := v.shared[a.Unmap()]; have || r.Ranges[i] == "" {
			continue
		}
		if len(v.shared) == maxShared {
			clear(v.shared)
		}
		v.shared[a.Unmap()] = struct{}{}
		v.news(true)
	}
}

// inside reports whether a connection went to somebody's own network.
func inside(c *flow.Conn) bool {
	return c != nil && c.Resolution.AllInVPC()
}

// host learns a name. Of one in somebody's own network its labels tell as much as all of it.
func (v *veil) host(name string, inside bool) {
	if name == "" || len(name) > text.MaxCell {
		return
	}
	if _, ok := v.heard[name]; ok {
		return
	}
	if len(v.heard) == maxHeard {
		clear(v.heard)
	}
	v.heard[strings.Clone(name)] = struct{}{}
	name = strings.ToLower(strings.Trim(strings.TrimPrefix(name, "*."), "."))
	if _, err := netip.ParseAddr(name); err == nil || len(name) < 2 || strings.ContainsAny(name, " \t") || name == "localhost" {
		return
	}
	b := []byte(name)
	maskHost(b)
	switch d, ok := awsDomainOf(name); {
	case string(b) == name:
		v.public.add(name)
		return
	case ok:
		rest := name[:len(name)-len(d.suffix)]
		v.news(v.add(name))
		v.customers(rest, b[:len(rest)], d.suffix)
		return
	}
	learned := v.add(name)
	labels := strings.Split(name, ".")
	if n := len(labels); n > 1 {
		learned = v.domains.add(strings.Join(labels[max(0, n-2):], ".")) || learned
		if inside || slices.Contains(innerEndings, labels[n-1]) {
			for _, l := range labels[:n-1] {
				if len(l) >= 4 && !slices.Contains(commonLabels, l) && !isRegion(l) {
					learned = v.add(l) || learned
				}
			}
		}
	}
	v.news(learned)
}

// customers learns what customers have named themselves of a name of AWS's: of rest,
// which is before the domain, what is hidden.
func (v *veil) customers(rest string, hidden []byte, suffix string) {
	learn := func(s string) {
		if len(s) >= 4 && !slices.Contains(publicLabels, s) && !slices.Contains(commonLabels, s) {
			v.news(v.add(s))
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
		if strings.HasPrefix(suffix, ".signin") || suffix == ".awsapps.com" || strings.ContainsAny(l, "0123456789") && !isRegion(l) {
			learn(l)
		}
	}
}

// principals learns the names of users, roles and sessions from the ARNs in a text.
func (v *veil) principals(s string) {
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
			if n = strings.ToLower(n); len(n) >= 3 && len(n) <= 128 && !slices.Contains(commonLabels, n) {
				v.news(v.add(n))
			}
		}
	}
}

// mask is s without what identifies somebody. Each cell of it becomes an asterisk, so
// that nothing on the screen moves. Masking it again changes nothing.
func (v *veil) mask(s string) string {
	if v == nil {
		return s
	}
	if t, ok := v.texts[s]; ok {
		return t
	}
	t := s
	if !plainWords(s) || v.names(s) {
		t = stars(s, v.hidden(s))
	}
	v.keep(s, t)
	return t
}

// keep has a masked text at hand for the next frames.
func (v *veil) keep(s, masked string) {
	if len(s) > maxTextBytes {
		return
	}
	if len(v.texts) == maxTexts {
		clear(v.texts)
	}
	v.texts[strings.Clone(s)] = masked
}

// names reports whether a word of s is a name that is known.
func (v *veil) names(s string) bool {
	b := []byte(s)
	found := false
	words(b, func(at, end int) {
		found = found || v.knows(b[at:end])
	})
	return found
}

// knows reports whether a word is a name that was learned, or of a domain that was.
func (v *veil) knows(word []byte) bool {
	if len(word) > 255 {
		return false
	}
	var room [256]byte
	low := room[:0]
	for _, c := range word {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		low = append(low, c)
	}
	for i := range low {
		if low[i] >= 0x80 {
			low = bytes.ToLower(low)
			break
		}
	}
	if v.known.has(low) {
		return true
	}
	last := bytes.LastIndexByte(low, '.')
	if last < 0 {
		return false
	}
	return v.domains.has(low[bytes.LastIndexByte(low[:last], '.')+1:])
}

// maskHost is what is known to be a host, whatever its form, masked.
func (v *veil) maskHost(s string) string {
	if v == nil || s == "" {
		return s
	}
	b := []byte(s)
	v.hideHost(b)
	return stars(s, b)
}

// hideHost masks a host with its port, if it has one.
func (v *veil) hideHost(b []byte) {
	if i := bytes.LastIndexByte(b, ':'); i >= 0 && (i == bytes.IndexByte(b, ':') || b[0] == '[') && run(b[i+1:]) == len(b)-i-1 {
		b = b[:i]
	}
	b = bytes.Trim(b, "[]")
	switch a, err := netip.ParseAddr(string(b)); {
	case err == nil && v.shows(a):
	case err == nil:
		hide(b, ".:")
	case string(bytes.ToLower(b)) == "localhost":
	default:
		maskHost(b)
	}
}

// hostPart is a host:port without the port.
func hostPart(authority string) string {
	r := flow.Request{URL: authority}
	return r.Host()
}
