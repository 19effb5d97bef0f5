package http1

import (
	"bufio"
	"bytes"
	"io"
	"maps"
	"net/http"
	"net/textproto"
	"slices"
	"strings"
	"testing"

	"detour/internal/flow"
)

// Whatever is read as a request, net/http reads in the same way: where it ends, too.
func FuzzParseRequest(f *testing.F) {
	for _, s := range []string{
		"GET / HTTP/1.1\r\nHost: h\r\n\r\nGET",
		"POST /a?b HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nabc",
		"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2;x\r\nab\r\n0\r\nA: b\r\n\r\nGET / ",
		"GET / HTTP/1.0\r\nPragma: no-cache\r\n\r\n",
		"GET / HTTP/1.1\nHost: h\n\n",
		"GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		n := EndOfHead(b, 0)
		if n == 0 {
			return
		}
		r, err := ParseRequest(string(b[:n]))
		if err != nil || !IsPath(r.Target) {
			return
		}
		br := bufio.NewReader(bytes.NewReader(b))
		want, err := http.ReadRequest(br)
		if err != nil {
			t.Fatalf("net/http: %v", err)
		}
		if want.Method != r.Method || want.RequestURI != r.Target || want.ProtoMajor != 1 || want.ProtoMinor != r.Minor {
			t.Errorf("%+v, net/http: %+v", r, want)
		}
		if host := flow.Get(r.Fields, "Host"); host != want.Host && count(r.Fields, "Host") == 1 {
			t.Errorf("Host %q, net/http: %q", host, want.Host)
		}
		if pragma := flow.Get(r.Fields, "Pragma"); pragma == "no-cache" && !flow.Has(r.Fields, "Cache-Control") {
			want.Header.Del("Cache-Control") // net/http adds it
		}
		sameFields(t, r.Fields, want.Header)
		sameBody(t, r.Body, b[n:], want.Body, br, &want.Trailer)
	})
}

// Whatever is read as a response, net/http reads in the same way.
func FuzzParseResponse(f *testing.F) {
	for _, s := range []string{
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabHTTP/1.1 200 OK\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 7\r\n\r\n2\r\nab\r\n0\r\n\r\nx",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: A\r\n\r\n1\r\na\r\n0\r\nA: b\r\n\r\nx",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: A, content-length\r\n\r\n0\r\n\r\n",
		"HTTP/1.0 404\nA: b\n\tc\nConnection: x, close\n\nbody",
		"HTTP/1.1 304 \r\nContent-Length: 9\r\n\r\nx",
		"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nab",
	} {
		f.Add([]byte(s), false)
		f.Add([]byte(s), true)
	}
	f.Fuzz(func(t *testing.T, b []byte, head bool) {
		n := EndOfHead(b, 0)
		if n == 0 {
			return
		}
		method := map[bool]string{false: "GET", true: "HEAD"}[head]
		r, err := ParseResponse(string(b[:n]))
		if err != nil || r.Status < 200 {
			return
		}
		framing, err := r.Framing(method)
		if err != nil {
			return
		}
		if CheckStart(b) != nil {
			t.Errorf("%+v has no beginning", r)
		}
		br := bufio.NewReader(bytes.NewReader(b))
		want, err := http.ReadResponse(br, &http.Request{Method: method})
		if err != nil {
			t.Fatalf("net/http: %v", err)
		}
		_, reason, _ := strings.Cut(want.Status, " ")
		if want.StatusCode != r.Status || reason != r.Reason || want.ProtoMinor != r.Minor {
			t.Errorf("%+v, net/http: %+v", r, want)
		}
		if want.Close && !r.Closes() && framing.Kind != UntilClose {
			t.Errorf("the connection ends")
		}
		sameFields(t, r.Fields, want.Header)
		sameBody(t, framing, b[n:], want.Body, br, &want.Trailer)
	})
}

func count(fields []flow.Header, name string) (n int) {
	for _, h := range fields {
		if strings.EqualFold(h.Name, name) {
			n++
		}
	}
	return n
}

// sameFields compares all but those that net/http keeps elsewhere.
func sameFields(t *testing.T, fields []flow.Header, want http.Header) {
	t.Helper()
	got := make(http.Header)
	for _, h := range fields {
		name := textproto.CanonicalMIMEHeaderKey(h.Name)
		got[name] = append(got[name], h.Value)
	}
	for _, h := range []http.Header{got, want} {
		for _, name := range []string{"Host", "Transfer-Encoding", "Trailer", "Content-Length", "Connection"} {
			delete(h, name)
		}
		for _, vs := range h {
			for i := range vs {
				vs[i] = trim(vs[i])
			}
		}
	}
	if !maps.EqualFunc(got, want, slices.Equal[[]string]) {
		t.Errorf("fields %q, net/http: %q", got, want)
	}
}

// sameBody compares the body in b, what follows it, and its trailer.
func sameBody(t *testing.T, framing Framing, b []byte, body io.Reader, br *bufio.Reader, trailer *http.Header) {
	t.Helper()
	want, err := io.ReadAll(body)
	after, _ := io.ReadAll(br)
	var got []byte
	whole := true
	switch framing.Kind {
	case None:
	case UntilClose:
		got, b = b, nil
	case WithLength:
		whole = framing.Length <= int64(len(b))
		n := min(framing.Length, int64(len(b)))
		got, b = b[:n], b[n:]
	case Chunked:
		var c ChunkReader
		for !c.Done {
			data, used, err := c.Next(b)
			got, b = append(got, data...), b[used:]
			if err != nil || used == 0 && !c.Done {
				return // net/http may have accepted it, but nothing of it is taken for whole
			}
		}
		sum := 0
		for _, vs := range *trailer {
			sum += len(vs)
		}
		if count := len(c.Trailer); count != 0 && count != sum {
			t.Errorf("trailer %q, net/http: %q", c.Trailer, *trailer)
		}
	}
	if (err == nil) != whole || !bytes.Equal(got, want) || whole && !bytes.Equal(b, after) {
		t.Errorf("body %q, whole %v, then %q; net/http: %q, %v, %q", got, whole, b, want, err, after)
	}
}
