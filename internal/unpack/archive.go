package unpack

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
)

// A member is a file of an archive.
type member struct {
	name string
	open func() (io.ReadCloser, error)
}

const tarBlock = 512

func isZip(begin []byte) bool {
	return bytes.HasPrefix(begin, []byte("PK\x03\x04")) || bytes.HasPrefix(begin, []byte("PK\x05\x06"))
}

// isTar reports whether a file begins with the header of a tar archive (POSIX.1-1988, pax, GNU).
func isTar(begin []byte) bool {
	const at = 257
	return len(begin) == tarBlock && bytes.HasPrefix(begin[at:], []byte("ustar"))
}

// open returns the members of an archive. It is read whole: a zip has its list at its end, and
// the members of a tar are looked at before they are read.
func (u *unpacker) open(in io.Reader) ([]member, error) {
	whole, err := io.ReadAll(io.LimitReader(in, u.limits.Archive-u.held+1))
	u.held += int64(len(whole))
	switch {
	case err != nil && (len(whole) == 0 || isZip(whole)):
		return nil, err
	case u.held > u.limits.Archive:
		return nil, fmt.Errorf("%w: an archive of more than %d MiB", ErrTooLarge, u.limits.Archive>>20)
	case isZip(whole):
		return u.zip(whole)
	}
	out, damaged := u.tar(whole)
	if damaged == nil && err != nil {
		out = append(out, member{restName, func() (io.ReadCloser, error) { return nil, err }})
	}
	return out, damaged
}

// restName stands for the files after the end of an archive that was cut off.
const restName = "the rest of the archive"

func (u *unpacker) zip(whole []byte) (out []member, err error) {
	z, err := zip.NewReader(bytes.NewReader(whole), int64(len(whole)))
	if err != nil {
		return nil, ErrDamaged
	}
	for _, f := range z.File {
		out = append(out, member{f.Name, func() (io.ReadCloser, error) {
			const encrypted = 1
			if f.Flags&encrypted != 0 {
				return nil, ErrEncrypted
			}
			text, err := f.Open()
			if errors.Is(err, zip.ErrAlgorithm) {
				return nil, fmt.Errorf("%w: method %d of zip", ErrFormat, f.Method)
			}
			return text, err
		}})
	}
	return out, nil
}

// tar returns the members before what is damaged.
func (u *unpacker) tar(whole []byte) (out []member, err error) {
	in := bytes.NewReader(whole)
	t := tar.NewReader(in)
	torn := false // the last member is cut off
	for {
		if err := u.limits.Stop(); err != nil {
			return nil, err
		}
		h, err := t.Next()
		switch {
		case errors.Is(err, io.EOF):
			return out, nil
		case err != nil && len(out) == 0:
			return nil, ErrDamaged
		case err != nil && torn: // its own error says so
			return out, nil
		case err != nil:
			return append(out, member{restName, func() (io.ReadCloser, error) { return nil, ErrDamaged }}), nil //nolint:nilerr // that member has it
		case h.Typeflag != tar.TypeReg:
			continue
		}
		from := int64(len(whole) - in.Len())
		cut := h.Size > int64(in.Len())
		torn = cut
		out = append(out, member{h.Name, func() (io.ReadCloser, error) {
			if !cut {
				return io.NopCloser(io.NewSectionReader(bytes.NewReader(whole), from, h.Size)), nil
			}
			return io.NopCloser(io.MultiReader(bytes.NewReader(whole[from:]), failing{io.ErrUnexpectedEOF})), nil
		}})
	}
}

// A candidate is a text of an archive, or of an archive in it.
type candidate struct {
	member
	in     string // the archive's own name, with a slash; "" for the outermost one
	depth  int
	rank   int
	broken bool     // it can't be read: its reader says why
	all    []member // of its archive
}

// path returns the name with those of the archives.
func (c *candidate) path() string { return c.in + c.name }

// archive reads the texts of an archive.
func (u *unpacker) archive(in io.Reader) error {
	found, err := u.candidates(in, "", 1)
	if err != nil {
		return u.read(Text{Reader: failing{err}})
	}
	best := 0
	for _, c := range found {
		best = max(best, c.rank)
	}
	var texts []candidate
	for _, c := range found {
		wanted := c.broken || c.rank == best && best > 0 || len(found) == 1
		if wanted && len(texts) < u.limits.Texts {
			texts = append(texts, c)
		} else {
			u.left = append(u.left, c.path())
		}
	}
	if len(texts) == 0 {
		return u.read(Text{Reader: failing{ErrEmpty}})
	}
	for _, c := range texts {
		if err := u.member(c, len(texts) > 1); err != nil {
			return err
		}
	}
	return nil
}

// maxMembers limits the files of an archive, and those of archives in it, that are looked at.
const maxMembers = 10_000

// candidates returns the files of an archive, with their ranks.
func (u *unpacker) candidates(in io.Reader, within string, depth int) (out []candidate, err error) {
	all, err := u.open(in)
	if err != nil {
		return nil, err
	}
	for _, m := range all {
		if added(m.name) {
			continue
		}
		if err := u.limits.Stop(); err != nil {
			return nil, err
		}
		c := candidate{member: m, in: within, depth: depth, all: all}
		if len(out) >= maxMembers {
			out = append(out, c)
			break
		}
		nested, err := u.look(&c)
		if err != nil {
			c.broken = true
		}
		if nested == nil {
			nested = []candidate{c}
		}
		out = append(out, nested...)
	}
	return out, nil
}

// look ranks a candidate. If it is an archive, look returns the candidates in it.
func (u *unpacker) look(c *candidate) ([]candidate, error) {
	text, err := c.open()
	if err != nil {
		return nil, err
	}
	defer text.Close()
	inner, isArchive, err := u.expand(buffered(limited{text, u}), c.depth)
	switch {
	case err != nil:
		return nil, err
	case isArchive:
		return u.candidates(inner, c.path()+"/", c.depth+1)
	}
	begin, err := inner.Peek(bufferSize)
	if c.rank = u.rank(begin); c.rank == 0 && err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return nil, nil
}

// added reports whether a file is a directory, or one that a system adds to archives.
func added(name string) bool {
	name = strings.ReplaceAll(name, `\`, "/")
	return strings.HasSuffix(name, "/") || strings.HasPrefix(path.Base(name), ".") || slices.Contains(strings.Split(name, "/"), "__MACOSX")
}

// member reads a text.
func (u *unpacker) member(c candidate, several bool) error {
	t := Text{Name: c.path(), Several: several, Beside: func(suffix string) io.ReadCloser { return u.beside(c, suffix) }}
	file, err := c.open()
	if err != nil {
		t.Reader = failing{err}
		return u.read(t)
	}
	defer file.Close()
	in, isArchive, err := u.expand(buffered(limited{file, u}), c.depth)
	switch {
	case err != nil:
		t.Reader = failing{err}
	case isArchive: // that couldn't be opened
		t.Reader = failing{u.why(in, c)}
	default:
		t.Reader = in
	}
	return u.read(t)
}

// why returns why an archive in an archive can't be read.
func (u *unpacker) why(in io.Reader, c candidate) error {
	_, err := u.candidates(in, c.path()+"/", c.depth+1)
	if err == nil {
		err = ErrEmpty
	}
	return err
}

// beside opens a file next to another one.
func (u *unpacker) beside(c candidate, suffix string) io.ReadCloser {
	for _, m := range c.all {
		if m.name != c.name+suffix {
			continue
		}
		file, err := m.open()
		if err != nil {
			return nil
		}
		return struct {
			io.Reader
			io.Closer
		}{limited{file, u}, file}
	}
	return nil
}
