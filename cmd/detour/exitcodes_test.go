package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"detour/internal/flow"
)

// An exchange of a HAR that this test writes, as Chromium does.
type exchange struct {
	host   string
	page   bool // the load of a page, or of a page's file
	start  int  // seconds
	ms     int
	status int
	word   string // the browser's, of a request without a response
	fields string // more header fields of the response
}

// viaProxy is the HAR of a browser that is connected to one address for every host.
func viaProxy(t *testing.T, proxy, port string, all ...exchange) string {
	t.Helper()
	var entries []string
	for i, x := range all {
		method, path, headers := "POST", "/", `{"name":"Origin","value":"https://ap-northeast-1.console.aws.amazon.com"},`+
			`{"name":"Authorization","value":"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261129/ap-northeast-1/monitoring/aws4_request, `+
			`SignedHeaders=host, Signature=00"},{"name":"X-Amz-Target","value":"GraniteServiceVersion20100801.GetMetricData"}`
		if x.page {
			method, path, headers = "GET", "/cloudwatch/home", ""
		}
		timings := fmt.Sprintf(`{"blocked":1,"dns":5,"connect":20,"ssl":10,"send":1,"wait":%d,"receive":1}`, x.ms-28)
		at := fmt.Sprintf(`"serverIPAddress":%q,"connection":%q,"_connectionId":"7%d",`, proxy, port, i)
		if x.status == 0 {
			timings = fmt.Sprintf(`{"blocked":%d,"dns":-1,"connect":-1,"ssl":-1,"send":0,"wait":0,"receive":0}`, x.ms)
			at = fmt.Sprintf(`"_error":%q,`, x.word)
		}
		response := fmt.Sprintf(`{"status":%d,"httpVersion":"h2","headers":[%s],"content":{"size":0,"mimeType":"text/plain"},`+
			`"headersSize":-1,"bodySize":-1}`, x.status, x.fields)
		entries = append(entries, fmt.Sprintf(`{%s"startedDateTime":"2026-11-29T10:00:%02d.000Z","time":%d,"timings":%s,`+
			`"request":{"method":%q,"url":"https://%s%s","httpVersion":"h2","headers":[%s],"headersSize":-1,"bodySize":0},"response":%s}`,
			at, x.start, x.ms, timings, method, x.host, path, headers, response))
	}
	file := filepath.Join(t.TempDir(), "page.har")
	text := `{"log":{"version":"1.2","creator":{"name":"WebInspector","version":"537.36"},"entries":[` + strings.Join(entries, ",\n") + `]}}`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestExitCodes_ofFilesFromBehindAProxy: a file that has the load of a page and failed calls, but
// no call of the console's own, and no server's address.
func TestExitCodes_ofFilesFromBehindAProxy(t *testing.T) {
	const (
		direct = "monitoring.ap-northeast-1.amazonaws.com"
		marked = `{"name":"x-amzn-requestid","value":"1"},{"name":"access-control-allow-origin","value":"*"}`
	)
	page := []exchange{
		{host: "ap-northeast-1.console.aws.amazon.com", page: true, ms: 60, status: 200, fields: marked},
		{host: "a.b.cdn.console.awsstatic.com", page: true, start: 1, ms: 60, status: 200},
		{host: "telemetry.saas.example", page: true, start: 2, ms: 60, status: 200},
	}
	failed := func(word string, ms, each int) []exchange {
		return []exchange{{host: direct, start: 5, ms: ms, word: word}, {host: direct, start: 5 + each, ms: ms, word: word}}
	}
	proxies := map[string][2]string{"explicit": {"10.20.0.5", "3128"}, "transparent": {"10.20.0.5", "443"}, "detour": {"127.0.0.1", "8080"}}
	for name, test := range map[string]struct {
		calls []exchange
		want  int
		code  string
	}{
		"answered":                     {[]exchange{{host: direct, start: 5, ms: 60, status: 200, fields: marked}}, exitDone, ""},
		"cancelled at once":            {failed("net::ERR_ABORTED", 500, 1), exitDone, ""},
		"cancelled when the page left": {failed("net::ERR_ABORTED", 4004, 0), exitDone, ""},
		"given up by a timer":          {failed("net::ERR_ABORTED", 4004, 1), exitProblems, "calls-failed"},
		"timed out":                    {failed("net::ERR_CONNECTION_TIMED_OUT", 21000, 1), exitProblems, "direct-calls-unanswered"},
		"no tunnel":                    {failed("net::ERR_TUNNEL_CONNECTION_FAILED", 300, 1), exitProblems, "upstream-proxy-failed"},
		"a word that nobody knows":     {failed("net::ERR_NEW", 300, 1), exitProblems, "calls-failed"},
		"refused without a reason":     {[]exchange{{host: direct, start: 5, ms: 60, status: 403}}, exitProblems, "refused-without-reason"},
		"refused by AWS":               {[]exchange{{host: direct, start: 5, ms: 60, status: 403, fields: marked}}, exitDone, "refused-without-reason"},
		"refused by another": {
			[]exchange{{host: direct, start: 5, ms: 60, status: 403, fields: `{"name":"server","value":"x"}`}},
			exitProblems, "answer-not-from-aws",
		},
	} {
		for how, at := range proxies {
			file := viaProxy(t, at[0], at[1], append(page[:len(page):len(page)], test.calls...)...)
			var out, errs bytes.Buffer
			code := run([]string{"diagnose", "--json", file}, &out, &errs)
			var d diagnosis
			if err := json.Unmarshal(out.Bytes(), &d); err != nil {
				t.Fatalf("%s, %s: %v: %s", name, how, err, &errs)
			}
			first := ""
			if len(d.Findings) > 0 {
				first = d.Findings[0].Code
			}
			if code != test.want || first != test.code {
				t.Errorf("%s, %s: exit code %d with %q, want %d with %q", name, how, code, first, test.want, test.code)
			}
			healthy := viaProxy(t, at[0], at[1], append(page[:len(page):len(page)], exchange{host: direct, start: 5, ms: 60, status: 200, fields: marked})...)
			worse := test.want
			if test.code != "" {
				worse = exitProblems // a refusal may be right, and is worse than an answer
			}
			if code := run([]string{"diff", healthy, file}, io.Discard, io.Discard); code != worse {
				t.Errorf("%s, %s: diff has exit code %d, want %d", name, how, code, worse)
			}
			out.Reset()
			if code := run([]string{"diff", "--json", file, healthy}, &out, io.Discard); code != exitDone {
				t.Errorf("%s, %s: diff of what works again has exit code %d", name, how, code)
			}
			if better := strings.Contains(out.String(), `"trend":"better","resolution"`); better != (test.want == exitProblems || test.code != "") {
				t.Errorf("%s, %s: the host is better: %v: %s", name, how, better, &out)
			}
		}
	}
}

// TestExitCodes_ofAProbe: the records are whole, whatever the code.
func TestExitCodes_ofAProbe(t *testing.T) {
	closed, _, _ := closedPort(t)
	var out, errs bytes.Buffer
	code := run([]string{"probe", "--json", closed}, &out, &errs)
	var r flow.Record
	if err := json.Unmarshal(out.Bytes(), &r); err != nil || code != exitProblems || r.Failure == nil || len(r.Findings) == 0 {
		t.Errorf("exit code %d, %v, %+v: %s", code, err, r.Findings, &errs)
	}
}
