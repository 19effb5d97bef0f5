package har

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"detour/internal/flow"
)

// tell says what was read of an exchange, in a line.
func tell(f *flow.Flow) string {
	var b strings.Builder
	host := f.Request.Host()
	fmt.Fprintf(&b, "%s %s", f.Request.Method, host[:min(len(host), strings.IndexByte(host+".", '.'))])
	if f.Response != nil {
		fmt.Fprintf(&b, " %d", f.Response.Status)
	}
	if x := f.Failure; x != nil {
		fmt.Fprintf(&b, " failed in %s", x.Stage)
	}
	if f.Reused {
		b.WriteString(" reused")
	}
	if r := f.Conn.Resolution; r != nil {
		fmt.Fprintf(&b, ", dns %s %v %v", r.Outcome, r.Addrs, r.Took.Round(time.Millisecond))
	}
	for _, a := range f.Conn.Attempts {
		at := "nobody says where"
		if a.Addr.IsValid() {
			at = a.Addr.String()
		}
		fmt.Fprintf(&b, ", tcp %s %s %v", a.Outcome, at, a.Took.Round(time.Millisecond))
	}
	if s := f.Conn.TLS; s != nil {
		fmt.Fprintf(&b, ", tls %s %v", s.Outcome, s.Took.Round(time.Millisecond))
	}
	fmt.Fprintf(&b, ", %v in all", f.Elapsed(time.Time{}).Round(time.Millisecond))
	return b.String()
}

func TestDecode_readsAddressesInWords(t *testing.T) {
	for words, want := range map[string]string{
		"[Errno 111] Connect call failed ('10.0.1.23', 443)":                                                                              "10.0.1.23:443",
		"Multiple exceptions: [Errno 110] Connect call failed ('::1', 443, 0, 0), [Errno 110] Connect call failed ('fd00::1', 443, 0, 0)": "[fd00::1]:443",
		"[Errno 111] Connect call failed ('127.0.0.1', 8090)":                                                                             "invalid AddrPort", // a proxy's
		"[Errno 111] Connect call failed ('10.0.0.9', 3128)":                                                                              "invalid AddrPort",
		"No connection could be made because the target machine actively refused it 10.0.1.23:443":                                        "10.0.1.23:443",
		"net::ERR_CONNECTION_REFUSED":                                                                                                     "invalid AddrPort",
	} {
		e := entry{words: words}
		if got := e.tried("h.example:443"); len(got) != 1 || got[0].String() != want {
			t.Errorf("%s: %v", words, got)
		}
	}
}

