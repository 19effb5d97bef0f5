package h2client

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/http2"
)

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// A server must not send more than the client has room for, however slowly a body is read.
func TestBody_thatNobodyReadsHoldsUpTheServer(t *testing.T) {
	p := newTestPool(t)
	updates := make(chan uint32, 100)
	addPeer(t, p, func(s *peer) {
		s.request()
		s.head(false, ":status", "200")
		for range 16 { // the window of the stream
			_ = s.fr.WriteData(s.stream, false, make([]byte, 16<<10))
		}
		for {
			u, ok := await[*http2.WindowUpdateFrame](s)
			if !ok {
				return
			}
			if u.StreamID > 0 {
				updates <- u.Increment
				_ = s.fr.WriteData(s.stream, true, make([]byte, u.Increment))
			}
		}
	})
	resp, err := p.RoundTrip(newRequest(t, "GET", nil))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	c, _ := p.take(authority)
	poll(t, "the window is used up", func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.received.Left == connWindow-256<<10
	})
	if len(updates) > 0 {
		t.Error("the server may send more, though nobody has read")
	}
	if n, err := io.Copy(io.Discard, resp.Body); n != 256<<10+int64(<-updates) || err != nil {
		t.Errorf("%d bytes, %v", n, err)
	}
	c.mu.Lock()
	c.reserved--
	c.mu.Unlock()
}

// What a canceled request hasn't read must come back to the connection's window.
func TestBody_thatIsClosedGivesBackTheConnectionsWindow(t *testing.T) {
	p := newTestPool(t)
	reset := make(chan http2.ErrCode, 8)
	addPeer(t, p, func(s *peer) {
		for s.request() {
			s.head(false, ":status", "200")
			_ = s.fr.WriteData(s.stream, false, make([]byte, 16<<10))
			if f, ok := await[*http2.RSTStreamFrame](s); ok {
				reset <- f.ErrCode
			}
			_ = s.fr.WriteData(s.stream, true, make([]byte, 16<<10)) // sent before the server knew
		}
	})
	for range 8 {
		resp, err := p.RoundTrip(newRequest(t, "GET", nil))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(resp.Body, make([]byte, 100)); err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if code := <-reset; code != http2.ErrCodeCancel {
			t.Errorf("RST_STREAM with %v", code)
		}
	}
	c := p.conns[authority][0]
	poll(t, "everything is given back", func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.received.Left+c.received.Read == connWindow && c.isIdle()
	})
}

// An upload keeps to the server's windows, and to changes of them by SETTINGS.
func TestUpload_keepsToTheServersWindows(t *testing.T) {
	p := newTestPool(t)
	got := make(chan int, 10)
	addPeer(t, p, func(s *peer) {
		read := func(until int) {
			n := 0
			for n < until {
				f, ok := await[*http2.DataFrame](s)
				if !ok {
					break
				}
				n += len(f.Data())
			}
			got <- n
		}
		s.request()
		read(100)
		_ = s.fr.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 300})
		read(200)
		_ = s.fr.WriteWindowUpdate(s.stream, 100_000)
		read(65_535 - 300)
		_ = s.fr.WriteWindowUpdate(0, 100_000)
		read(70_000 - 65_535)
		s.answer("ok")
		s.drain()
	}, http2.Setting{ID: http2.SettingInitialWindowSize, Val: 100})
	poll(t, "the settings have come", func() bool {
		c := p.conns[authority][0]
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.windows.Initial == 100
	})
	r := newRequest(t, "POST", io.LimitReader(zeros{}, 70_000))
	contains(t, result(p, r), `"ok"`)
	for _, want := range []int{100, 200, 65_535 - 300, 70_000 - 65_535} {
		if n := <-got; n != want {
			t.Errorf("%d bytes, want %d", n, want)
		}
	}
}

// A server that has responded may not want the rest of an upload.
func TestUpload_endsWhenTheServerDoesNotWantIt(t *testing.T) {
	for name, test := range map[string]struct {
		play   func(s *peer)
		result string
		end    string
	}{
		"an error": {func(s *peer) { s.head(false, ":status", "403"); s.data("no", true) }, `403 map[] "no"`, "RST_STREAM NO_ERROR"},
		"an error, and RST_STREAM": {func(s *peer) {
			s.head(false, ":status", "403")
			s.data("no", true)
			_ = s.fr.WriteRSTStream(1, http2.ErrCodeNo)
		}, `403 map[] "no"`, "RST_STREAM NO_ERROR|closed"},
		"success":                      {func(s *peer) { s.answer("yes") }, `200 map[] "yes"`, "RST_STREAM CANCEL"},
		"success, and RST_STREAM":      {func(s *peer) { s.answer("yes"); _ = s.fr.WriteRSTStream(1, http2.ErrCodeNo) }, `200 map[] "yes"`, "closed|RST_STREAM CANCEL"},
		"success without a body":       {func(s *peer) { s.head(true, ":status", "200") }, `200 map[] ""`, "RST_STREAM CANCEL"},
		"RST_STREAM before a response": {func(s *peer) { _ = s.fr.WriteRSTStream(1, http2.ErrCodeCancel) }, "CANCEL; received from peer", "closed"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newTestPool(t)
			ended := make(chan string, 1)
			addPeer(t, p, func(s *peer) {
				s.request()
				test.play(s)
				ended <- s.end()
			})
			body, client := io.Pipe()
			defer client.Close()
			contains(t, result(p, newRequest(t, "POST", body)), test.result)
			if _, err := client.Write([]byte("x")); !errors.Is(err, io.ErrClosedPipe) {
				t.Errorf("the body is still read: %v", err)
			}
			p.Close()
			if end := <-ended; !strings.Contains(test.end, end) {
				t.Errorf("the stream ends with %s, want %s", end, test.end)
			}
		})
	}
}

