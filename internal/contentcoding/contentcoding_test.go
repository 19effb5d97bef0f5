package contentcoding

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"io"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

// encode applies codings in the order of the header field.
func encode(t testing.TB, codings string, body []byte) []byte {
	t.Helper()
	for _, name := range strings.Fields(strings.ReplaceAll(codings, ",", " ")) {
		var out bytes.Buffer
		var w io.WriteCloser
		switch name {
		case "gzip":
			w = gzip.NewWriter(&out)
		case "br":
			w = brotli.NewWriter(&out)
		case "deflate":
			w = zlib.NewWriter(&out)
		case "raw":
			w, _ = flate.NewWriter(&out, 5)
		case "zstd":
			w, _ = zstd.NewWriter(&out)
		}
		if _, err := w.Write(body); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		body = out.Bytes()
	}
	return body
}

func TestPrefix_decodesEveryCodingThatBrowsersAccept(t *testing.T) {
	var d Decoder
	body := []byte(strings.Repeat(`{"Code":"AccessDenied"}`, 50))
	for _, codings := range []string{"", "gzip", "br", "deflate", "zstd", "gzip, br"} {
		for range 2 { // the second with a decompressor from the pool
			got, cut, ok := d.Prefix(codings, encode(t, codings, body), 1<<16)
			if !bytes.Equal(got, body) || cut || !ok {
				t.Errorf("%q: %d bytes of %d, cut %v, ok %v", codings, len(got), len(body), cut, ok)
			}
		}
	}
	if got, _, ok := d.Prefix("deflate", encode(t, "raw", body), 1<<16); !bytes.Equal(got, body) || !ok {
		t.Errorf("deflate without zlib's header: %d bytes, ok %v", len(got), ok)
	}
}

func TestPrefix_returnsNoMoreThanItsLimit(t *testing.T) {
	var d Decoder
	bomb := bytes.Repeat([]byte{'a'}, 64<<20)
	for _, codings := range []string{"gzip", "br", "zstd", "gzip, gzip"} {
		got, cut, ok := d.Prefix(codings, encode(t, codings, bomb), 1000)
		if len(got) != 1000 || cap(got) > 64<<10 || !cut || !ok {
			t.Errorf("%q: %d bytes of %d, cut %v, ok %v", codings, len(got), cap(got), cut, ok)
		}
	}
}

func TestPrefix_decodesWhatATruncatedBodyHas(t *testing.T) {
	var d Decoder
	var body bytes.Buffer
	for i := range 20_000 {
		body.WriteString(strings.Repeat(string(rune('a'+i*7%26)), i%13+1))
	}
	for _, codings := range []string{"gzip", "deflate", "br", "zstd"} {
		coded := encode(t, codings, body.Bytes())
		got, cut, ok := d.Prefix(codings, coded[:len(coded)-5], 1<<20)
		if !bytes.HasPrefix(body.Bytes(), got) || !cut || !ok {
			t.Errorf("%q: %d bytes, cut %v, ok %v", codings, len(got), cut, ok)
		}
		if _, _, ok := d.Prefix(codings, []byte("<html>no coding at all</html>"), 1<<16); ok {
			t.Errorf("%q: plain text passes as coded", codings)
		}
	}
	if _, _, ok := d.Prefix("compress", nil, 10); ok {
		t.Error("an unknown coding passes as decoded")
	}
	if _, _, ok := d.Prefix("gzip,gzip,gzip", nil, 10); ok {
		t.Error("three codings pass as decoded")
	}
}

func FuzzPrefix(f *testing.F) {
	for _, codings := range []string{"gzip", "br", "deflate", "zstd"} {
		f.Add(codings, encode(f, codings, []byte(strings.Repeat("body", 10))))
	}
	var d Decoder
	f.Fuzz(func(t *testing.T, codings string, coded []byte) {
		if got, _, _ := d.Prefix(codings, coded, 4096); len(got) > 4096 {
			t.Errorf("%d bytes", len(got))
		}
	})
}

func BenchmarkPrefix(b *testing.B) {
	var d Decoder
	body := []byte(strings.Repeat(`{"id":"i-0123456789abcdef0","state":"running"},`, 100))
	for _, codings := range []string{"gzip", "br", "zstd"} {
		coded := encode(b, codings, body)
		b.Run(codings, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				d.Prefix(codings, coded, 1<<16)
			}
		})
	}
}
