package mask

import (
	"bytes"
	"net/netip"
	"strings"

	"detour/internal/alias"
	"detour/internal/flow"
)

// A Masker masks texts, and learns which names to mask. A nil Masker masks nothing. It
// isn't safe for concurrent use.
type Masker struct {
	names    *alias.Table
	standIns bool     // nothing is masked: stand-ins of a strict capture get their names
	aws      []Domain // those first that are part of another
	services []string // how endpoint services' names begin

	known   names               // names and parts of names to mask, in lower case
	domains names               // what their hosts are in: "corp.example"
	public  names               // AWS's names of which nothing is masked
	learned map[string]struct{} // names that have been learned already, as they were written
	conns   map[*flow.Conn]struct{}
	shared  map[netip.Addr]struct{}
	texts   map[string]string // masked texts that were shown lately
	rev     int               // rises with what is learned
}

const (
	maxShared    = 4096 // addresses
	maxLearned   = 8192 // names
	maxConns     = 1024
	maxTexts     = 2048
	maxTextBytes = 512 // of one
	maxCertNames = 32  // of a certificate that are learned
)

// New returns a Masker that knows AWS's names and has learned nothing yet. It takes the names of
// what it masks from names, and gives new ones there.
func New(n Names, names *alias.Table) *Masker {
	return &Masker{
		names: names,
		aws:   n.byDepth(), services: n.EndpointServices,
		learned: map[string]struct{}{}, conns: map[*flow.Conn]struct{}{}, shared: map[netip.Addr]struct{}{}, texts: map[string]string{},
	}
}

// StandIns returns a Masker that hides nothing. In texts about strict records it puts names in
// place of stand-ins, as findings have them.
func StandIns(names *alias.Table) *Masker {
	m := New(Names{}, names)
	m.standIns = true
	return m
}

// Hides reports whether anything is masked.
func (m *Masker) Hides() bool { return m != nil && !m.standIns }

// Revision changes whenever the Masker has learned something: texts that were masked
// before may need more masking.
func (m *Masker) Revision() int {
	if m == nil {
		return 0
	}
	return m.rev
}

// Text returns s with a name for each thing that identifies somebody. Masking it again changes
// nothing.
func (m *Masker) Text(s string) string {
	if m == nil {
		return s
	}
	if t, ok := m.texts[s]; ok {
		return t
	}
	t := s
	if m.standIns {
		t = m.names.Texts(nil).Text(s)
	} else if !isPlain(s) || m.hasName(s) {
		t = m.named(s, m.hidden(s), false)
	}
	m.cache(s, t)
	return t
}

// hidden returns the bytes of s with an asterisk for each that must not be shown.
func (m *Masker) hidden(s string) []byte {
	b := []byte(s)
	maskARNs(b)
	maskMail(b)
	hideHomes(b)
	m.hideURLs(b)
	m.hideFields(b)
	m.hideIPv6(b)
	m.hideIPv4(b)
	m.hideNames(b)
	maskAccounts(b)
	return b
}

// cache caches a masked text for the next frames.
func (m *Masker) cache(s, masked string) {
	if len(s) > maxTextBytes {
		return
	}
	if len(m.texts) == maxTexts {
		clear(m.texts)
	}
	m.texts[strings.Clone(s)] = masked
}

// hasName reports whether a word of s is a known name.
func (m *Masker) hasName(s string) bool {
	b := []byte(s)
	found := false
	words(b, func(at, end int) {
		found = found || m.knows(b[at:end])
	})
	return found
}

// knows reports whether a word is a learned name, or is on a learned domain.
func (m *Masker) knows(word []byte) bool {
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
	if m.known.has(low) {
		return true
	}
	last := bytes.LastIndexByte(low, '.')
	if last < 0 {
		return false
	}
	return m.domains.has(low[bytes.LastIndexByte(low[:last], '.')+1:])
}

// Host masks s, which is known to be a host, whatever its form; it may have a port.
func (m *Masker) Host(s string) string {
	if m == nil || s == "" {
		return s
	}
	if m.standIns {
		return m.Text(s)
	}
	b := []byte(s)
	m.hideHost(b)
	return m.named(s, b, false)
}

// hideHost masks a host with its port, if it has one.
func (m *Masker) hideHost(b []byte) {
	if i := bytes.LastIndexByte(b, ':'); i >= 0 && (i == bytes.IndexByte(b, ':') || b[0] == '[') && leadingDigits(b[i+1:]) == len(b)-i-1 {
		b = b[:i]
	}
	b = bytes.Trim(b, "[]")
	switch a, err := netip.ParseAddr(string(b)); {
	case err == nil && m.shows(a):
	case err == nil:
		hide(b, ".:")
	case string(bytes.ToLower(b)) == "localhost":
	default:
		m.hideLabels(b)
	}
}
