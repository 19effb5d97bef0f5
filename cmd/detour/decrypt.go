package main

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"detour/certs"
	"detour/internal/aws"
)

// A decryption says which hosts are decrypted and who signs for them. AWS's
// hosts have a chain of their own; what a person adds has another, which can sign
// for just that.
type decryption struct {
	intercept func(host string) bool // nil: none
	chains    []*certs.CA            // at least one, the first is the one to speak of
	beyond    []string               // names and suffixes that aren't AWS's
	except    []string               // hosts that are passed unread although intercept has them
}

// beyond are the names of --decrypt that aren't AWS's as a whole.
type beyond struct {
	hosts    []string
	suffixes []string // without the dot
	except   []string // hosts that are left out
}

func (b beyond) has(host string) bool {
	return slices.Contains(b.hosts, host) || slices.ContainsFunc(b.suffixes, func(s string) bool {
		return strings.HasSuffix(host, "."+s)
	})
}

// parseDecrypt reads --decrypt: none, or a list of aws, hosts and .suffixes.
func parseDecrypt(v string) (wantAWS bool, more beyond, err error) {
	if v == "none" {
		return false, more, nil
	}
	for _, item := range strings.Split(v, ",") {
		item = strings.ToLower(strings.TrimSpace(item))
		suffix, isSuffix := strings.CutPrefix(item, ".")
		left, isLeft := strings.CutPrefix(item, "-")
		switch {
		case isLeft && strings.Contains(left, "."):
			more.except = append(more.except, left)
		case item == "aws":
			wantAWS = true
		case isSuffix && strings.Contains(suffix, "."):
			more.suffixes = append(more.suffixes, suffix)
		case !isSuffix && strings.Contains(item, "."):
			more.hosts = append(more.hosts, item)
		default:
			return false, more, usage("aws, none, or a list of hosts and .suffixes: aws,api.example.com,.corp.example,-left-out.example", "--decrypt %q: %q is no host", v, item)
		}
	}
	return wantAWS, more, nil
}

// openDecryption opens the chains that --decrypt asks for.
func (o *runOptions) openDecryption(tables *aws.Tables) (decryption, error) {
	wantAWS, more, err := parseDecrypt(o.decrypt)
	if err != nil {
		return decryption{}, err
	}
	d := decryption{beyond: slices.Concat(more.hosts, more.suffixes), except: more.except}
	if extra := slices.Sorted(slices.Values(append(more.hosts, more.suffixes...))); len(extra) > 0 {
		sum := sha256.Sum256([]byte(strings.Join(extra, ",")))
		if err := d.open(filepath.Join(o.caDir, "extra-"+hex.EncodeToString(sum[:4])), extra); err != nil {
			return decryption{}, err
		}
		d.intercept = func(host string) bool { return more.has(host) || wantAWS && tables.IsAWS(host) }
	}
	if wantAWS || len(d.chains) == 0 {
		if err := d.open(o.caDir, tables.Suffixes()); err != nil {
			return decryption{}, err
		}
	}
	if wantAWS && d.intercept == nil {
		d.intercept = tables.IsAWS
	}
	return d, nil
}

func (d *decryption) open(dir string, names []string) error {
	ca, err := certs.Open(dir, names, time.Now())
	if err != nil {
		return failed("--ca-dir names another directory", "%w", err)
	}
	d.chains = append(d.chains, ca)
	return nil
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

// path is the file of the first root; "" if it is in memory only.
func (d *decryption) path() string { return d.chains[0].Path() }

// news says which chains are new in place of an old one.
func (d *decryption) news() (out []string) {
	for _, ca := range d.chains {
		if r := ca.Renewed(); r != "" {
			out = append(out, fmt.Sprintf("the signing chain is new (%s): trust %s again where you trusted it", r, ca.Path()))
		}
	}
	for _, ca := range d.chains[1:] {
		out = append(out, "a second root signs for the other hosts: "+ca.Path())
	}
	return out
}
