package dial

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"detour/internal/flow"
	"detour/internal/resolve"
)

// connectProxy is a proxy that makes every tunnel to one server.
func connectProxy(t *testing.T, to string) *Proxy {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect || to == "" {
			http.Error(w, "no", http.StatusForbidden)
			return
		}
		out, err := net.Dial("tcp", to)
		if err != nil {
			http.Error(w, "no", http.StatusBadGateway)
			return
		}
		in, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		_, _ = io.WriteString(in, "HTTP/1.1 200 OK\r\n\r\n")
		go func() { _, _ = io.Copy(out, in); out.Close() }()
		_, _ = io.Copy(in, out)
		in.Close()
	}))
	t.Cleanup(server.Close)
	return parsed(t, server.URL)
}

func parsed(t *testing.T, at string) *Proxy {
	t.Helper()
	p, err := ParseProxy(at)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// closedPort is a proxy at a port where nobody listens.
func closedPort(t *testing.T) *Proxy {
	t.Helper()
	return parsed(t, "http://"+nobody(t).String())
}

// outcomes are those of a record's attempts.
func outcomes(c *flow.Conn) string {
	var out []string
	for _, a := range c.Attempts {
		out = append(out, string(a.Outcome))
	}
	return strings.Join(out, " ")
}

func TestDial_takesTheNextProxyIfOneCantBeReached(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	at := server.Listener.Addr().String()
	dead, alive, refusing := closedPort(t), connectProxy(t, at), connectProxy(t, "")
	for name, tc := range map[string]struct {
		ways     []*Proxy
		want     string // the attempts
		proxy    string
		again    string // the attempts of the next connection
		err      string
		resolved bool // detour has resolved the target's name
	}{
		"the second":          {[]*Proxy{dead, alive}, "refused connected", alive.authority, "connected", "", false},
		"direct at last":      {[]*Proxy{dead, nil}, "refused connected", "", "connected", "", true},
		"direct at first":     {[]*Proxy{nil, alive}, "connected", "", "connected", "", true},
		"one that refuses":    {[]*Proxy{refusing, alive}, "connected", refusing.authority, "connected", "403 Forbidden", false},
		"none can be reached": {[]*Proxy{dead, dead}, "refused refused", dead.authority, "refused refused", connRefused.Error(), false},
		"a single one":        {[]*Proxy{dead}, "refused", dead.authority, "refused", connRefused.Error(), false},
	} {
		t.Run(name, func(t *testing.T) {
			d := New(Config{
				Resolver: resolve.New(resolve.Config{Map: map[string][]netip.Addr{"server.example": {netip.MustParseAddr("127.0.0.1")}}}),
				Via:      func(string, string) *Proxy { return tc.ways[0] },
				Then:     func(string, string) []*Proxy { return tc.ways[1:] },
				Why:      func(string, string) string { return "PROXY x" },
			})
			defer d.Close()
			_, port, _ := net.SplitHostPort(at)
			for _, want := range []string{tc.want, tc.again} {
				var last *flow.Conn
				c, err := d.Dial(t.Context(), Request{Authority: "server.example:" + port, Watch: func(c *flow.Conn) { last = c }})
				if err == nil {
					last = InfoOf(c)
					c.Close()
				} else if de, ok := err.(*Error); ok { //nolint:errorlint // Dial says that it is one
					last = de.Info
				}
				if (err != nil) != (tc.err != "") || err != nil && (!strings.Contains(err.Error(), tc.err) || strings.Contains(err.Error(), "\n")) {
					t.Fatalf("%v", err)
				}
				if got := outcomes(last); got != want || last.PAC != "PROXY x" || last.UpstreamProxy != tc.proxy {
					t.Errorf("%s through %q, want %s through %q", got, last.UpstreamProxy, want, tc.proxy)
				}
				if byUs := last.Resolution != nil && last.Resolution.Source != flow.SourceProxied; byUs != tc.resolved {
					t.Errorf("resolution %+v", last.Resolution)
				}
			}
		})
	}
}

func TestProxyRest_lastsFiveMinutes(t *testing.T) {
	var r proxyRest
	p, now := parsed(t, "p:1"), time.Now()
	r.add(p, now)
	if !r.has(p, now.Add(restTime-1)) || r.has(p, now.Add(restTime)) || r.has(parsed(t, "q:1"), now) || r.has(nil, now) {
		t.Error("it doesn't rest for five minutes")
	}
}
