package truststore

import (
	"context"
	"errors"
	"strings"

	"detour/internal/lazyregexp"
)

// An nssStore is a database of NSS, the library that Firefox uses; Chrome on Linux reads
// one, too.
type nssStore struct {
	who      string // the browsers that read it
	dir      string // with cert9.db
	certutil string // path of NSS's certutil; "": there is none
	hint     string // how to get it
}

func (s nssStore) Name() string { return s.who + " (" + s.dir + ")" }

func (s nssStore) Kind() string { return NSS }

func (s nssStore) command(args ...string) []string {
	return append([]string{s.certutil, "-d", "sql:" + s.dir}, args...)
}

// Find compares the certificate of each nickname that contains r's name, as those do that
// certutil and the browsers' dialogs give.
func (s nssStore) Find(ctx context.Context, run Runner, r Root) (f Found, err error) {
	if s.certutil == "" {
		return f, &Error{Err: errors.New("reading it needs NSS's certutil, which isn't installed"), Hint: s.hint}
	}
	list, err := run(ctx, s.command("-L"))
	if err != nil {
		return f, err
	}
	for _, n := range nicknames(list) {
		if !strings.Contains(n.name, r.name()) {
			continue
		}
		b, err := run(ctx, s.command("-L", "-n", n.name, "-a"))
		if err != nil {
			return f, err
		}
		if all, ours := r.in(b); all == 1 && ours == 1 {
			f.Names = append(f.Names, n.name)
			f.Trusted = f.Trusted || n.trusted
		}
	}
	return f, nil
}

func (s nssStore) Add(r Root) ([]Step, error) {
	return []Step{{
		Say:  "add the certificate to " + s.Name() + ", for web servers only",
		Args: s.command("-A", "-t", "C,,", "-n", r.name(), "-a", "-i", r.File),
	}}, nil
}

func (s nssStore) Remove(_ Root, f Found) (steps []Step, err error) {
	for _, name := range f.Names {
		steps = append(steps, Step{Say: "remove the certificate from " + s.Name(), Args: s.command("-D", "-n", name)})
	}
	return steps, nil
}

// A nickname is a line of certutil -L.
type nickname struct {
	name    string
	trusted bool // as a CA of servers
}

// listed is the form of such a line: the name, which may contain blanks and commas, and
// the trust for TLS, mail and code.
var listed = lazyregexp.New(`(?m)^(.*\S)\s+([pPcCTuw]*),[pPcCTuw]*,[pPcCTuw]*\s*$`)

// nicknames reads what certutil -L prints.
func nicknames(list []byte) (out []nickname) {
	for _, m := range listed.FindAllSubmatch(list, -1) {
		out = append(out, nickname{name: string(m[1]), trusted: strings.Contains(string(m[2]), "C")})
	}
	return out
}
