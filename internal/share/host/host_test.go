package host

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"detour/internal/alias"
	"detour/internal/capture"
	"detour/internal/flow"
	"detour/internal/intake"
	"detour/internal/leaktest"
	"detour/internal/share"
	"detour/internal/share/serve"
)

func TestMain(m *testing.M) { leaktest.Main(m) }

// A page shows the ID, the URL and the findings of a flow.
type page struct{}

func (page) Document() (body []byte, csp string) {
	return []byte("<!doctype html>"), "default-src 'none'"
}
func (page) Setup() []byte { return []byte(`{"columns":[]}`) }
func (page) Row(f *flow.Flow, _ time.Time) []byte {
	return fmt.Appendf(nil, `{"id":%d,"url":%q}`, f.ID, f.Request.URL)
}

func (page) Findings(c flow.Capture, _ time.Time) []byte {
	return fmt.Appendf(nil, `{"n":%d}`, len(c.Findings))
}

func (page) Detail(f *flow.Flow, fs []flow.Finding, _ time.Time) []byte {
	return fmt.Appendf(nil, `{"id":%d,"url":%q,"findings":%d}`, f.ID, f.Request.URL, len(fs))
}

// account is in the URL of every request.
const account = "123456789012"

func put(store *capture.Store, id flow.ID) {
	store.Put(flow.Flow{
		ID: id, Rev: 1, State: flow.StateDone, Source: flow.SourceProxy,
		Request: flow.Request{Method: "GET", URL: "https://" + account + ".example/" + fmt.Sprint(id)},
		Times:   flow.Times{Start: time.Now(), Done: time.Now()},
	})
}

func TestHost_sendsWhatIsRedactedUntilTheEnd(t *testing.T) {
	store := capture.New(capture.Options{})
	put(store, 1)
	put(store, 2)
	store.SetFindings([]flow.Finding{{Code: "x", Flows: []flow.ID{2}}})
	h := New(share.Config{
		Source: store, Strict: intake.NewStrict(new(alias.Table)), Now: time.Now,
		Judge: func(_, _ []*flow.Flow, found []flow.Finding, _ time.Time) []flow.Finding { return found },
	}, page{})
	l, err := h.Share(serve.Options{})
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	get := func(path string) *http.Response {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, l.Base()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+l.Token)
		resp, err := transport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		return resp
	}
	events := get("/events?as=rows")
	defer events.Body.Close()
	in := bufio.NewReader(events.Body)
	all := ""
	until := func(want string) {
		t.Helper()
		for !strings.Contains(all, want) {
			line, err := in.ReadString('\n')
			if all += line; err != nil {
				t.Fatalf("%v before %q: %s", err, want, all)
			}
		}
	}
	until(`"id":2,`)
	until(`{"n":1}`)
	if h.Watching() != 1 || h.Changes() != 2 {
		t.Errorf("%d watch, %d changes", h.Watching(), h.Changes())
	}
	for path, want := range map[string]string{
		"/flow/2?as=rows":            `"findings":1`,
		"/flow/1?as=rows":            `"findings":0`,
		"/flow/1":                    `"privacy":"strict"`,
		"/complete?q=method:&at=7":   `"GET"`,
		"/matches?q=method:GET":      `"ids":[1,2]`,
		"/matches?q=text:" + account: `"count":0`, // else a filter could ask for what was removed
		"/matches?q=" + account[:6]:  `"count":0`,
		"/complete?q=host:&at=5":     `"from":5`,
	} {
		resp := get(path)
		text := ""
		if strings.HasPrefix(path, "/matches") {
			in := bufio.NewReader(resp.Body)
			for !strings.Contains(text, "data:") {
				line, err := in.ReadString('\n')
				if text = line; err != nil {
					t.Fatal(err)
				}
			}
		} else {
			b, err := io.ReadAll(resp.Body)
			if err != nil || !json.Valid(b) {
				t.Errorf("%s: %v %s", path, err, b)
			}
			text = string(b)
		}
		_ = resp.Body.Close()
		if !strings.Contains(text, want) || strings.Contains(strings.ReplaceAll(text, "text:"+account, ""), account) {
			t.Errorf("%s: %s, want %s", path, text, want)
		}
	}
	h.SetCursor(2)
	until("event: cursor\n")
	put(store, 3)
	h.End("the run has ended")
	until(`"why":"the run has ended"`)
	if !strings.Contains(all, `"id":3,`) || strings.Contains(all, account) {
		t.Errorf("the events are %s", all)
	}
}
