package send

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	logs "go.opentelemetry.io/proto/otlp/logs/v1"
	"google.golang.org/protobuf/proto"

	"detour/internal/leaktest"
	"detour/internal/otlp"
)

func TestMain(m *testing.M) { leaktest.Main(m) }

// A collector is a transport that answers at once, as its script says, and keeps what it accepted.
type collector struct {
	t      *testing.T
	answer func(try int, r *http.Request) (*http.Response, error)

	mu     sync.Mutex
	at     []time.Time // of the requests
	bodies []int       // their records
	got    []string    // of all records that were accepted
}

func (c *collector) CloseIdleConnections() {}

func (c *collector) RoundTrip(r *http.Request) (*http.Response, error) {
	names := decoded(c.t, r.Body)
	c.mu.Lock()
	try := len(c.at)
	c.at, c.bodies = append(c.at, time.Now()), append(c.bodies, len(names))
	c.mu.Unlock()
	got, err := c.answer(try, r)
	if err == nil && got.StatusCode == http.StatusOK {
		c.mu.Lock()
		c.got = append(c.got, names...)
		c.mu.Unlock()
	}
	return got, err
}

func (c *collector) requests() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.at)
}

// decoded are the names of the events in a body.
func decoded(t *testing.T, body io.Reader) (names []string) {
	z, err := gzip.NewReader(body)
	if err != nil {
		t.Error(err)
		return nil
	}
	b, err := io.ReadAll(z)
	var got logs.LogsData
	if err := errors.Join(err, proto.Unmarshal(b, &got)); err != nil {
		t.Error(err)
	}
	for _, r := range got.ResourceLogs[0].ScopeLogs[0].LogRecords {
		names = append(names, r.EventName)
	}
	return names
}

func response(code int, header http.Header, body string) (*http.Response, error) {
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{StatusCode: code, Header: header, Body: io.NopCloser(strings.NewReader(body))}, nil
}

func ok(int, *http.Request) (*http.Response, error) { return response(200, nil, "") }

// A bench is a sender with a collector that is a script.
type bench struct {
	*Sender
	collector *collector
	notices   []string
}

// newBench must be called in a bubble.
func newBench(t *testing.T, answer func(try int, r *http.Request) (*http.Response, error)) *bench {
	b := &bench{collector: &collector{t: t, answer: answer}}
	cfg := Config{Encoder: otlp.New(otlp.Resource{Run: "r"}), Notice: func(text string) { b.notices = append(b.notices, text) }}
	ctx, stop := context.WithCancel(t.Context())
	p := newPipe(&cfg, &Endpoint{URL: "https://otel.example/v1/logs", Timeout: 10 * time.Second}, "log records", cfg.Encoder.Logs)
	p.transport = b.collector
	b.Sender = &Sender{logs: p, stop: stop}
	go p.run(ctx)
	return b
}

// put adds n records, each with its number as the name of its event.
func (b *bench) put(from, n int) {
	for i := range n {
		b.Log(named(fmt.Sprint(from + i)))
	}
}

// named returns a log record with an event's name alone: field 12.
func named(name string) Record {
	return func() []byte { return append([]byte{0x62, byte(len(name))}, name...) }
}

// hurried closes as a run does.
func (b *bench) hurried() Stats {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	return b.Close(ctx)
}

func (b *bench) check(t *testing.T, want Stats) {
	t.Helper()
	if got := b.Stats(); got != want {
		t.Errorf("the counts are %+v, want %+v", got, want)
	}
}

