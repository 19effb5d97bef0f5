// Package unpack reads compressed files, and archives of several: [Each] hands out the texts
// in them, without writing to the disk and with limits on what they expand to.
package unpack

import (
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
	Archive  int64 // bytes of an archive, which is held in memory; default 256 MiB
	Expanded int64 // bytes of all texts of a compressed file together; default 4 GiB
	Texts    int   // of an archive; default 100
	// Stop is asked before each read of an expanded text, which fails with its error; nil:
	// nothing stops it.
	Stop func() error
}

// Errors of a compressed file. Each is wrapped with what it is about.
var (
	ErrTooLarge  = errors.New("too large")
	ErrTooDeep   = errors.New("compressed too many times")
	ErrFormat    = errors.New("compressed in a way that can't be read: decompress it first")
	ErrEmpty     = errors.New("the archive has no file that can be read")
	ErrEncrypted = errors.New("encrypted: decrypt it first")
	ErrDamaged   = errors.New("the archive is damaged, or was cut off")
)

// maxDepth is how many times a file may be compressed.
const maxDepth = 3

// A Text is one of a file. Its reader returns what is wrong with it.
type Text struct {
	io.Reader
	Name string // in the archive, with those of the archives that it is in; "" if there is none
	// Several says that the archive has other texts that are read.
	Several bool
	// Beside opens the file of the archive whose name is longer by suffix; nil if there is none.
	Beside func(suffix string) io.ReadCloser
}

// Each calls read with each text of a file: with the file itself if it isn't compressed, with
// the contents of one that is compressed with gzip or bzip2, or with the files of a zip or tar
// archive that have the highest rank above 0. rank is called with the first 64 KiB of a text,
// and with all of a shorter one. The only file of an archive is read whatever its rank. What is
// left out of an archive is in left. An error of read ends Each; errors of a text come from its
// reader, and don't prevent that the next one is read.
func Each(file io.Reader, limits Limits, rank func(begin []byte) int, read func(Text) error) (left []string, err error) {
	u := unpacker{limits: limits.orDefault(), rank: rank, read: read}
	in, isArchive, err := u.expand(buffered(file), 0)
	switch {
	case err != nil:
		return nil, read(Text{Reader: failing{err}})
	case !isArchive:
		return nil, read(Text{Reader: in})
	}
	err = u.archive(in)
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
	rank     func(begin []byte) int
	read     func(Text) error
	left     []string
	expanded int64 // bytes so far
	held     int64 // bytes of archives
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
	"MSCF":               "CAB",
}

// expand returns what is in a compressed file, and whether that is an archive. depth is how
// many times it was compressed.
func (u *unpacker) expand(in *bufio.Reader, depth int) (text *bufio.Reader, isArchive bool, err error) {
	for ; ; depth++ {
		begin, _ := in.Peek(tarBlock)
		var inner io.Reader
		switch {
		case bytes.HasPrefix(begin, []byte("\x1f\x8b")):
			inner, err = gzip.NewReader(in)
		case bytes.HasPrefix(begin, []byte("BZh")):
			inner = bzip2.NewReader(in)
		case isZip(begin), isTar(begin):
			if depth >= maxDepth {
				return nil, false, ErrTooDeep
			}
			return in, true, nil
		default:
			for magic, format := range foreign {
				if bytes.HasPrefix(begin, []byte(magic)) {
					return nil, false, fmt.Errorf("%w: %s", ErrFormat, format)
				}
			}
			return in, false, nil
		}
		switch {
		case err != nil:
			return nil, false, err
		case depth >= maxDepth:
			return nil, false, ErrTooDeep
		}
		in = buffered(limited{inner, u})
	}
}

// Plain reports whether a file that begins so is read as it is: it is neither compressed nor an archive.
func Plain(begin []byte) bool {
	in, isArchive, err := (&unpacker{}).expand(buffered(bytes.NewReader(begin)), 0)
	same, _ := in.Peek(len(begin))
	return err == nil && !isArchive && bytes.Equal(same, begin)
}

// bufferSize is how much of a text its rank depends on, in bytes.
const bufferSize = 1 << 16

func buffered(r io.Reader) *bufio.Reader { return bufio.NewReaderSize(r, bufferSize) }

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
