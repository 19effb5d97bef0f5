// Package send sends OTLP records to a collector over HTTP (opentelemetry.io/docs/specs/otlp, "OTLP/HTTP"):
// in batches, compressed, and again if the collector asks for that or can't be reached. A [Sender] has a queue
// for each signal. Whoever adds a record never waits: if a queue is full, its oldest record is dropped and
// counted.
package send

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/url"
	"time"

	"detour/internal/otlp"
)

// Limits of a queue and of a batch.
const (
	queueSize      = 2048             // records that wait
	batchSize      = 512              // records
	batchBytes     = 1 << 20          // before compression; a record may exceed it
	batchDelay     = 5 * time.Second  // how long a record waits for others
	firstBackoff   = time.Second      // doubled each time
	maxBackoff     = 30 * time.Second // before jitter
	hurriedBackoff = firstBackoff / 4 // at the end of a run
	maxResponse    = 64 << 10         // bytes that are read of a response, and of its header fields
)

// Config is what a Sender is made of. Encoder and Logs are required.
type Config struct {
	Encoder *otlp.Encoder
	Logs    Endpoint
	Traces  Endpoint // the zero value: no spans are sent
	// Proxy returns the proxy for a collector, as http.Transport wants it. nil: none is used.
	Proxy func(*http.Request) (*url.URL, error)
	Roots *x509.CertPool // of a collector whose Endpoint has none; nil: the system's
	// GiveUp is how long a batch is tried; 0: five minutes.
	GiveUp time.Duration
	// Notice takes what the user should know, a sentence, each once. nil: nobody is told.
	Notice func(text string)
}

// defaultGiveUp is how long a batch is tried.
const defaultGiveUp = 5 * time.Minute

// An Endpoint is where a signal is sent.
type Endpoint struct {
	URL     string         // with its path
	Headers []Header       // never shown
	Timeout time.Duration  // of a request
	Roots   *x509.CertPool // nil: Config.Roots
}

// A Header is a field of each request.
type Header struct{ Name, Value string }

// A Record encodes a record when it is sent: one that is dropped costs nothing. It is called once at most.
type Record func() []byte

// Stats counts records.
type Stats struct {
	Sent     int    // the collector accepted them
	Rejected int    // it refused them for good
	Dropped  int    // the queue was full, the collector couldn't be reached for long, or the time at the end was over
	Waiting  int    // in the queue, or being sent
	Trouble  string // why the collector accepts nothing now; "": it does, or nothing was sent
}

// Lost is how many records the collector didn't accept, and won't.
func (s Stats) Lost() int { return s.Rejected + s.Dropped }

func (s Stats) plus(o Stats) Stats {
	if s.Trouble == "" {
		s.Trouble = o.Trouble
	}
	return Stats{s.Sent + o.Sent, s.Rejected + o.Rejected, s.Dropped + o.Dropped, s.Waiting + o.Waiting, s.Trouble}
}

// A Sender sends records. Its methods may be called concurrently.
type Sender struct {
	logs, traces *pipe // traces is nil if no spans are sent
	stop         context.CancelFunc
}

// New returns a Sender, which has to be closed.
func New(cfg Config) *Sender {
	ctx, stop := context.WithCancel(context.Background())
	s := &Sender{stop: stop}
	s.logs = newPipe(&cfg, &cfg.Logs, "log records", cfg.Encoder.Logs)
	go s.logs.run(ctx)
	if cfg.Traces.URL != "" {
		s.traces = newPipe(&cfg, &cfg.Traces, "spans", cfg.Encoder.Traces)
		go s.traces.run(ctx)
	}
	return s
}

// newTransport returns what makes the requests to an endpoint. They aren't part of what detour records.
func newTransport(cfg *Config, to *Endpoint) *http.Transport {
	roots := to.Roots
	if roots == nil {
		roots = cfg.Roots
	}
	return &http.Transport{
		Proxy: cfg.Proxy, TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true,
		MaxIdleConnsPerHost: 1, IdleConnTimeout: 90 * time.Second, TLSHandshakeTimeout: 10 * time.Second, DisableCompression: true,
		MaxResponseHeaderBytes: maxResponse,
	}
}

// Log adds a log record.
func (s *Sender) Log(r Record) { s.logs.add(r) }

// Traces reports whether spans are sent.
func (s *Sender) Traces() bool { return s.traces != nil }

// Span adds a span, if spans are sent.
func (s *Sender) Span(r Record) {
	if s.traces != nil {
		s.traces.add(r)
	}
}

// Room waits until each queue has room for some records, so that none is dropped. It returns an error if a
// collector can't be reached.
func (s *Sender) Room(ctx context.Context) error {
	for _, p := range s.pipes() {
		if err := p.room(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (s *Sender) pipes() []*pipe {
	if s.traces == nil {
		return []*pipe{s.logs}
	}
	return []*pipe{s.logs, s.traces}
}

// Stats returns the current counts.
func (s *Sender) Stats() (out Stats) {
	for _, p := range s.pipes() {
		out = out.plus(p.stats())
	}
	return out
}

// Close sends what waits, until ctx is done, and returns the final counts. If ctx has a deadline, it tries
// more often, and earlier than a collector asks for. Nothing may be added afterwards.
func (s *Sender) Close(ctx context.Context) Stats {
	_, hurry := ctx.Deadline()
	for _, p := range s.pipes() {
		p.close(hurry)
	}
	unhook := context.AfterFunc(ctx, s.stop)
	defer unhook()
	for _, p := range s.pipes() {
		<-p.ended
		p.transport.CloseIdleConnections()
	}
	s.stop()
	return s.Stats()
}