func TestSender_batches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, began := newBench(t, ok), time.Now()
		b.put(0, 3)
		time.Sleep(batchDelay - time.Millisecond)
		synctest.Wait()
		if len(b.collector.at) != 0 {
			t.Fatalf("it sent before %s", batchDelay)
		}
		b.check(t, Stats{Waiting: 3})
		time.Sleep(time.Millisecond)
		synctest.Wait()
		if at := b.collector.at; len(at) != 1 || at[0].Sub(began) != batchDelay {
			t.Fatalf("requests at %v", at)
		}
		b.put(3, 1100)
		synctest.Wait()
		if got := fmt.Sprint(b.collector.bodies); got != "[3 512 512]" {
			t.Errorf("without waiting, the batches are %s", got)
		}
		b.check(t, Stats{Sent: 1027, Waiting: 76})
		ended := time.Now()
		if got := b.hurried(); got != (Stats{Sent: 1103}) || time.Since(ended) != 0 {
			t.Errorf("at the end %+v after %s", got, time.Since(ended))
		}
		for i, name := range b.collector.got {
			if name != fmt.Sprint(i) {
				t.Fatalf("record %d is %s", i, name)
			}
		}
	})
}

// asked is a context that does something when it is first asked whether it is done.
type asked struct {
	context.Context
	first func()
}

func (a asked) Err() error {
	a.first()
	return a.Context.Err()
}

// TestPipe_closedAsItsOnlyRecordComes: both while it is finding out whether there is anything to send.
func TestPipe_closedAsItsOnlyRecordComes(t *testing.T) {
	p := newPipe(&Config{}, &Endpoint{}, "log records", nil)
	ctx := asked{t.Context(), sync.OnceFunc(func() {
		p.add(named("x"))
		p.close(false)
	})}
	if !p.wait(ctx) {
		t.Error("the record isn't sent")
	}
}

func TestSender_aBatchIsBoundedInBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, ok)
		big := append([]byte{0x2a, 0x80, 0x80, 0x10}, make([]byte, 1<<18)...) // a body of 256 KiB, which isn't an AnyValue
		for range 6 {
			b.Log(func() []byte { return append([]byte{0x52, 0x80, 0x80, 0x10}, big[4:]...) })
		}
		b.hurried()
		if got := fmt.Sprint(b.collector.bodies); got != "[4 2]" {
			t.Errorf("the batches are %s", got)
		}
	})
}

// TestSender_aCollectorThatNeverAnswersStopsNobody: adding takes no time, whatever waits, and the end takes two
// seconds. In a bubble, time passes only if everything waits.
func TestSender_aCollectorThatNeverAnswersStopsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		encoded := 0
		b := newBench(t, func(_ int, r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		began := time.Now()
		const n = 10_000
		for i := range n {
			b.Log(func() []byte { encoded++; return named(fmt.Sprint(i))() })
		}
		if time.Since(began) != 0 {
			t.Errorf("adding waited %s", time.Since(began))
		}
		synctest.Wait()
		if got := b.Stats(); got.Waiting > queueSize+batchSize || got.Dropped+got.Waiting != n || encoded > batchSize {
			t.Errorf("%+v; %d were encoded", got, encoded)
		}
		time.Sleep(time.Minute)
		if got := b.Stats(); got.Trouble != "no response in time" {
			t.Errorf("the trouble is %q", got.Trouble)
		}
		ended := time.Now()
		got := b.hurried()
		if d := time.Since(ended); d > 2*time.Second || got.Dropped != n || got.Waiting != 0 {
			t.Errorf("the end took %s: %+v", d, got)
		}
		if len(b.notices) != 1 {
			t.Errorf("notices: %q", b.notices)
		}
	})
}

// TestSender_aRunThatIsShortSaysWhatWasWrong, though no request has timed out at its end.
func TestSender_aRunThatIsShortSaysWhatWasWrong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, func(try int, r *http.Request) (*http.Response, error) {
			if try == 0 {
				return response(200, nil, "")
			}
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		b.put(1, 1)
		time.Sleep(2 * batchDelay)
		b.put(2, 1)
		if got := b.hurried(); got != (Stats{Sent: 1, Dropped: 1, Trouble: "no response in time"}) {
			t.Errorf("%+v", got)
		}
	})
}