// A canceled request ends at once, even if its upload waits for the server.
func TestUpload_endsWhenTheRequestIsCanceled(t *testing.T) {
	p := newTestPool(t)
	full, ended := make(chan struct{}), make(chan string, 1)
	addPeer(t, p, func(s *peer) {
		s.request()
		for n := 0; n < 65_535; {
			f, ok := await[*http2.DataFrame](s)
			if !ok {
				return
			}
			n += len(f.Data())
		}
		close(full)
		ended <- s.end()
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-full; cancel() }()
	r := newRequest(t, "POST", zeros{}).WithContext(ctx)
	contains(t, result(p, r), context.Canceled.Error())
	if end := <-ended; end != "RST_STREAM CANCEL" {
		t.Error(end)
	}
}

func TestUpload_failsWithItsBody(t *testing.T) {
	p := newTestPool(t)
	ended := make(chan string, 3)
	addPeer(t, p, func(s *peer) {
		for range 3 {
			s.request()
			ended <- s.end()
		}
		s.drain()
	})
	for want, r := range map[string]*http.Request{
		errTest.Error():    newRequest(t, "POST", io.MultiReader(strings.NewReader("x"), failing{})),
		errTooMuch.Error(): newRequest(t, "POST", strings.NewReader("too much")),
	} {
		if want == errTooMuch.Error() {
			r.ContentLength = 3
		}
		contains(t, result(p, r), want)
		if end := <-ended; end != "RST_STREAM CANCEL" {
			t.Error(end)
		}
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errTest }

// A full is a Transport to a server that reads nothing: once its buffers are full, Write waits.
type full struct {
	plainConn
	room  atomic.Int64
	ended chan struct{}
	once  sync.Once
}

func newFull(c net.Conn, room int64) *full {
	f := &full{plainConn: plainConn{c}, ended: make(chan struct{})}
	f.room.Store(room)
	return f
}

func (f *full) Write(p []byte) (int, error) {
	left := f.room.Add(int64(-len(p)))
	if left >= 0 {
		return f.plainConn.Write(p)
	}
	n, err := f.plainConn.Write(p[:max(0, int64(len(p))+left)]) // a socket, too, takes what fits
	if err == nil {
		<-f.ended
		err = net.ErrClosed
	}
	return n, err
}

func (f *full) NetConn() net.Conn { return f }

func (f *full) Close() error {
	f.once.Do(func() { close(f.ended) })
	return f.plainConn.Close()
}

// A canceled request is over at once, even if the server reads nothing.
func TestConn_cancelsRequestsThoughNothingCanBeWritten(t *testing.T) {
	p := newTestPool(t)
	client, server := pipe(t)
	serveScript(t, server, func(s *peer) { s.drain() })
	f := newFull(client, 10<<10)
	p.Add(authority, f)
	ctx, cancel := context.WithCancel(t.Context())
	var requests sync.WaitGroup
	for range 50 {
		requests.Go(func() {
			r := newRequest(t, "GET", nil).WithContext(ctx)
			r.Header.Set("X-Long", rand.Text()+strings.Repeat(rand.Text(), 40))
			contains(t, result(p, r), context.Canceled.Error())
		})
	}
	poll(t, "the buffers are full", func() bool { return f.room.Load() < 0 })
	cancel()
	requests.Wait()
	_ = f.Close()
}

// A server that reads nothing is sent no more requests, and those that were canceled don't pile up.
func TestConn_takesNoRequestsThatTheServerDoesNotRead(t *testing.T) {
	p := newTestPool(t)
	client, server := pipe(t)
	serveScript(t, server, func(s *peer) { s.drain() })
	f := newFull(client, 1<<10)
	p.Add(authority, f)
	c := p.conns[authority][0]
	poll(t, "the settings have come", func() bool { c.mu.Lock(); defer c.mu.Unlock(); return c.max == streamsDefault })
	last := ""
	for range 200 {
		ctx, cancel := context.WithCancel(t.Context())
		r := newRequest(t, "GET", nil).WithContext(ctx)
		r.Header.Set("X-Long", strings.Repeat("~", 16<<10))
		time.AfterFunc(time.Millisecond, cancel)
		last = result(p, r)
		cancel()
	}
	contains(t, last, errNoConn.Error())
	c.mu.Lock()
	if n, _ := c.out.Buffered(); n > 2*maxUnsent {
		t.Errorf("%d bytes wait", n)
	}
	c.mu.Unlock()
	_ = f.Close()
}
