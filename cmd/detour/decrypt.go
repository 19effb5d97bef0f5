package main

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"detour/certs"
	"detour/internal/atomicfile"
	"detour/internal/aws"
	"detour/internal/usererr"
)

// A decryption says which hosts are decrypted and who signs for them. AWS's
// hosts have a chain of their own; what a person adds has another, which can sign
// for just that; and all hosts together have a third, alone.
type decryption struct {
	intercept func(host string) bool // nil: none
	chains    []*certs.CA            // at least one, the first is the one to speak of
	every     bool                   // nothing is left undecrypted, but what except has
	beyond    []string               // names and suffixes that aren't AWS's
	except    []string               // hosts that are passed unread although intercept has them
	bundle    string                 // the file of every root; "": there is one, or all are in memory
}

// wanted is what --decrypt asks for.
type wanted struct {
	every    bool // all hosts there are
	aws      bool
	hosts    []string
	suffixes []string // without the dot
	except   []string // hosts that are left out
}

// beyond reports whether a host is one that was named, not just one of AWS's.
func (w wanted) beyond(host string) bool {
	return slices.Contains(w.hosts, host) || slices.ContainsFunc(w.suffixes, func(s string) bool {
		return strings.HasSuffix(host, "."+s)
	})
}

// parseDecrypt reads --decrypt: none, or a list of all, aws, hosts and .suffixes.
func parseDecrypt(v string) (w wanted, err error) {
	if v == "none" {
		return w, nil
	}
	for _, item := range strings.Split(v, ",") {
		item = strings.ToLower(strings.TrimSpace(item))
		suffix, isSuffix := strings.CutPrefix(item, ".")
		left, isLeft := strings.CutPrefix(item, "-")
		switch {
		case isLeft && isHost(left):
			w.except = append(w.except, left)
		case item == "all":
			w.every = true
		case item == "aws":
			w.aws = true
		case isSuffix && isHost(suffix):
			w.suffixes = append(w.suffixes, suffix)
		case !isSuffix && isHost(item):
			w.hosts = append(w.hosts, item)
		default:
			return w, flagUsage("decrypt", "aws, none, all, or a list of hosts and .suffixes: aws,api.example.com,.corp.example,-left-out.example", "--decrypt %q: %q is no host", v, item)
		}
	}
	return w, nil
}

// isHost reports whether s has the form of a host's name with a dot in it (RFC 1123,
// 2.1, and the underscore that some have).
func isHost(s string) bool {
	labels := strings.Split(s, ".")
	return len(labels) > 1 && len(s) <= 253 && !slices.ContainsFunc(labels, func(l string) bool {
		return l == "" || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' || strings.Trim(l, "abcdefghijklmnopqrstuvwxyz0123456789-_") != ""
	})
}

// openDecryption opens the chains that --decrypt asks for. With inMemory, chains
// that aren't on disk already stay off it.
func (o *runOptions) openDecryption(tables *aws.Tables, inMemory bool) (decryption, error) {
	w, err := parseDecrypt(o.decrypt)
	if err != nil {
		return decryption{}, err
	}
	d := decryption{every: w.every, beyond: slices.Concat(w.hosts, w.suffixes), except: w.except}
	specs := w.chains(o.chainDir(), tables)
	for _, spec := range specs {
		ca, err := spec.open(inMemory, time.Now())
		if usererr.As(err) != nil {
			return decryption{}, err
		} else if err != nil {
			return decryption{}, failed("--ca-dir names another directory", "%w", err)
		}
		d.chains = append(d.chains, ca)
	}
	if err := d.bundleRoots(specs[0].dir + ".pem"); err != nil {
		return decryption{}, err
	}
	switch {
	case w.every:
		d.intercept = func(string) bool { return true }
	case len(d.beyond) > 0:
		d.intercept = func(host string) bool { return w.beyond(host) || w.aws && tables.IsAWS(host) }
	case w.aws:
		d.intercept = tables.IsAWS
	}
	return d, nil
}

// leaf asks the chains in turn for one that may sign for name.
func (d *decryption) leaf(name string) (c *tls.Certificate, err error) {
	for _, ca := range d.chains {
		if c, err = ca.Leaf(name); !errors.Is(err, certs.ErrNotPermitted) {
			break
		}
	}
	return c, err
}

// spki is the list for Chromium's flag.
func (d *decryption) spki() string {
	var keys []string
	for _, ca := range d.chains {
		keys = append(keys, ca.SPKI())
	}
	return strings.Join(keys, ",")
}

// rootsPEM is every root, for clients that take one file.
func (d *decryption) rootsPEM() []byte {
	var b bytes.Buffer
	for _, ca := range d.chains {
		b.Write(ca.RootPEM())
	}
	return b.Bytes()
}

// bundleRoots writes every root into one file, where there are several and one is on
// disk: clients take one file, and with a root too few they'd trust some hosts only.
func (d *decryption) bundleRoots(path string) error {
	if len(d.chains) < 2 || d.path() == "none" {
		return nil
	}
	err := atomicfile.Write(path, true, func(w io.Writer) error {
		_, err := w.Write(d.rootsPEM())
		return err
	})
	if err == nil {
		d.bundle = path
	}
	return err
}

// path is the file of all roots; "none" if all are in memory.
func (d *decryption) path() string {
	if d.bundle != "" {
		return d.bundle
	}
	for _, ca := range d.chains {
		if ca.Path() != "" {
			return ca.Path()
		}
	}
	return "none"
}

// warning is what a person must know who has everything decrypted; "" otherwise.
func (d *decryption) warning() string {
	if !d.every {
		return ""
	}
	text := "warning: with --decrypt all the root can sign for every host on the web: whoever gets its key can pose as any of them to what trusts it"
	if path := d.chains[0].Path(); path != "" {
		return text + "; trust " + path + " nowhere for longer than you need it, and remove " + filepath.Dir(path) + " afterwards"
	}
	return text + "; it is in memory and ends with this run"
}

// news says which chains are new in place of an old one, and what is unusual.
func (d *decryption) news() (out []string) {
	if w := d.warning(); w != "" {
		out = append(out, w)
	}
	for _, ca := range d.chains {
		if r := ca.Renewed(); r != "" {
			out = append(out, fmt.Sprintf("the signing chain is new (%s): trust %s again where you trusted it", r, ca.Path()))
		}
	}
	if d.bundle != "" {
		out = append(out, fmt.Sprintf("%d roots sign, each for hosts of its own; all are in %s", len(d.chains), d.bundle))
	}
	return out
}
