package proxy

import (
	"fmt"
	"net/http"
	"net/textproto"
	"sync"
)

// maxInterim is far above what servers send. net/http has no limit of its own if there
// is a callback for interim responses.
const maxInterim = 100

var errTooManyInterim = fmt.Errorf("the server sent more than %d interim responses", maxInterim)

// interim forwards responses that come before the final one (103 Early Hints).
// They arrive on a goroutine of the transport, while the handler waits.
type interimForwarder struct {
	mu        sync.Mutex
	w         http.ResponseWriter
	forwarded int // interim responses
	over      bool
}

func (i *interimForwarder) forward(code int, header textproto.MIMEHeader) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.over || code == http.StatusContinue { // net/http sends its own 100
		return nil
	}
	if i.forwarded++; i.forwarded > maxInterim {
		return errTooManyInterim
	}
	h := i.w.Header()
	for name, vs := range header {
		h[name] = vs
	}
	i.w.WriteHeader(code)
	clear(h)
	return nil
}

// any reports whether the client has seen one.
func (i *interimForwarder) anyForwarded() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.forwarded > 0
}

func (i *interimForwarder) end() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.over = true
}
