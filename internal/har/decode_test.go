package har

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"detour/internal/fault"
	"detour/internal/flow"
)

func read(tb testing.TB, r io.Reader) ([]*flow.Flow, Info, error) {
	tb.Helper()
	var out []*flow.Flow
	info, err := Decode(r, func(f *flow.Flow) error { out = append(out, f); return nil })
	return out, info, err
}

func open(tb testing.TB, name string) []byte {
	tb.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func TestDecode_aHARFromChromium(t *testing.T) {
	flows, info, err := read(t, bytes.NewReader(open(t, "chrome-story.har")))
	if err != nil || len(flows) != 7 || info.Creator != "WebInspector 537.36" || info.Entries != 7 {
		t.Fatalf("%d flows of %+v: %v", len(flows), info, err)
	}
	page, call, stuck, blocked := flows[0], flows[1], flows[3], flows[6]
	if page.ID != 1 || page.Source != flow.SourceHAR || !page.Final() || page.Response.Status != 200 || page.Response.BodySize != 130 || page.Request.Proto != "HTTP/2.0" {
		t.Errorf("page %+v, response %+v", page, page.Response)
	}
	if tm := page.Timings(); tm.DNS != 14*time.Millisecond || tm.Connect != 41*time.Millisecond || tm.SSL != 20*time.Millisecond || tm.Wait != 80*time.Millisecond {
		t.Errorf("timings %+v", tm)
	}
	if !call.Reused || call.Conn.ID != page.Conn.ID || call.Timings().Connect != flow.NotApplicable {
		t.Errorf("the second call over connection %d: reused %v, timings %+v", call.Conn.ID, call.Reused, call.Timings())
	}
	if w := page.Conn.Winner(); w == nil || w.Addr.String() != "203.0.113.10:443" {
		t.Errorf("winner %+v", w)
	}
	if got := page.Elapsed(time.Time{}).Round(100 * time.Microsecond); got != 139500*time.Microsecond {
		t.Errorf("the page took %v", got)
	}
	a := stuck.Conn.Attempts
	if stuck.Failure.Stage != flow.StageDial || len(a) != 1 || a[0].Outcome != flow.DialTimeout || a[0].Took.Round(time.Millisecond) != 21043*time.Millisecond || a[0].Addr.IsValid() {
		t.Errorf("failure %+v, attempts %+v", stuck.Failure, a)
	}
	if stuck.Conn.Resolution != nil || stuck.Response != nil || stuck.Conn.Authority != "monitoring.ap-northeast-1.amazonaws.com:443" {
		t.Errorf("what the HAR doesn't say is made up: %+v", stuck.Conn)
	}
	if blocked.Failure.Stage != flow.StageClient {
		t.Errorf("an extension's block is %+v", blocked.Failure)
	}
	if flow.Has(page.Request.Headers, ":method") || !flow.Has(page.Request.Headers, "Origin") {
		t.Errorf("headers %v", page.Request.Headers)
	}
}

func TestDecode_errorsOfChromiumHaveTheirStage(t *testing.T) {
	for name, want := range map[string]string{
		"net::ERR_NAME_NOT_RESOLVED": "dns", "net::ERR_CONNECTION_REFUSED": "dial", "net::ERR_ADDRESS_UNREACHABLE": "dial",
		"net::ERR_CERT_AUTHORITY_INVALID": "tls", "net::ERR_CERT_DATE_INVALID": "tls", "net::ERR_SSL_PROTOCOL_ERROR": "tls",
		"net::ERR_TUNNEL_CONNECTION_FAILED": "upstream-proxy", "net::ERR_PROXY_CONNECTION_FAILED": "upstream-proxy",
		"net::ERR_BLOCKED_BY_LOCAL_NETWORK_ACCESS_CHECKS": "client", "net::ERR_ABORTED": "client",
		"net::ERR_CONNECTION_RESET": "wait", "net::ERR_HTTP2_PROTOCOL_ERROR": "wait", "net::ERR_FAILED": "wait", "something else": "wait",
	} {
		har := fmt.Sprintf(`{"log":{"entries":[{"request":{"method":"GET","url":"https://h.example/"},"response":{"status":0,"_error":%q},"timings":{}}]}}`, name)
		flows, _, err := read(t, strings.NewReader(har))
		if err != nil || len(flows) != 1 || string(flows[0].Failure.Stage) != want {
			t.Errorf("%s: %v %+v, want %s", name, err, flows, want)
		}
	}
}

func TestDecode_aFileThatWasCutOffGivesWhatItHas(t *testing.T) {
	whole := open(t, "chrome-story.har")
	flows, info, err := read(t, bytes.NewReader(whole[:len(whole)*2/3]))
	if err == nil || len(flows) == 0 || len(flows) >= 7 || info.Entries != len(flows) || !strings.Contains(err.Error(), fmt.Sprintf("after %d entries", len(flows))) {
		t.Errorf("%d flows, %v", len(flows), err)
	}
	for _, bad := range []string{"", "{}", "[]", `{"log":[]}`, `{"log":{"entries":{}}}`, "<html>", `{"log":{"entries":[{"startedDateTime":"yesterday"}]}}`} {
		if flows, _, err := read(t, strings.NewReader(bad)); err == nil || len(flows) != 0 {
			t.Errorf("%q: %d flows, %v", bad, len(flows), err)
		}
	}
	stop := errors.New("stop")
	if _, err := Decode(bytes.NewReader(whole), func(*flow.Flow) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("an error of emit: %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	files, err := filepath.Glob("testdata/*.har")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		f.Add(open(f, filepath.Base(name)))
	}
	f.Add(encode(f, story()))
	f.Add([]byte(`{"log":{"entries":[{"timings":{"connect":1e308,"ssl":null},"time":-1,"serverIPAddress":"::"}]}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		flows, info, _ := read(t, bytes.NewReader(b))
		if info.Entries != len(flows) {
			t.Errorf("%d entries, %d flows", info.Entries, len(flows))
		}
		for _, x := range flows {
			if !strings.HasPrefix(info.Creator, own) && (!x.Final() || x.Conn == nil || x.Response == nil && x.Failure == nil) {
				t.Errorf("flow %+v", x)
			}
			x.Record()
		}
		if err := Encode(io.Discard, &flow.Capture{Flows: flows}); err != nil && !strings.Contains(err.Error(), "year outside of range") {
			t.Error(err)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	raw := open(b, "chrome-story.har")
	b.SetBytes(int64(len(raw)))
	for range b.N {
		if _, err := Decode(bytes.NewReader(raw), func(*flow.Flow) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}

func TestDecode_bodiesAreWithoutTheirEncoding(t *testing.T) {
	const entries = `{"log":{"version":"1.2","creator":{"name":"x","version":"1"},"entries":[
	{"request":{"method":"POST","url":"https://a.example/","postData":{"mimeType":"x","text":"Action=A"}},"response":{"status":403,"content":{"text":"<Error/>"}}},
	{"request":{"method":"POST","url":"https://a.example/","postData":{"params":[{"name":"Action","value":"B C"}]}},"response":{"status":200,"content":{"text":"eyJhIjoxfQ==","encoding":"base64"}}},
	{"request":{"method":"GET","url":"https://a.example/"},"response":{"status":200,"content":{"text":"not base64!","encoding":"base64"}}},
	{"request":{"method":"GET","url":"https://a.example/"},"response":{"status":200,"content":{"text":"%s"}}}]}}`
	flows, _, err := read(t, strings.NewReader(fmt.Sprintf(entries, strings.Repeat("x", maxBody+1))))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct{ asked, answered string }{{"Action=A", "<Error/>"}, {"Action=B+C", `{"a":1}`}, {"", ""}, {"", strings.Repeat("x", maxBody)}} {
		if f := flows[i]; string(f.Request.Body) != want.asked || string(f.Response.Body) != want.answered || f.Response.BodyTruncated != (i == 3) {
			t.Errorf("entry %d: %q and %d bytes, truncated %v", i, f.Request.Body, len(f.Response.Body), f.Response.BodyTruncated)
		}
	}
}

// A panic of the parser's goroutine is one of Decode, whose caller may recover.
func TestDecode_raisesAPanicOfItsParser(t *testing.T) {
	b := open(t, "chrome-story.har")
	at := bytes.Index(b, []byte(`"entries"`)) + 20
	p := fault.Catch(func() { _, _, _ = read(t, io.MultiReader(bytes.NewReader(b[:at]), panicking{})) })
	if p == nil || p.Value != "a fault" || !strings.Contains(string(p.Stack), "panicking") {
		t.Errorf("%+v", p)
	}
}

type panicking struct{}

func (panicking) Read([]byte) (int, error) { panic("a fault") }
