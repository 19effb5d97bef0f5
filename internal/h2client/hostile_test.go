package h2client

import (
	"context"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"
)

// A head that has come is passed on, though the frame after it comes in pieces.
func TestHead_doesNotWaitForTheFrameAfterIt(t *testing.T) {
	p := newTestPool(t)
	goOn := make(chan struct{})
	addPeer(t, p, func(s *peer) {
		s.request()
		var both strings.Builder
		fr := http2.NewFramer(&both, nil)
		_ = fr.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: s.Fields(":status", "200"), EndHeaders: true})
		_ = fr.WriteData(1, true, []byte("0123456789"))
		_, _ = io.WriteString(s.conn, both.String()[:both.Len()-5])
		<-goOn
		_, _ = io.WriteString(s.conn, both.String()[both.Len()-5:])
		s.drain()
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	resp, err := p.RoundTrip(newRequest(t, "GET", nil).WithContext(ctx))
	close(goOn)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if string(body) != "0123456789" || err != nil {
		t.Errorf("%q, %v", body, err)
	}
}

// The failure tells a server that answers in HTTP/1.1 from one that breaks HTTP/2.
func TestConn_saysThatAServerSpeaksHTTP1(t *testing.T) {
	p := newTestPool(t)
	client, server := pipe(t)
	go func() {
		_, _ = io.WriteString(server, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
		_, _ = io.Copy(io.Discard, server)
		_ = server.Close()
	}()
	p.Add(authority, plainConn{client})
	contains(t, result(p, newRequest(t, "GET", nil)), "looked like an HTTP/1.1 header")
}

// If nothing of a trailer is sent, DATA ends the stream: not every server takes an empty field block.
func TestUpload_withoutTheTrailerThatItAnnounced(t *testing.T) {
	p := newTestPool(t)
	got := make(chan string, 1)
	addPeer(t, p, func(s *peer) {
		s.request()
		for {
			f, err := s.frame()
			if err != nil {
				return
			}
			switch f := f.(type) {
			case *http2.DataFrame:
				if f.StreamEnded() {
					got <- "DATA"
					s.answer("")
				}
			case *http2.HeadersFrame:
				got <- "HEADERS"
				s.answer("")
			}
		}
	})
	r := newRequest(t, "POST", strings.NewReader("abc"))
	r.ContentLength = -1
	r.Trailer = http.Header{"X-Sum": nil}
	result(p, r)
	if end := <-got; end != "DATA" {
		t.Errorf("the request ends with %s", end)
	}
}

// Nothing waits for the end of an upload to a server that has responded, and reads nothing.
func TestUpload_endsThoughTheServerReadsNothing(t *testing.T) {
	p := newTestPool(t)
	client, server := pipe(t)
	serveScript(t, server, func(s *peer) {
		s.request()
		s.answer("early")
		s.drain()
	})
	f := newFull(client, 1<<10)
	p.Add(authority, f)
	resp, err := p.RoundTrip(newRequest(t, "POST", zeros{}))
	if err != nil {
		t.Fatal(err)
	}
	poll(t, "nothing more can be written", func() bool { return f.room.Load() < 0 })
	body, err := io.ReadAll(resp.Body)
	if string(body) != "early" || err != nil {
		t.Errorf("%q, %v", body, err)
	}
	closed := make(chan struct{})
	go func() { _ = resp.Body.Close(); close(closed) }()
	select {
	case <-closed:
	case <-time.After(time.Minute):
		t.Error("Close waits for the server")
	}
	_ = f.Close()
	<-closed
}

// Fields take more memory than their few bytes.
func TestConn_boundsInterimResponsesOfManyShortFields(t *testing.T) {
	p := newTestPool(t)
	addPeer(t, p, func(s *peer) {
		s.request()
		kv := []string{":status", "103"}
		for range 1500 {
			kv = append(kv, "a", "")
		}
		for range 5 {
			s.head(false, kv...)
		}
		s.answer("ok")
		s.drain()
	})
	c := p.conns[authority][0]
	whole := func() bool { c.mu.Lock(); defer c.mu.Unlock(); return len(c.streams) == 0 }
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
		Got1xxResponse: func(int, textproto.MIMEHeader) error { poll(t, "all has come", whole); return nil },
	})
	contains(t, result(p, newRequest(t, "GET", nil).WithContext(ctx)), errInterim.Error())
}
