// Package coding undoes the content codings of HTTP (RFC 9110, 8.4) on the
// beginning of a body.
package coding

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

// maxCodings is how many codings on top of one another are undone. Servers
// use one; a client may be sent through two.
const maxCodings = 2

// maxWindow bounds the memory that a zstd frame asks for (RFC 8878, 3.1.1.1.2,
// recommends that 8 MiB be supported).
const maxWindow = 8 << 20

// A Decoder undoes codings. The zero value is ready; it keeps what is costly to
// make and may be used concurrently.
type Decoder struct {
	gzips, brotlis, zstds sync.Pool
}

// Prefix decodes what there is of a body whose Content-Encoding is codings, up to
// limit bytes. cut is true if there is more than that, or coded itself is torn.
// ok is false if a coding is unknown or the bytes aren't coded like that; then
// what could be decoded before is returned all the same.
func (d *Decoder) Prefix(codings string, coded []byte, limit int) (body []byte, cut, ok bool) {
	names := strings.FieldsFunc(codings, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' })
	if len(names) > maxCodings {
		return nil, false, false
	}
	var in io.Reader = bytes.NewReader(coded)
	for i := len(names) - 1; i >= 0; i-- { // the last was applied last
		r, done, err := d.reader(strings.ToLower(names[i]), in)
		if err != nil {
			return nil, torn(err), torn(err)
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
	return out.Bytes(), torn(err), err == nil || torn(err)
}

// torn reports whether an error means that bytes are missing at the end.
func torn(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) }

// reader undoes one coding. done gives what it borrowed back.
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

// inflate reads zlib's format, as "deflate" is defined, or the bare one that some
// servers send by that name (RFC 9110, 8.4.1.2).
func inflate(in io.Reader) (io.Reader, error) {
	b := bufio.NewReader(in)
	head, err := b.Peek(2)
	if err != nil {
		return nil, err
	}
	if head[0]&0x0f == 8 && (uint(head[0])<<8|uint(head[1]))%31 == 0 { // RFC 1950, 2.2
		return zlib.NewReader(b)
	}
	return flate.NewReader(b), nil
}

func (d *Decoder) zstd(in io.Reader) (io.Reader, func(), error) {
	z, _ := d.zstds.Get().(*zstd.Decoder)
	if z == nil {
		var err error
		if z, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow)); err != nil {
			return nil, nil, err
		}
	}
	err := z.Reset(in)
	return z, func() {
		_ = z.Reset(nil) // lets go of what it read
		d.zstds.Put(z)
	}, err
}