func TestSender_dropsTheOldest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		up := make(chan struct{})
		b := newBench(t, func(int, *http.Request) (*http.Response, error) {
			if isClosed(up) {
				return response(200, nil, "")
			}
			return nil, errors.New("connection refused")
		})
		b.put(0, 5000)
		synctest.Wait()
		dropped := b.Stats().Dropped
		close(up)
		time.Sleep(maxBackoff)
		if got := b.hurried(); got.Sent+dropped != 5000 || got.Dropped != dropped || dropped < 5000-queueSize-2*batchSize {
			t.Errorf("%d were dropped, then %+v", dropped, got)
		}
		if last := b.collector.got[len(b.collector.got)-1]; last != "4999" {
			t.Errorf("the last one is %s", last)
		}
	})
}

func TestSender_triesAgainAsTheCollectorAsks(t *testing.T) {
	for name, c := range map[string]struct {
		code       int
		retryAfter func() string
		from, to   time.Duration
	}{
		"seconds":       {429, func() string { return "7" }, 7 * time.Second, 7 * time.Second},
		"a date":        {503, func() string { return time.Now().Add(9 * time.Second).UTC().Format(http.TimeFormat) }, 9 * time.Second, 9 * time.Second},
		"nothing":       {502, func() string { return "" }, firstBackoff / 2, firstBackoff},
		"no number":     {504, func() string { return "soon" }, firstBackoff / 2, firstBackoff},
		"a past date":   {503, func() string { return "Sat, 02 Jan 1999 15:04:05 GMT" }, firstBackoff / 2, firstBackoff},
		"in 68 years":   {503, func() string { return "2147483647" }, defaultGiveUp, defaultGiveUp},
		"longer than 2": {503, func() string { return "99999999999999999999" }, firstBackoff / 2, firstBackoff},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, func(try int, _ *http.Request) (*http.Response, error) {
					if try == 0 {
						return response(c.code, http.Header{"Retry-After": {c.retryAfter()}}, "")
					}
					return response(200, nil, "")
				})
				b.put(0, batchSize)
				time.Sleep(time.Hour)
				b.check(t, Stats{Sent: batchSize})
				if at := b.collector.at; len(at) != 2 || at[1].Sub(at[0]) < c.from || at[1].Sub(at[0]) > c.to {
					t.Errorf("requests at %v", at)
				}
				b.hurried()
			})
		})
	}
}

func TestSender_backsOffAndGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, func(int, *http.Request) (*http.Response, error) { return nil, errors.New("connection refused") })
		b.put(0, batchSize)
		time.Sleep(time.Hour)
		b.check(t, Stats{Dropped: batchSize, Trouble: "connection refused"})
		at := b.collector.at
		for i := 1; i < len(at); i++ {
			most := min(maxBackoff, firstBackoff<<(i-1))
			if d := at[i].Sub(at[i-1]); d > most || d < most/2 && i < len(at)-1 {
				t.Errorf("try %d came after %s, of at most %s", i, d, most)
			}
		}
		if last := at[len(at)-1].Sub(at[0]); last != defaultGiveUp {
			t.Errorf("it gave up after %s", last)
		}
		b.put(0, 1) // the next one is tried all the same
		time.Sleep(batchDelay)
		synctest.Wait()
		if len(b.collector.at) != len(at)+1 {
			t.Error("nothing is sent after that")
		}
		b.hurried()
	})
}

func TestSender_refusalsArePermanentAndSaidOnce(t *testing.T) {
	for _, code := range []int{301, 400, 401, 403, 404, 413, 500, 501} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t, func(int, *http.Request) (*http.Response, error) {
				return response(code, http.Header{"Location": {"https://elsewhere.example/"}}, "no")
			})
			b.put(0, 3*batchSize)
			time.Sleep(time.Minute)
			got := b.hurried()
			if got.Rejected != 3*batchSize || got.Sent != 0 || len(b.collector.at) != 3 || got.Trouble != fmt.Sprintf("%d %s", code, http.StatusText(code)) {
				t.Errorf("%d: %+v after %d requests", code, got, len(b.collector.at))
			}
			if len(b.notices) != 1 || !strings.Contains(b.notices[0], fmt.Sprint(code)) {
				t.Errorf("%d: notices %q", code, b.notices)
			}
		})
	}
}

