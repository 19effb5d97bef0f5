package proxy

import (
	"io"
	"net/http"
	"testing"
	"time"

	"detour/internal/flow"
)

// A response may end with its head (END_STREAM on HEADERS). To gRPC, that is how a call
// fails ("Trailers-Only"); with an empty DATA frame after it, a client reports another
// error. net/http's client reports a length of 0 for such a response, and else that of
// the Content-Length, or -1.
func TestEndOfHead_isPassedAsItCame(t *testing.T) {
	for name, c := range map[string]struct {
		method string
		fields []string
		length int64
		field  string // Content-Length
	}{
		"trailers-only":      {"POST", []string{":status", "200", "content-type", "application/grpc", "grpc-status", "7", "grpc-message", "n%C3%B6"}, 0, ""},
		"Content-Length: 0":  {"GET", []string{":status", "200", "content-length", "0"}, 0, "0"},
		"204":                {"GET", []string{":status", "204"}, 0, ""},
		"304":                {"GET", []string{":status", "304", "etag", `"a"`}, 0, ""},
		"304 with a length":  {"GET", []string{":status", "304", "content-length", "5"}, 5, "5"},
		"HEAD":               {"HEAD", []string{":status", "200"}, -1, ""},
		"HEAD with a length": {"HEAD", []string{":status", "200", "content-length", "5"}, 5, "5"},
		"an error":           {"GET", []string{":status", "503"}, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScriptedServer(t, true, func(p *peer) {
				for p.request() != nil {
					p.head(true, c.fields...)
				}
			})
			req, _ := http.NewRequestWithContext(t.Context(), c.method, "https://example.com/E/Fail", nil)
			resp, err := s.client(t, true).Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			b, err := io.ReadAll(resp.Body)
			if resp.StatusCode == http.StatusNotModified && resp.ContentLength > 0 {
				err = nil // net/http's client takes the body for cut off
			}
			if len(b) > 0 || err != nil {
				t.Errorf("body %q, %v", b, err)
			}
			if got := resp.Header.Get("Content-Length"); resp.ContentLength != c.length || got != c.field {
				t.Errorf("length %d, Content-Length %q; want %d and %q", resp.ContentLength, got, c.length, c.field)
			}
			if name == "trailers-only" && (resp.Header.Get("Grpc-Status") != "7" || resp.Header.Get("Grpc-Message") != "n%C3%B6" || len(resp.Trailer) > 0) {
				t.Errorf("header %v, trailer %v", resp.Header, resp.Trailer)
			}
			if f := s.sink.finals(t, 1)[0]; f.Failure != nil {
				t.Errorf("failure %+v", f.Failure)
			}
		})
	}
}

// A call can fail while the client is still streaming.
func TestEndOfHead_isPassedDuringAnUpload(t *testing.T) {
	s := newScriptedServer(t, true, func(p *peer) {
		for p.request() != nil {
			p.head(true, ":status", "200", "grpc-status", "7")
		}
	})
	body, w := io.Pipe()
	defer w.Close()
	req, _ := http.NewRequestWithContext(t.Context(), "POST", "https://example.com/E/Fail", body)
	start := time.Now()
	resp, err := s.client(t, true).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if d := time.Since(start); resp.ContentLength != 0 || resp.Header.Get("Grpc-Status") != "7" || d > atOnce {
		t.Errorf("length %d, header %v after %v", resp.ContentLength, resp.Header, d)
	}
}

func TestEndOfHead_isAnEmptyBodyToAnHTTP1Client(t *testing.T) {
	s := newScriptedServer(t, true, func(p *peer) {
		for p.request() != nil {
			p.head(true, ":status", "200")
		}
	})
	resp := sendRequest(t, s.client(t, false), "GET", "")
	if resp.ContentLength != 0 || len(resp.TransferEncoding) > 0 {
		t.Errorf("length %d, %v", resp.ContentLength, resp.TransferEncoding)
	}
}

func TestEndOfHead_aStreamThatEndsLaterStaysOne(t *testing.T) {
	s := newScriptedServer(t, true, func(p *peer) {
		for p.request() != nil {
			p.head(false, ":status", "200", "trailer", "grpc-status")
			_ = p.fr.WriteData(p.stream, false, []byte("message"))
			p.head(true, "grpc-status", "7")
		}
	})
	resp := sendRequest(t, s.client(t, true), "GET", "")
	if resp.ContentLength != -1 || resp.Trailer.Get("Grpc-Status") != "7" {
		t.Errorf("length %d, trailer %v", resp.ContentLength, resp.Trailer)
	}
}

// A response to HEAD is whole with its head, though the server doesn't end the stream.
func TestEndOfHead_isThatOfHEAD(t *testing.T) {
	s := newScriptedServer(t, true, func(p *peer) {
		for p.request() != nil {
			p.head(false, ":status", "200", "content-length", "5")
		}
	})
	for _, h2 := range []bool{true, false} {
		req, _ := http.NewRequestWithContext(t.Context(), "HEAD", "https://example.com/", nil)
		resp, err := s.client(t, h2).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if len(b) > 0 || err != nil || resp.StatusCode != http.StatusOK || resp.ContentLength != 5 {
			t.Errorf("HTTP/2 %v: %d, length %d, body %q, %v", h2, resp.StatusCode, resp.ContentLength, b, err)
		}
	}
	for _, f := range s.sink.finals(t, 2) {
		if f.Failure != nil || f.State != flow.StateDone {
			t.Errorf("%v, failure %+v", f.State, f.Failure)
		}
	}
}
