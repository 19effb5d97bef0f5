package feed

import (
	"crypto/x509"
	"fmt"
	"net/http"
	"net/url"
	"sync/atomic"

	"detour/internal/capture"
	"detour/internal/dial"
	"detour/internal/otlp"
	"detour/internal/otlp/send"
)

// A Run is what a run sends. A nil one sends nothing, nor does one without an address. Its methods may be
// called concurrently.
type Run struct {
	opt Options // zero, if nothing is sent
	// unused are flags without an effect, in a sentence; "" for none
	unused string
	cfg    send.Config
	// strict: the flows are recorded strictly
	strict bool
	live   atomic.Pointer[Live] // nil: it hasn't begun
}

// Run returns what a run with these options sends. strict: it records strictly. The error is a usererr.Error.
func (o Options) Run(strict bool) (*Run, error) {
	if o.To == "" {
		return &Run{unused: o.unused()}, o.known()
	}
	cfg, err := o.Config()
	if err != nil {
		return nil, err
	}
	return &Run{opt: o, cfg: cfg, strict: strict}, nil
}

// unused says which of the options have no effect without an address. It isn't an error: a configuration file
// may hold them for the runs that have one.
func (o Options) unused() string {
	if flag := o.needs(); flag != "" {
		return fmt.Sprintf("--%s has no effect without --%s", flag, send.Flag)
	}
	return ""
}

// sends reports whether anything is sent.
func (r *Run) sends() bool { return r != nil && r.opt.To != "" }

// Connect says how the collector is reached: through which proxy, as for dial.Config, and with which
// certificates to trust; nil: the system's. It is called before Begin.
func (r *Run) Connect(via func(scheme, authority string) *dial.Proxy, roots *x509.CertPool) {
	if r.sends() {
		r.cfg.Proxy, r.cfg.Roots = Through(via), roots
	}
}

// Consent says what is sent, and where to; nothing if nothing is, but for flags that have no effect then.
func (r *Run) Consent() []string {
	switch {
	case r == nil, !r.sends() && r.unused == "":
		return nil
	case !r.sends():
		return []string{r.unused}
	}
	return []string{r.opt.Consent(r.cfg, r.strict)}
}

// Begin begins to send. path is where the ID of the installation is; "": it has none.
func (r *Run) Begin(store *capture.Store, redact Redactor, version, path string, notice func(string)) {
	if !r.sends() {
		return
	}
	r.cfg.Notice = notice
	about := otlp.Resource{Version: version, Run: NewID(), Installation: Installation(path), Strict: r.strict}
	r.live.Store(r.opt.Begin(store, redact, about, r.cfg))
}

// Lost says for the table's head how many records are lost, and why; "" if none is.
func (r *Run) Lost() string {
	s := r.stats()
	switch {
	case s.Lost() > 0:
		return fmt.Sprintf("%d lost", s.Lost()) + prefixed(": ", s.Trouble)
	case s.Trouble != "":
		return fmt.Sprintf("%d waiting: %s", s.Waiting, s.Trouble)
	}
	return ""
}

// Changes rises with what Lost says of lost records.
func (r *Run) Changes() uint64 { return uint64(r.stats().Lost()) } //nolint:gosec // it isn't negative

func (r *Run) stats() send.Stats {
	if r == nil || r.live.Load() == nil {
		return send.Stats{}
	}
	return r.live.Load().Stats()
}

// End sends what is left, and returns what became of the records; nothing if none was to be sent. The run has
// ended.
func (r *Run) End() []string {
	if r == nil || r.live.Load() == nil {
		return nil
	}
	return []string{Report(r.live.Load().End())}
}

// Through returns which proxy the requests to a collector go through, as http.Transport wants it. None does to a
// collector on this machine.
func Through(via func(scheme, authority string) *dial.Proxy) func(*http.Request) (*url.URL, error) {
	return func(r *http.Request) (*url.URL, error) {
		if send.IsLoopback(r.URL.Hostname()) {
			return nil, nil
		}
		if p := via(r.URL.Scheme, send.Endpoint{URL: r.URL.String()}.Host()); p != nil {
			return p.URL(), nil
		}
		return nil, nil
	}
}
