package decrypt

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"detour/certs"
	"detour/internal/atomicfile"
)

// Config is what a [Policy] is made of.
type Config struct {
	Selection Selection
	Dir       string                 // of AWS's chain, as for Selection.Chains
	InMemory  bool                   // chains that are not on disk yet stay in memory
	Suffixes  []string               // AWS's domains
	IsAWS     func(host string) bool // whether a host is AWS's
	Now       time.Time
}

// A Policy says which hosts are decrypted and who signs for them. AWS's hosts have a
// chain of their own; further hosts have another one, which may sign for just those;
// all hosts together have a third one. It is immutable and may be used concurrently.
type Policy struct {
	CAs    []*certs.CA // at least one
	All    bool        // every host is decrypted, except Except
	Extra  []string    // hosts and domains beyond AWS's
	Except []string    // hosts that are passed through at first

	decrypts func(host string) bool
	bundle   string // the file of all root certificates; "": there is one, or all are in memory
}

// Open opens the chains that are selected, and creates those that don't exist. The
// error may be [ErrNoDirectory], or a [usererr.Error] if a file can't be written.
func Open(cfg Config) (*Policy, error) {
	s := cfg.Selection
	p := &Policy{All: s.All, Extra: s.Extra(), Except: s.Except}
	chains := s.Chains(cfg.Dir, cfg.Suffixes)
	for _, c := range chains {
		ca, err := c.Open(cfg.InMemory, cfg.Now)
		if err != nil {
			return nil, err
		}
		p.CAs = append(p.CAs, ca)
	}
	if err := p.writeBundle(chains[0].Dir + ".pem"); err != nil {
		return nil, err
	}
	p.decrypts = func(host string) bool { return s.All || s.names(host) || s.AWS && cfg.IsAWS(host) }
	return p, nil
}

// With returns a Policy with one chain, which signs for the hosts that decrypts reports.
func With(ca *certs.CA, decrypts func(host string) bool) *Policy {
	return &Policy{CAs: []*certs.CA{ca}, decrypts: decrypts}
}

// Decrypts reports whether the connections to a host are decrypted.
func (p *Policy) Decrypts(host string) bool { return p.decrypts(host) }

// Leaf returns a certificate for a host name, from the first chain that may sign for it.
func (p *Policy) Leaf(name string) (c *tls.Certificate, err error) {
	for _, ca := range p.CAs {
		if c, err = ca.Leaf(name); !errors.Is(err, certs.ErrNotPermitted) {
			break
		}
	}
	return c, err
}

// SPKI is the list of the chains' public keys, as Chromium's flag takes it.
func (p *Policy) SPKI() string {
	var keys []string
	for _, ca := range p.CAs {
		keys = append(keys, ca.SPKI())
	}
	return strings.Join(keys, ",")
}

// RootsPEM is every root certificate, for clients that take one file.
func (p *Policy) RootsPEM() []byte {
	var b bytes.Buffer
	for _, ca := range p.CAs {
		b.Write(ca.RootPEM())
	}
	return b.Bytes()
}

// InMemory reports whether the first chain ends with the process.
func (p *Policy) InMemory() bool { return p.CAs[0].Path() == "" }

// writeBundle writes every root certificate to one file if there are several and one is
// on disk: clients take one file, and without one of the roots they'd trust only some
// hosts.
func (p *Policy) writeBundle(path string) error {
	if len(p.CAs) < 2 || p.Path() == "" {
		return nil
	}
	err := atomicfile.Write(path, true, func(w io.Writer) error {
		_, err := w.Write(p.RootsPEM())
		return err
	})
	if err == nil {
		p.bundle = path
	}
	return err
}

// Path is the file of all root certificates; "" if all are in memory.
func (p *Policy) Path() string {
	if p.bundle != "" {
		return p.bundle
	}
	for _, ca := range p.CAs {
		if ca.Path() != "" {
			return ca.Path()
		}
	}
	return ""
}

// Warning is what a user must know who has every host decrypted; "" otherwise.
func (p *Policy) Warning() string {
	if !p.All {
		return ""
	}
	text := "warning: with --decrypt all the root certificate can sign for every host on the web: " +
		"anyone who gets its key can impersonate any site to programs that trust it"
	if path := p.CAs[0].Path(); path != "" {
		return text + "; trust " + path + " no longer than you need it, then remove " + filepath.Dir(path)
	}
	return text + "; it is in memory and is discarded when the run ends"
}

// Notices are what the user should know: a warning, chains that replaced old ones, and
// the file of several root certificates.
func (p *Policy) Notices() (out []string) {
	if w := p.Warning(); w != "" {
		out = append(out, w)
	}
	for _, ca := range p.CAs {
		if why := ca.Renewed(); why != "" {
			out = append(out, fmt.Sprintf("the signing chain is new (%s): trust %s wherever you trusted the old one", why, ca.Path()))
		}
	}
	if p.bundle != "" {
		out = append(out, fmt.Sprintf("there are %d root certificates, each for different hosts; %s has all of them", len(p.CAs), p.bundle))
	}
	return out
}
