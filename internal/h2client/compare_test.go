package h2client

import (
	"context"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"detour/internal/fulltest"
)

// TestPool_sendsLikeNetHTTP plays random dialogues with this client and with net/http's.
func TestPool_sendsLikeNetHTTP(t *testing.T) {
	for seed := range uint64(fulltest.Or(15, 1000)) {
		client, server := pipe(t)
		theirScript := &recorder{}
		serveScript(t, server, theirScript.play(seed))
		var protocols http.Protocols
		protocols.SetUnencryptedHTTP2(true)
		dials := 0
		theirs := &http.Transport{
			Protocols: &protocols, DisableCompression: true, MaxResponseHeaderBytes: 64 << 10,
			DialContext: func(context.Context, string, string) (net.Conn, error) {
				if dials++; dials > 1 {
					return nil, errTest
				}
				return client, nil
			},
		}
		want := converse(t, theirs, seed, "http")
		theirs.CloseIdleConnections()
		if dials > 1 {
			t.Logf("dialogue %d: net/http has given up its connection, which depends on the time", seed)
			continue
		}

		p, ourScript := newTestPool(t), &recorder{}
		addPeer(t, p, ourScript.play(seed))
		got := converse(t, p, seed, "https")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("responses of dialogue %d (-net/http +h2client):\n%s", seed, diff)
		}
		if diff := cmp.Diff(theirScript.requests, ourScript.requests); diff != "" {
			t.Fatalf("requests of dialogue %d (-net/http +h2client):\n%s", seed, diff)
		}
	}
}

const dialogueLength = 8

// converse sends random requests, one after another, and returns the results.
func converse(t *testing.T, rt http.RoundTripper, seed uint64, scheme string) (results []string) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	for range dialogueLength {
		var body io.Reader
		n := r.IntN(3) * r.IntN(40_000)
		if n > 0 {
			body = strings.NewReader(strings.Repeat("x", n))
		}
		req := newRequest(t, pick("GET", "GET", "HEAD", "POST", "PUT", "OPTIONS"), body)
		req.URL.Scheme = scheme
		req.URL.Path = pick("/", "/a b", "/a%2Fb", "//a")
		req.URL.RawQuery = pick("", "a=b", "a=%20")
		if n > 0 && r.IntN(2) == 0 {
			req.ContentLength = -1
		}
		for range r.IntN(5) {
			req.Header.Add(pick("Accept", "X-Many", "x-lower", "Cookie"), pick("a", "b=1; c=2;d", strings.Repeat("v", r.IntN(3000))))
		}
		req.Header["User-Agent"] = []string{pick("", "test")}
		if n > 0 && r.IntN(3) == 0 {
			req.Trailer = http.Header{"X-Sum": {"1"}, "X-None": nil}
		}
		got := result(rt, req)
		results = append(results, sameWords(got))
		if strings.Contains(got, "error: connection") {
			break
		}
	}
	return results
}

// sameWords replaces what only its words differ in.
func sameWords(s string) string {
	for _, r := range []struct{ from, to string }{
		{`stream error: .*PROTOCOL_ERROR.*`, "PROTOCOL_ERROR"},
		{`net/http: server replied with more than.*`, "PROTOCOL_ERROR"},
	} {
		s = regexp.MustCompile(r.from).ReplaceAllString(s, r.to)
	}
	return s
}

// A recorder is a server that sends random responses, and notes the requests.
type recorder struct{ requests []string }

func (rec *recorder) play(seed uint64) func(*peer) {
	return func(p *peer) {
		r := rand.New(rand.NewPCG(seed, 2))
		p.fr.ReadMetaHeaders = hpack.NewDecoder(4<<10, nil)
		if r.IntN(2) == 0 {
			_ = p.fr.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: uint32(1 + r.IntN(70_000))},
				http2.Setting{ID: http2.SettingHeaderTableSize, Val: uint32(r.IntN(5000))})
		}
		for rec.read(p) {
			respond(r, p)
		}
	}
}

// read reads a whole request. What the client sends beside it depends on its own measure.
func (rec *recorder) read(p *peer) bool {
	words, size := "", 0
	for {
		f, err := p.frame()
		if err != nil {
			return false
		}
		switch f := f.(type) {
		case *http2.MetaHeadersFrame:
			words += describe(f)
			p.stream = f.StreamID
		case *http2.DataFrame:
			size += len(f.Data())
			if f.Length > 0 {
				_ = p.fr.WriteWindowUpdate(0, f.Length)
				_ = p.fr.WriteWindowUpdate(f.StreamID, f.Length)
			}
		}
		if h := f.Header(); (h.Type == http2.FrameHeaders || h.Type == http2.FrameData) && h.Flags.Has(http2.FlagDataEndStream) {
			rec.requests = append(rec.requests, words+strconv.Itoa(size))
			return true
		}
	}
}

// describe returns the fields of a head, in order.
func describe(f *http2.MetaHeadersFrame) string {
	var fields []string
	for _, field := range f.Fields {
		if field.Name != ":scheme" {
			fields = append(fields, field.Name+": "+field.Value)
		}
	}
	slices.Sort(fields)
	return strings.Join(fields, "\n") + "\n"
}

// respond sends a random response, not always a good one.
func respond(r *rand.Rand, p *peer) {
	size := r.IntN(3) * r.IntN(30_000)
	body := strings.Repeat("0123456789", size/10)
	for range r.IntN(3) {
		p.head(false, ":status", "103", "link", "</a>")
	}
	status := []int{200, 200, 200, 204, 301, 304, 404, 500, 999}[r.IntN(9)]
	kv := []string{":status", strconv.Itoa(status)}
	for range r.IntN(4) {
		kv = append(kv, []string{"x-a", "set-cookie", "content-type", "x-long"}[r.IntN(4)], strings.Repeat("v", r.IntN(4000)))
	}
	switch n := r.IntN(6); {
	case status == http.StatusNotModified: // its Content-Length is that of a 200, which net/http doesn't know
	case n < 2:
		kv = append(kv, "content-length", strconv.Itoa(len(body)))
	case n == 2:
		kv = append(kv, "content-length", strconv.Itoa(len(body)+1))
	case n == 3:
		kv = append(kv, "trailer", "X-Sum, x-other")
	}
	if len(body) == 0 && r.IntN(2) == 0 {
		p.head(true, kv...)
		return
	}
	p.head(false, kv...)
	for len(body) > 0 {
		n := min(len(body), 1+r.IntN(16_000))
		_ = p.fr.WriteDataPadded(p.stream, false, []byte(body[:n]), make([]byte, r.IntN(2)*r.IntN(255)))
		body = body[n:]
	}
	switch r.IntN(4) {
	case 0:
		p.head(true, "x-sum", "1", "x-late", "2")
	case 1:
		p.data("", true)
	case 2:
		p.data("end", true)
	default:
		_ = p.fr.WriteRSTStream(p.stream, []http2.ErrCode{http2.ErrCodeInternal, http2.ErrCodeNo, http2.ErrCodeCancel}[r.IntN(3)])
	}
}