func TestSender_countsWhatACollectorRejects(t *testing.T) {
	for name, c := range map[string]struct {
		body string
		want Stats
		says string
	}{
		"some":       {"\x0a\x07\x08\x05\x12\x03old", Stats{Sent: batchSize - 5, Rejected: 5}, "rejects some log records: old"},
		"none":       {"\x0a\x00", Stats{Sent: batchSize}, ""},
		"too many":   {"\x0a\x04\x08\xff\xff\x7f", Stats{Rejected: batchSize}, "rejects some"},
		"JSON":       {"{}", Stats{Sent: batchSize}, ""},
		"JSON, some": {`{"partialSuccess":{"rejectedLogRecords":"5","errorMessage":"old"}}`, Stats{Sent: batchSize - 5, Rejected: 5}, "rejects some log records: old"},
		"JSON, cut":  {`{"partialSuccess":{`, Stats{Rejected: batchSize, Trouble: "what responds there doesn't speak OTLP"}, "doesn't speak OTLP"},
		"JSON, less": {`{"partialSuccess":{"rejectedSpans":-5}}`, Stats{Sent: batchSize}, ""},
		"a portal":   {"<html>please log in</html>", Stats{Rejected: batchSize, Trouble: "what responds there doesn't speak OTLP"}, "doesn't speak OTLP"},
		"an echo":    {"\x0a\x0a\x08\x05\x12\x06s3cr3t", Stats{Sent: batchSize - 5, Rejected: 5}, "rejects some log records"},
		"a terminal": {"\x0a\x08\x08\x05\x12\x04\x1b[2J", Stats{Sent: batchSize - 5, Rejected: 5}, "rejects some log records"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, func(int, *http.Request) (*http.Response, error) { return response(200, nil, c.body) })
				b.logs.to.Headers = []Header{{"Authorization", "Bearer s3cr3t"}}
				b.put(0, batchSize)
				synctest.Wait()
				b.check(t, c.want)
				said := strings.Join(b.notices, "\n")
				if !strings.Contains(said, c.says) || (said == "") != (c.says == "") || strings.ContainsAny(said, "\x1b") || strings.Contains(said, "s3cr3t") {
					t.Errorf("notices %q", b.notices)
				}
				b.hurried()
			})
		})
	}
}

// TestSender_closingWithoutADeadlineHonoursRetryAfter: an export has time.
func TestSender_closingWithoutADeadlineHonoursRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, func(try int, _ *http.Request) (*http.Response, error) {
			if try == 0 {
				return response(429, http.Header{"Retry-After": {"20"}}, "")
			}
			return response(200, nil, "")
		})
		b.put(0, 10)
		if got := b.Close(t.Context()); got.Sent != 10 {
			t.Errorf("%+v", got)
		}
		if at := b.collector.at; len(at) != 2 || at[1].Sub(at[0]) != 20*time.Second {
			t.Errorf("requests at %v", at)
		}
	})
}

func TestSender_room(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, ok)
		for i := range 10_000 {
			if err := b.Room(t.Context()); err != nil {
				t.Fatal(err)
			}
			b.put(i, 1)
		}
		if got := b.Close(t.Context()); got != (Stats{Sent: 10_000}) {
			t.Errorf("%+v", got)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, func(int, *http.Request) (*http.Response, error) { return nil, errors.New("connection refused") })
		n := 0
		for ; n < 10_000; n++ {
			if err := b.Room(t.Context()); err != nil {
				break
			}
			b.put(n, 1)
		}
		began, requests := time.Now(), b.collector.requests()
		if got := b.Close(t.Context()); got.Dropped != n || n == 10_000 || time.Since(began) != 0 || b.collector.requests() > requests+1 {
			t.Errorf("%d added, and %+v after %s and %d requests more", n, got, time.Since(began), b.collector.requests()-requests)
		}
	})
}
