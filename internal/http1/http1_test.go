package http1

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"detour/internal/flow"
)

func TestParseRequest_keepsOrderAndCase(t *testing.T) {
	r, err := ParseRequest("POST /a%2Fb?x HTTP/1.1\r\nx-B: 1\r\nHost: h\r\nX-a:\t2 \r\nCONTENT-LENGTH: 5\r\nx-b:\r\n\r\n")
	if err != nil {
		t.Fatal(err)
	}
	want := []flow.Header{{Name: "x-B", Value: "1"}, {Name: "Host", Value: "h"}, {Name: "X-a", Value: "2"}, {Name: "CONTENT-LENGTH", Value: "5"}, {Name: "x-b"}}
	if r.Method != "POST" || r.Target != "/a%2Fb?x" || r.Minor != 1 || !slices.Equal(r.Fields, want) || r.Body != (Framing{WithLength, 5}) {
		t.Errorf("got %+v", r)
	}
}

// What proxies and servers read differently is no request (RFC 9112, 11.2).
func TestParseRequest_rejectsWhatIsAmbiguous(t *testing.T) {
	const line = "GET / HTTP/1.1\r\n"
	for name, head := range map[string]string{
		"two lengths":               line + "Content-Length: 1\r\nContent-Length: 1\r\n\r\n",
		"two hosts":                 line + "Host: a\r\nHost: a\r\n\r\n",
		"a list of lengths":         line + "Content-Length: 1, 1\r\n\r\n",
		"a length with a sign":      line + "Content-Length: +1\r\n\r\n",
		"a length in hex":           line + "Content-Length: 0x1\r\n\r\n",
		"an empty length":           line + "Content-Length:\r\n\r\n",
		"a length with a zero":      line + "Content-Length: 010\r\n\r\n",
		"an endless length":         line + "Content-Length: 99999999999999999999\r\n\r\n",
		"length and chunked":        line + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
		"chunked and length":        line + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
		"chunked twice":             line + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
		"another coding":            line + "Transfer-Encoding: gzip, chunked\r\n\r\n",
		"an odd chunked":            line + "Transfer-Encoding: \x0bchunked\r\n\r\n",
		"chunked in HTTP/1.0":       "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
		"a space before the colon":  line + "Content-Length : 1\r\n\r\n",
		"a space before the name":   line + " Content-Length: 1\r\n\r\n",
		"a folded value":            line + "A: b\r\n c\r\n\r\n",
		"a bare LF":                 line + "A: b\nC: d\r\n\r\n",
		"a bare LF at the end":      line + "A: b\r\n\n",
		"a bare CR":                 line + "A: b\rC: d\r\n\r\n",
		"a NUL":                     line + "A: b\x00\r\n\r\n",
		"no colon":                  line + "A\r\n\r\n",
		"no name":                   line + ": b\r\n\r\n",
		"a name of bytes":           line + "\xc3\xa4: b\r\n\r\n",
		"a tab in the line":         "GET\t/ HTTP/1.1\r\n\r\n",
		"two spaces in the line":    "GET  / HTTP/1.1\r\n\r\n",
		"a space in the target":     "GET /a b HTTP/1.1\r\n\r\n",
		"a byte in the target":      "GET /\xc3\xa4 HTTP/1.1\r\n\r\n",
		"a bare LF after the line":  "GET / HTTP/1.1\nA: b\r\n\r\n",
		"no version":                "GET /\r\n\r\n",
		"HTTP/2":                    "GET / HTTP/2.0\r\n\r\n",
		"lower case":                "GET / http/1.1\r\n\r\n",
		"more digits":               "GET / HTTP/1.10\r\n\r\n",
		"an empty line before it":   "\r\nGET / HTTP/1.1\r\n\r\n",
		"more behind the last line": line + "\r\nA: b\r\n\r\n",
	} {
		if r, err := ParseRequest(head); err == nil {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

func TestIsPath(t *testing.T) {
	for target, want := range map[string]bool{
		"/": true, "/a%2fb?%zz": true, "//a": true, "/a;b=c": true,
		"*": false, "http://a/": false, "a:1": false, "/a#b": false, "/%": false, "/%2": false, "/%zz": false, "": false, "?a": false,
	} {
		if IsPath(target) != want {
			t.Errorf("%q: %v", target, !want)
		}
	}
}

func TestFraming_ofAResponse(t *testing.T) {
	length, chunked := "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n"
	for name, v := range map[string]struct {
		status, method, fields string
		want                   Framing
		bad                    bool
	}{
		"a length":                         {"200", "GET", length, Framing{WithLength, 5}, false},
		"no length":                        {"200", "GET", "", Framing{Kind: UntilClose}, false},
		"a length of zero":                 {"200", "GET", "Content-Length: 0\r\n", Framing{Kind: WithLength}, false},
		"chunks":                           {"200", "GET", chunked, Framing{Kind: Chunked}, false},
		"both":                             {"200", "GET", length + chunked, Framing{Kind: Chunked}, false},
		"the same length twice":            {"200", "GET", length + length, Framing{WithLength, 5}, false},
		"two lengths":                      {"200", "GET", length + "Content-Length: 6\r\n", Framing{}, true},
		"the same one, written otherwise":  {"200", "GET", length + "Content-Length: 05\r\n", Framing{}, true},
		"an odd chunked":                   {"200", "GET", "Transfer-Encoding: chun\u212aed\r\n", Framing{}, true},
		"no number":                        {"200", "GET", "Content-Length: x\r\n", Framing{}, true},
		"another coding":                   {"200", "GET", "Transfer-Encoding: gzip\r\n", Framing{}, true},
		"chunked twice":                    {"200", "GET", chunked + chunked, Framing{}, true},
		"chunked, its length in a trailer": {"200", "GET", chunked + "Trailer: X-Sum, content-LENGTH\r\n", Framing{}, true},
		"chunked, a trailer":               {"200", "GET", chunked + "Trailer: X-Sum\r\n", Framing{Kind: Chunked}, false},
		"a trailer without chunks":         {"200", "GET", length + "Trailer: Content-Length\r\n", Framing{WithLength, 5}, false},
		"HEAD":                             {"200", "HEAD", length, Framing{}, false},
		"HEAD, chunked":                    {"200", "HEAD", chunked, Framing{}, false},
		"HEAD, without a length":           {"200", "HEAD", "", Framing{}, false},
		"204":                              {"204", "GET", length, Framing{}, false},
		"304":                              {"304", "GET", chunked, Framing{}, false},
	} {
		r, err := ParseResponse("HTTP/1.1 " + v.status + " OK\r\n" + v.fields + "\r\n")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := r.Framing(v.method); got != v.want || (err != nil) != v.bad {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestResponse_Closes(t *testing.T) {
	for head, want := range map[string]bool{
		"HTTP/1.1 200 OK\r\n\r\n":                                                 false,
		"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n\r\n":                       false,
		"HTTP/1.1 200 OK\r\nconnection: Keep-Alive ,\tCLOSE\r\n\r\n":              true,
		"HTTP/1.1 200 OK\r\nConnection: x-close\r\nConnection: close\r\n\r\n":     true,
		"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n":  true,
		"HTTP/1.1 200 OK\r\nProxy-Connection: close\r\nContent-Length: 0\r\n\r\n": false,
	} {
		if r, err := ParseResponse(head); err != nil || r.Closes() != want {
			t.Errorf("%q: %v, %v", head, r.Closes(), err)
		}
	}
}

func TestCheckStart(t *testing.T) {
	for b, ok := range map[string]bool{
		"": true, "H": true, "HTTP/": true, "HTTP/1.1 200 OK\r": true, "HTTP/1.1 200 OK\r\nA: b": true,
		"S": false, "HTTQ": false, "SSH-2.0-OpenSSH_9.2\r\n": false, "HTTP/1.1 2000 OK\r\n": false, "HTTP/2 200\r\n": false, "\r\n": false, "HT\n": false,
	} {
		err := CheckStart([]byte(b))
		var malformed *MalformedError
		if (err == nil) != ok || err != nil && !errors.As(err, &malformed) {
			t.Errorf("%q: %v", b, err)
		}
	}
}

func TestChunkReader_rejects(t *testing.T) {
	for name, body := range map[string]string{
		"no size":             "\r\n",
		"a sign":              "+5\r\nhello\r\n0\r\n\r\n",
		"0x":                  "0x5\r\nhello\r\n0\r\n\r\n",
		"a space before":      " 5\r\nhello\r\n0\r\n\r\n",
		"a bare LF":           "5\nhello\r\n0\r\n\r\n",
		"a CR in the line":    "5;a\rb\r\nhello\r\n0\r\n\r\n",
		"too much data":       "5\r\nhello!\r\n0\r\n\r\n",
		"a bare LF behind it": "5\r\nhello\n0\r\n\r\n",
		"an endless size":     "fffffffffffffffff\r\n",
		"an endless line":     "5;" + strings.Repeat("x", 5000),
		"an endless trailer":  "0\r\n" + strings.Repeat("a: b\r\n", 1000),
		"a trailer of none":   "0\r\nx\r\n\r\n",
		"lines without data":  strings.Repeat("1;"+strings.Repeat("x", 1000)+"\r\nx\r\n", 20),
	} {
		var c ChunkReader
		rest := []byte(body)
		var err error
		for err == nil && !c.Done {
			var used int
			if _, used, err = c.Next(rest); used == 0 && err == nil {
				break
			}
			rest = rest[used:]
		}
		if err == nil {
			t.Errorf("%s: no error, done %v", name, c.Done)
		}
	}
}

func TestAppendChunk(t *testing.T) {
	if got := string(AppendChunk(AppendChunk(nil, []byte("0123456789abcdef")), nil)); got != "10\r\n0123456789abcdef\r\n" {
		t.Errorf("got %q", got)
	}
}

func TestParseResponse_readsAsNetHTTP(t *testing.T) {
	if r, err := ParseResponse("HTTP/1.1  200 OK\r\n\r\n"); err != nil || r.Status != 200 || r.Reason != "OK" {
		t.Errorf("two spaces: %+v, %v", r, err)
	}
	for _, field := range []string{"A: b\r\r\n c\r\n", "A: b\n c\r \n", "A: b\n c\nD: e\r \r\n"} {
		if r, err := ParseResponse("HTTP/1.1 200 OK\r\n" + field + "\r\n"); err == nil {
			t.Errorf("a bare CR: %+v", r)
		}
	}
}

// A flow that keeps a name must not keep the cookies that were in the same head.
func TestParseRequest_namesDontKeepTheHead(t *testing.T) {
	head := "GET / HTTP/1.1\r\nHost: h\r\nCookie: a\r\n\r\n"
	r, err := ParseRequest(head)
	if err != nil {
		t.Fatal(err)
	}
	from := uintptr(unsafe.Pointer(unsafe.StringData(head)))
	for _, h := range r.Fields {
		for _, s := range []string{h.Name, h.Value} {
			if at := uintptr(unsafe.Pointer(unsafe.StringData(s))); from <= at && at < from+uintptr(len(head)) {
				t.Errorf("%q is a part of the head", s)
			}
		}
	}
}

func TestChunkReader_aPaddedSize(t *testing.T) {
	var c ChunkReader
	data, _, err := c.Next([]byte("0000000000000002\r\nab"))
	if string(data) != "ab" || err != nil {
		t.Errorf("%q, %v", data, err)
	}
}