func TestDecode_readsWhatEveryExporterSaysAndNoMore(t *testing.T) {
	for name, want := range map[string][]string{
		"charles.har": {
			"GET ap-northeast-1 200, dns ok [203.0.113.10] 43ms, tcp connected 203.0.113.10:443 11ms, tls ok 26ms, 107ms in all",
			"POST ap-northeast-1 200, dns ok [203.0.113.10] 43ms, tcp connected 203.0.113.10:443 11ms, tls ok 26ms, 107ms in all",
			"POST monitoring 200, dns ok [198.51.100.20] 43ms, tcp connected 198.51.100.20:443 11ms, tls ok 26ms, 107ms in all",
		},
		"charles-timeout.har": {
			"GET ap-northeast-1 200, dns ok [203.0.113.10] 43ms, tcp connected 203.0.113.10:443 11ms, tls ok 26ms, 107ms in all",
			"POST ap-northeast-1 200, dns ok [203.0.113.10] 43ms, tcp connected 203.0.113.10:443 11ms, tls ok 26ms, 107ms in all",
			"POST monitoring failed in dial, tcp timeout nobody says where 21.046s, 21.046s in all",
			"POST ap-northeast-1 200 failed in receive, dns ok [203.0.113.10] 43ms, tcp connected 203.0.113.10:443 11ms, tls ok 26ms, 107ms in all",
		},
		"proxyman.har": {
			"GET ap-northeast-1 200, dns ok [203.0.113.10] 0s, tcp connected 203.0.113.10:443 0s, 148ms in all",
			"POST ap-northeast-1 200, dns ok [203.0.113.10] 0s, tcp connected 203.0.113.10:443 0s, 148ms in all",
			"POST monitoring 200, dns ok [198.51.100.20] 0s, tcp connected 198.51.100.20:443 0s, 148ms in all",
		},
		"proxyman-timeout.har": {
			"GET ap-northeast-1 200, dns ok [203.0.113.10] 0s, tcp connected 203.0.113.10:443 0s, 148ms in all",
			"POST ap-northeast-1 200, dns ok [203.0.113.10] 0s, tcp connected 203.0.113.10:443 0s, 148ms in all",
			"POST monitoring failed in wait, 1m15.01s in all",
			"POST monitoring failed in dial, tcp timeout nobody says where 1m15.013s, 1m15.013s in all",
		},
		"fiddler.har": {
			"CONNECT ap-northeast-1 200, 31ms in all",
			"GET ap-northeast-1 200, dns ok [203.0.113.10] 9ms, tcp connected 203.0.113.10:443 22ms, tls ok 22ms, 121ms in all",
			"POST ap-northeast-1 200, tls ok 22ms, 121ms in all",
			"POST monitoring 200, tls ok 22ms, 121ms in all",
		},
		"fiddler-timeout.har": {
			"CONNECT ap-northeast-1 200, 31ms in all",
			"GET ap-northeast-1 200, dns ok [203.0.113.10] 9ms, tcp connected 203.0.113.10:443 22ms, tls ok 22ms, 121ms in all",
			"POST ap-northeast-1 200, tls ok 22ms, 121ms in all",
			"POST monitoring failed in dial, dns ok [10.0.1.23] 0s, tcp timeout 10.0.1.23:443 21.047s, 21.047s in all",
			"POST logs failed in dns, dns error [] 12ms, 12ms in all",
		},
		"mitmproxy.har": {
			"GET ap-northeast-1 200, dns ok [203.0.113.10] 0s, tcp connected 203.0.113.10:443 22ms, tls ok 20ms, 125ms in all",
			"POST ap-northeast-1 200 reused, dns ok [203.0.113.10] 0s, tcp connected 203.0.113.10:443 0s, 83ms in all",
			"POST monitoring 200, dns ok [198.51.100.20] 0s, tcp connected 198.51.100.20:443 22ms, tls ok 20ms, 125ms in all",
		},
		"mitmproxy-timeout.har": {
			"GET ap-northeast-1 200, dns ok [203.0.113.10] 0s, tcp connected 203.0.113.10:443 22ms, tls ok 20ms, 125ms in all",
			"POST ap-northeast-1 200 reused, dns ok [203.0.113.10] 0s, tcp connected 203.0.113.10:443 0s, 83ms in all",
			"POST monitoring failed in dial, dns ok [10.0.1.23 10.0.2.23] 0s, tcp timeout 10.0.1.23:443 1ms, tcp timeout 10.0.2.23:443 1ms, 1ms in all",
			"POST logs failed in tls, dns ok [10.0.1.24] 0s, tcp connected 10.0.1.24:443 3ms, tls untrusted 0s, 1ms in all",
		},
		"playwright.har": {
			"GET ap-northeast-1 200, dns ok [203.0.113.10] 13ms, tcp connected 203.0.113.10:443 21ms, tls ok 21ms, 183ms in all",
			"POST ap-northeast-1 200 reused, dns ok [203.0.113.10] 0s, tcp connected 203.0.113.10:443 0s, 129ms in all",
			"POST monitoring 200, dns ok [198.51.100.20] 13ms, tcp connected 198.51.100.20:443 21ms, tls ok 21ms, 183ms in all",
		},
		"playwright-timeout.har": {
			"GET ap-northeast-1 200, dns ok [203.0.113.10] 13ms, tcp connected 203.0.113.10:443 21ms, tls ok 21ms, 183ms in all",
			"POST ap-northeast-1 200 reused, dns ok [203.0.113.10] 0s, tcp connected 203.0.113.10:443 0s, 129ms in all",
			"POST monitoring failed in dial, tcp timeout nobody says where 0s, 0s in all",
			"POST monitoring failed in dial, tcp refused nobody says where 0s, 0s in all",
			"POST monitoring failed in dns, dns error [] 0s, 0s in all",
		},
		"edge.har": {
			"GET ap-northeast-1 200, dns ok [203.0.113.10] 14ms, tcp connected 203.0.113.10:443 21ms, tls ok 21ms, 140ms in all",
			"POST ap-northeast-1 200 reused, dns ok [203.0.113.10] 0s, tcp connected 203.0.113.10:443 0s, 85ms in all",
			"POST monitoring 200, dns ok [198.51.100.20] 14ms, tcp connected 198.51.100.20:443 21ms, tls ok 21ms, 140ms in all",
		},
		"edge-timeout.har": {
			"GET ap-northeast-1 200, dns ok [203.0.113.10] 14ms, tcp connected 203.0.113.10:443 21ms, tls ok 21ms, 140ms in all",
			"POST ap-northeast-1 200 reused, dns ok [203.0.113.10] 0s, tcp connected 203.0.113.10:443 0s, 85ms in all",
			"POST monitoring failed in dial, tcp timeout nobody says where 21.044s, 21.044s in all",
		},
		"chrome-proxied.har": {
			"GET ap-northeast-1 200, dns ok [] 0s, tcp connected 127.0.0.1:8080 21ms, 140ms in all",
			"POST ap-northeast-1 200 reused, dns ok [] 0s, tcp connected 127.0.0.1:8080 0s, 85ms in all",
			"POST monitoring failed in upstream-proxy, 21.044s in all",
		},
	} {
		flows, info, err := read(t, bytes.NewReader(open(t, name)))
		if err != nil || info.Skipped != 0 {
			t.Errorf("%s: %+v, %v", name, info, err)
		}
		var got []string
		for _, f := range flows {
			got = append(got, tell(f))
		}
		if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
			t.Errorf("%s %v:\n%s\nwant\n%s", name, info.Notes, g, w)
		}
	}
}
