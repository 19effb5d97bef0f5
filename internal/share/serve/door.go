package serve

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"

	"detour/internal/share"
)

// A door is a listener with those who came through it.
type door struct {
	server *Server
	keys   *keys // nil: whoever reaches the socket may watch
	http   http.Server

	ctx     context.Context // ends with the door; its cause says why
	cancel  context.CancelCauseFunc
	mu      sync.Mutex     // orders the last request before the end
	serving sync.WaitGroup // requests, and the listener
}

// keys let through those who have the link.
type keys struct {
	token, session          secret
	cookieName, cookieValue string
	secure                  bool // the connection is TLS
}

func newDoor(s *Server, k *keys) *door {
	d := &door{server: s, keys: k}
	d.ctx, d.cancel = context.WithCancelCause(context.Background())
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	d.http = http.Server{
		Handler:           d,
		MaxHeaderBytes:    maxHeaderBytes,
		ReadHeaderTimeout: readHeaderTimeout,
		WriteTimeout:      writeTimeout, // of a response; a stream extends it with each event
		IdleTimeout:       idleTimeout,
		Protocols:         protocols,
		// Errors quote what strangers sent, and nobody could do anything about them.
		ErrorLog: log.New(io.Discard, "", 0),

		DisableGeneralOptionsHandler: true,
	}
	return d
}

// serve accepts connections until close.
func (d *door) serve(l net.Listener) {
	d.serving.Go(func() { _ = d.http.Serve(l) })
}

// close tells everybody why, and returns once they are gone: those who don't read are cut.
func (d *door) close(why string) {
	d.mu.Lock()
	d.cancel(errors.New(why))
	d.mu.Unlock()
	d.drain()
	_ = d.http.Close()
	d.serving.Wait()
}

// drain stops accepting, and waits a moment for what is in progress.
func (d *door) drain() {
	ctx, stop := context.WithTimeout(context.Background(), d.server.parting)
	defer stop()
	_ = d.http.Shutdown(ctx)
}

// ServeHTTP implements http.Handler.
func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	protect(w.Header())
	if !d.enter() {
		stopped.send(w)
		return
	}
	defer d.serving.Done()
	if no := d.route(w, r); no != nil {
		no.send(w)
	}
}

// enter begins a request, unless the door is closed.
func (d *door) enter() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ctx.Err() != nil {
		return false
	}
	d.serving.Add(1)
	return true
}

// route serves a request, or returns why not.
func (d *door) route(w http.ResponseWriter, r *http.Request) *refusal {
	if no := malformed(r); no != nil {
		return no
	}
	if d.keys != nil {
		if no := misdirected(r); no != nil {
			return no
		}
	}
	switch r.URL.Path {
	case "/":
		return d.server.page.send(w, r)
	case "/session":
		return d.startSession(w, r)
	}
	if no := d.admit(r); no != nil {
		return no
	}
	s, q := d.server, r.URL.Query()
	rows := q.Get("as") == "rows"
	switch id, isFlow := strings.CutPrefix(r.URL.Path, "/flow/"); {
	case isFlow:
		return s.sendFlow(w, id, rows)
	case r.URL.Path == "/events":
		defer s.cfg.Changed()
		return d.stream(w, r, s.watchers, func() Stream {
			defer s.cfg.Changed()
			return s.cfg.Watch(rows, after(r))
		})
	case r.URL.Path == "/matches":
		expression := q.Get("q")
		if len(expression) > maxExpression {
			return tooLong
		}
		return d.stream(w, r, s.matchers, func() Stream { return s.cfg.Match(expression) })
	case r.URL.Path == "/complete":
		return s.sendCompletion(w, q)
	}
	return notFound
}

// admit returns why a request for data isn't served, or nil.
func (d *door) admit(r *http.Request) *refusal {
	program := d.keys == nil || d.keys.token.is(bearer(r))
	if program {
		return foreign(r, true)
	}
	for _, c := range r.CookiesNamed(d.keys.cookieName) {
		if d.keys.session.is(c.Value) {
			return foreign(r, false)
		}
	}
	if no := foreign(r, true); no != nil {
		return no
	}
	return notAllowed
}

// startSession exchanges the token for the cookie.
func (d *door) startSession(w http.ResponseWriter, r *http.Request) *refusal {
	if no := foreign(r, true); no != nil {
		return no
	}
	switch {
	case d.keys == nil:
		return notFound
	case !d.keys.token.is(bearer(r)):
		return notAllowed
	}
	http.SetCookie(w, cookie(d.keys.cookieName, d.keys.cookieValue, d.keys.secure))
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// stream sends a stream until it, its watcher or the door ends.
func (d *door) stream(w http.ResponseWriter, r *http.Request, free places, begin func() Stream) *refusal {
	if !free.take() {
		return full
	}
	defer free.free()
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(d.ctx, cancel)()
	s := begin()
	defer s.Close()
	out := newEvents(w)
	for {
		e, err := out.next(ctx, s)
		if err != nil {
			break
		}
		if out.write(e, d.server.patience) != nil {
			return nil
		}
		if e.Name == share.EventEnd {
			_ = out.flush()
			return nil
		}
	}
	if d.ctx.Err() != nil {
		_ = out.send(endOf(context.Cause(d.ctx).Error()), d.server.parting)
	} else {
		_ = out.flush()
	}
	return nil
}
