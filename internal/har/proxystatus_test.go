package har

import (
	"strings"
	"testing"

	"detour/internal/flow"
)

// TestDecode_aProxysErrorIsNoResponseOfTheServer: a HAR that was recorded behind detour has
// detour's own responses.
func TestDecode_aProxysErrorIsNoResponseOfTheServer(t *testing.T) {
	for name, tc := range map[string]struct {
		address, status string
		want            flow.FailureKind
	}{
		"detour, no answer":                    {"127.0.0.1", "detour; error=connection_timeout", flow.KindTimeout},
		"detour, without its address":          {"", "detour; error=dns_error", flow.KindNameNotResolved},
		"detour, a silent handshake":           {"127.0.0.1", "detour; error=connection_read_timeout", flow.KindTLSSilent},
		"another, silent":                      {"127.0.0.1", "gw; error=connection_read_timeout", flow.KindResponseTimeout},
		"the browser's proxy":                  {"127.0.0.1", `"squid.example"; error="connection_refused"; details="x"`, flow.KindRefused},
		"behind a proxy":                       {"127.0.0.1", "other; received-status=200, gw; error=http_request_denied", flow.KindProxyRefused},
		"a content network of the server":      {"203.0.113.9", "ExampleCDN; error=connection_timeout", ""},
		"no error":                             {"127.0.0.1", "detour; received-status=504", ""},
		"an error type that isn't in RFC 9209": {"127.0.0.1", "detour; error=new", flow.KindUnknown},
	} {
		file := strings.Replace(plainHAR("a.example"), `"status":200`, `"status":504,"headers":[{"name":"Proxy-Status","value":`+quote(tc.status)+`}]`, 1)
		file = strings.Replace(file, `"timings"`, `"serverIPAddress":"`+tc.address+`","timings"`, 1)
		flows, _, err := read(t, strings.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		f := flows[0]
		if tc.want == "" {
			if f.Failure != nil || f.Response == nil {
				t.Errorf("%s: %+v", name, f.Failure)
			}
			continue
		}
		if f.Response != nil || f.Failure == nil || f.Failure.Kind != tc.want || (f.Conn.UpstreamProxy != "") != (tc.address != "") {
			t.Errorf("%s: %+v, %+v", name, f.Failure, f.Conn)
		}
	}
}

func quote(s string) string { return `"` + strings.ReplaceAll(s, `"`, `\"`) + `"` }
