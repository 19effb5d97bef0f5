package h2client

import (
	"net/http"
	"net/http/httptrace"
	"sync"
	"testing"
)

// A stuck is a Transport whose Write waits while shut is locked.
type stuck struct {
	plainConn
	shut *sync.Mutex
}

func (s stuck) Write(p []byte) (int, error) {
	s.shut.Lock()
	defer s.shut.Unlock()
	return s.plainConn.Write(p)
}

// A request is reported as written when the system has taken it, which a server that reads nothing
// may hold up: it isn't the server then that doesn't respond to it.
func TestWroteRequest_isWhenItIsWritten(t *testing.T) {
	p := newTestPool(t)
	client, server := pipe(t)
	respond := make(chan struct{})
	serveScript(t, server, func(s *peer) {
		for s.request() {
			<-respond
			s.answer("ok")
		}
	})
	shut := &sync.Mutex{}
	p.Add(authority, stuck{plainConn{client}, shut})
	c := p.conns[authority][0]
	poll(t, "the acknowledgment is written", func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		waiting, _ := c.out.Buffered()
		return c.settled && waiting == 0 && c.out.Done() == c.out.Written()
	})
	shut.Lock()
	wrote := make(chan error, 10)
	results := make(chan string, 2)
	for range 2 {
		r := newRequest(t, http.MethodGet, nil)
		r = r.WithContext(httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{
			WroteRequest: func(info httptrace.WroteRequestInfo) { wrote <- info.Err },
		}))
		n := p.inProgress()
		go func() { results <- result(p, r) }()
		poll(t, "a request is sent", func() bool { return p.inProgress() == n+1 })
	}
	if len(wrote) > 0 {
		t.Error("a request that isn't written is reported as written")
	}
	shut.Unlock()
	for range 2 {
		if err := <-wrote; err != nil {
			t.Error(err)
		}
	}
	close(respond)
	for range 2 {
		contains(t, <-results, `"ok"`)
	}
	if len(wrote) > 0 {
		t.Error("a request is reported twice")
	}
}
