// Package contentcoding decompresses the beginning of an HTTP body.
//
// To read a body that was captured with its Content-Encoding (RFC 9110, 8.4),
// keep one [Decoder] and call [Decoder.Prefix]. It never returns more than the
// limit that it is given, however much the body expands, and returns what can be
// decoded of a truncated body.
package contentcoding

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

// maxCodings limits how many nested codings are decoded. Servers apply one; an
// intermediary may add a second.
const maxCodings = 2

// maxWindow limits the memory that a zstd frame can request. RFC 8878, 3.1.1.1.2,
// recommends supporting 8 MiB.
const maxWindow = 8 << 20

// A Decoder decodes bodies. The zero value is ready to use. A Decoder pools its
// decompressors and is safe for concurrent use.
type Decoder struct {
	gzips, brotlis, zstds sync.Pool
}

// Prefix decodes coded, the beginning of a body whose Content-Encoding is codings,
// to at most limit bytes. It knows gzip, deflate, br, zstd and identity, and up to
// two of them nested.
//
// cut reports that body isn't the whole: it exceeds limit, or coded is truncated.
// ok is false if a coding is unknown, or coded isn't valid in it; body is then what
// was decoded before the error.
func (d *Decoder) Prefix(codings string, coded []byte, limit int) (body []byte, cut, ok bool) {
	names := strings.FieldsFunc(codings, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' })
	if len(names) > maxCodings {
		return nil, false, false
	}
	var in io.Reader = bytes.NewReader(coded)
	for i := len(names) - 1; i >= 0; i-- { // codings are listed in the order they were applied
		r, done, err := d.reader(strings.ToLower(names[i]), in)
		if err != nil {
			return nil, isTruncated(err), isTruncated(err)
		}
		defer done()
		in = r
	}
	var out bytes.Buffer
	n, err := io.Copy(&out, io.LimitReader(in, int64(limit)+1))
	if n > int64(limit) {
		out.Truncate(limit)
		return out.Bytes(), true, true
	}
	return out.Bytes(), isTruncated(err), err == nil || isTruncated(err)
}

// isTruncated reports whether err means that bytes are missing at the end.
func isTruncated(err error) bool {
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF)
}

// reader decodes one coding. done returns the decompressor to its pool.
func (d *Decoder) reader(name string, in io.Reader) (r io.Reader, done func(), err error) {
	switch name {
	case "identity", "":
		return in, func() {}, nil
	case "gzip", "x-gzip":
		return d.gzip(in)
	case "deflate":
		r, err = inflate(in)
		return r, func() {}, err
	case "br":
		b, _ := d.brotlis.Get().(*brotli.Reader)
		if b == nil {
			b = brotli.NewReader(nil)
		}
		err = b.Reset(in)
		return b, func() { d.brotlis.Put(b) }, err
	case "zstd":
		return d.zstd(in)
	}
	return nil, nil, errors.New("unknown content coding")
}

func (d *Decoder) gzip(in io.Reader) (io.Reader, func(), error) {
	z, _ := d.gzips.Get().(*gzip.Reader)
	if z == nil {
		z = new(gzip.Reader)
	}
	err := z.Reset(in)
	return z, func() { d.gzips.Put(z) }, err
}

// inflate decodes "deflate": the zlib format, as RFC 9110, 8.4.1.2, defines it, or
// the raw deflate data that some servers send under that name.
func inflate(in io.Reader) (io.Reader, error) {
	b := bufio.NewReader(in)
	head, err := b.Peek(2)
	if err != nil {
		return nil, err
	}
	if head[0]&0x0f == 8 && (uint(head[0])<<8|uint(head[1]))%31 == 0 { // zlib's header (RFC 1950, 2.2)
		return zlib.NewReader(b)
	}
	return flate.NewReader(b), nil
}

func (d *Decoder) zstd(in io.Reader) (io.Reader, func(), error) {
	z, _ := d.zstds.Get().(*zstd.Decoder)
	if z == nil {
		var err error
		z, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, nil, err
		}
	}
	err := z.Reset(in)
	return z, func() {
		_ = z.Reset(nil) // releases its input
		d.zstds.Put(z)
	}, err
}
