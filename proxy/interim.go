package proxy

import (
	"fmt"
	"net/http"
	"net/textproto"
	"sync"
)

// maxInterim is far above what servers send. net/http has its own limit only if no
// Got1xxResponse hook is set.
const maxInterim = 100

var errTooManyInterim = fmt.Errorf("the server sent more than %d interim responses", maxInterim)

// interimForwarder forwards interim responses, such as 103 (Early Hints). Over
// HTTP/1.1 they arrive on a goroutine of net/http's transport while the handler waits for the final
// response.
type interimForwarder struct {
	mu        sync.Mutex
	w         http.ResponseWriter
	http10    bool // the client doesn't know interim responses (RFC 9110, 15.2)
	received  int
	forwarded bool
	over      bool
}

func (i *interimForwarder) forward(code int, header textproto.MIMEHeader) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.over {
		return nil
	}
	if err := i.count(); err != nil || i.http10 || code == http.StatusContinue { // net/http sends its own 100
		return err
	}
	i.forwarded = true
	h := i.w.Header()
	for name, vs := range header {
		h[name] = vs
	}
	removeHopByHop(h)
	i.w.WriteHeader(code)
	clear(h)
	return nil
}

// count counts one that was received. mu is held.
func (i *interimForwarder) count() error {
	if i.received++; i.received > maxInterim {
		return errTooManyInterim
	}
	return nil
}

// anyForwarded reports whether the client was sent an interim response.
func (i *interimForwarder) anyForwarded() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.forwarded
}

// receive counts one, and notes whether it is about to be forwarded.
func (i *interimForwarder) receive(forwarded bool) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.forwarded = i.forwarded || forwarded
	return i.count()
}

func (i *interimForwarder) end() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.over = true
}
