// Package unpack reads compressed files, and archives of several: [Each] hands out the texts
// in them, without writing to the disk and with limits on what they expand to.
package unpack

import (
	"archive/zip"
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
)

// Limits bound what a file may expand to. The zero value of a field is its default.
type Limits struct {
	Archive  int64 // bytes of a zip archive, which is held in memory; default 256 MiB
	Expanded int64 // bytes of all texts of a compressed file together; default 4 GiB
	Texts    int   // of an archive; default 100
	// Stop is asked before each read of an expanded text, which fails with its error; nil:
	// nothing stops it.
	Stop func() error
}

// Errors of a compressed file. Each is wrapped with what it is about.
var (
	ErrTooLarge = errors.New("too large")
	ErrTooDeep  = errors.New("compressed too many times")
	ErrFormat   = errors.New("compressed in a way that can't be read: decompress it first")
	ErrEmpty    = errors.New("the archive has no file that can be read")
)

// maxDepth is how many times a file may be compressed.
const maxDepth = 3

// Each calls read with each text of a file: with the file itself if it isn't compressed, with
// the contents of one that is compressed with gzip or bzip2, or with the files of a zip archive
// that look like HARs, or else like JSON. name is the name in the archive, or "". What is left
// out of an archive is in left. An error of read ends Each; errors of a text come from its
// reader, and don't prevent that the next one is read.
func Each(file io.Reader, limits Limits, read func(name string, text io.Reader) error) (left []string, err error) {
	u := unpacker{limits: limits.orDefault(), read: read}
	err = u.each("", buffered(file), 0)
	return u.left, err
}

func (l Limits) orDefault() Limits {
	if l.Archive == 0 {
		l.Archive = 256 << 20
	}
	if l.Expanded == 0 {
		l.Expanded = 4 << 30
	}
	if l.Texts == 0 {
		l.Texts = 100
	}
	if l.Stop == nil {
		l.Stop = func() error { return nil }
	}
	return l
}

type unpacker struct {
	limits   Limits
	read     func(name string, text io.Reader) error
	left     []string
	expanded int64 // bytes so far
}

// foreign are the first bytes of compressed files that can't be read.
var foreign = map[string]string{
	"\x28\xb5\x2f\xfd":   "zstd",
	"\xfd7zXZ\x00":       "xz",
	"7z\xbc\xaf\x27\x1c": "7-Zip",
	"Rar!\x1a\x07":       "RAR",
	"\x04\x22\x4d\x18":   "LZ4",
	"\x1f\x9d":           "compress",
	"\x60\xea":           "ARJ",
}

func (u *unpacker) each(name string, in *bufio.Reader, depth int) error {
	begin, _ := in.Peek(8)
	var text io.Reader
	var err error
	switch {
	case bytes.HasPrefix(begin, []byte("\x1f\x8b")):
		text, err = gzip.NewReader(in)
	case bytes.HasPrefix(begin, []byte("BZh")):
		text = bzip2.NewReader(in)
	case bytes.HasPrefix(begin, []byte("PK\x03\x04")), bytes.HasPrefix(begin, []byte("PK\x05\x06")):
		return u.archive(name, in, depth)
	default:
		for magic, format := range foreign {
			if bytes.HasPrefix(begin, []byte(magic)) {
				return u.read(name, failing{fmt.Errorf("%w: %s", ErrFormat, format)})
			}
		}
		return u.read(name, in)
	}
	switch {
	case err != nil:
		return u.read(name, failing{err})
	case depth == maxDepth:
		return u.read(name, failing{ErrTooDeep})
	}
	return u.each(name, buffered(limited{text, u}), depth+1)
}

// archive reads the texts of a zip archive. It has its list at its end, so it is read whole.
func (u *unpacker) archive(name string, in io.Reader, depth int) error {
	whole, err := io.ReadAll(io.LimitReader(in, u.limits.Archive+1))
	switch {
	case err != nil:
		return u.read(name, failing{err})
	case int64(len(whole)) > u.limits.Archive:
		return u.read(name, failing{fmt.Errorf("%w: an archive of more than %d MiB", ErrTooLarge, u.limits.Archive>>20)})
	case depth == maxDepth:
		return u.read(name, failing{ErrTooDeep})
	}
	z, err := zip.NewReader(bytes.NewReader(whole), int64(len(whole)))
	if err != nil {
		return u.read(name, failing{err})
	}
	texts, left := choose(z.File, u.limits.Texts)
	u.left = append(u.left, left...)
	if len(texts) == 0 {
		return u.read(name, failing{ErrEmpty})
	}
	for _, f := range texts {
		if err := u.member(f, depth); err != nil {
			return err
		}
	}
	return nil
}

func (u *unpacker) member(f *zip.File, depth int) error {
	const encrypted = 1
	if f.Flags&encrypted != 0 {
		return u.read(f.Name, failing{errors.New("encrypted: decrypt it first")})
	}
	text, err := f.Open()
	if err != nil {
		return u.read(f.Name, failing{err})
	}
	defer text.Close()
	return u.each(f.Name, buffered(limited{text, u}), depth+1)
}

func buffered(r io.Reader) *bufio.Reader { return bufio.NewReaderSize(r, 1<<16) }

// A limited counts what a compressed file expands to.
type limited struct {
	io.Reader
	of *unpacker
}

// Read returns [ErrTooLarge] once all texts together exceed the limit.
func (l limited) Read(b []byte) (int, error) {
	if err := l.of.limits.Stop(); err != nil {
		return 0, err
	}
	if l.of.expanded > l.of.limits.Expanded {
		return 0, fmt.Errorf("%w: it expands to more than %d MiB", ErrTooLarge, l.of.limits.Expanded>>20)
	}
	n, err := l.Reader.Read(b)
	l.of.expanded += int64(n)
	return n, err
}

// A failing is a text that can't be read.
type failing struct{ err error }

// Read returns the error.
func (f failing) Read([]byte) (int, error) { return 0, f.err }
