package proxy

import (
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"detour/internal/flow"
)

// A client that doesn't speak HTTP to the proxy's port gets an answer in its protocol, and
// is reported as one row and one notice, however often it connects.
func TestForeign_clientsAreAnsweredAndReportedOnce(t *testing.T) {
	hello := string(clientHello(t, &tls.Config{ServerName: "example.com"}))
	for name, v := range map[string]struct{ first, answer, method, says string }{
		"TLS":            {hello, "HTTP/1.1 400 ", "TLS", "a client spoke TLS to the proxy's port: configure http://"},
		"SOCKS 5":        {"\x05\x01\x00", "\x05\xff", "SOCKS5", "a client spoke SOCKS 5 "},
		"SOCKS 4":        {"\x04\x01\x01\xbb\x0a\x00\x00\x01me\x00", "\x00\x5b", "SOCKS4", "a client spoke SOCKS 4 "},
		"HTTP/2":         {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04", "\x00\x00\x00\x04", "PRI", "a client spoke HTTP/2 without"},
		"SSH":            {"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", "HTTP/1.1 400 ", "UNKNOWN", "a client spoke a protocol that isn't HTTP"},
		"binary":         {"\x00\x01\x02", "HTTP/1.1 400 ", "UNKNOWN", "a client spoke a protocol that isn't HTTP"},
		"a HTTP/0.9 GET": {"GET /\r\n", "HTTP/1.1 400 ", "UNKNOWN", "a client spoke a protocol that isn't HTTP"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newFixture(t, setup{}, http.NotFoundHandler())
			for range 200 {
				c := b.dialRaw(t)
				_, _ = io.WriteString(c, v.first)
				_ = c.(*net.TCPConn).CloseWrite()
				got, err := io.ReadAll(c)
				if err != nil || !strings.HasPrefix(string(got), v.answer) {
					t.Fatalf("the answer is %q, %v", got, err)
				}
				_ = c.Close()
			}
			fs := b.sink.finals(t, 1)
			if len(fs) != 1 || len(b.notices) != 1 {
				t.Fatalf("%d rows, notices %q; want one each", len(fs), b.notices)
			}
			f := fs[0]
			if f.Request.Method != v.method || f.Failure == nil || f.Failure.Stage != flow.StageProxy ||
				!strings.HasPrefix(f.Failure.Message, v.says) || !strings.Contains(f.Failure.Message, b.addr) {
				t.Errorf("%s %s, failure %+v", f.Request.Method, f.Request.URL, f.Failure)
			}
			if b.notices[0] != f.Failure.Message {
				t.Errorf("notice %q", b.notices[0])
			}
		})
	}
}

func TestForeign_isNoHTTP(t *testing.T) {
	for _, first := range []string{
		"", "G", "GET", "CONNECT example.com:443 HT", "PRI", "PRI * HTTP/1.1\r\n", "\r\nGET / HTTP/1.1\r\n", "OPTIONS * HTTP/1.1\r\n",
		"BREW http://x/ HTTP/1.1\r\n", "M-SEARCH * HTTP/1.1\r\n", "GET / HTTP/1.0\r\n\r\n", "!#$%&'*+-.^_`|~ / HTTP/1.1\r\n",
	} {
		if f := foreignProtocolOf([]byte(first)); f != nil {
			t.Errorf("%q is taken for %s", first, f.name)
		}
	}
}

func TestForeign_isReportedAgainAfterAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c foreignClients
		for i := range 3 {
			if _, report := c.add(foreignTLS, time.Now()); report != (i == 0) {
				t.Errorf("client %d: reported %v", i, report)
			}
		}
		time.Sleep(foreignInterval)
		if n, report := c.add(foreignTLS, time.Now()); n != 2 || !report {
			t.Errorf("after %v: %d unreported, reported %v", foreignInterval, n, report)
		}
	})
}

// TestForeign_curlEndsAtOnce: the answers end curl at once.
func TestForeign_curlEndsAtOnce(t *testing.T) {
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Skip("curl is not installed")
	}
	for method, args := range map[string][]string{
		"TLS":    {"--proxy-insecure", "-x", "https://ADDR", "http://example.com/"},
		"SOCKS5": {"-x", "socks5://ADDR", "http://10.0.0.1/"},
		"SOCKS4": {"-x", "socks4://ADDR", "http://10.0.0.1/"},
		"PRI":    {"--http2-prior-knowledge", "--noproxy", "*", "http://ADDR/"},
	} {
		b := newFixture(t, setup{}, http.NotFoundHandler())
		for i := range args {
			args[i] = strings.ReplaceAll(args[i], "ADDR", b.addr)
		}
		const timedOut = 28
		cmd := exec.CommandContext(t.Context(), curl, append([]string{"-sS", "--max-time", "8"}, args...)...)
		out, err := cmd.CombinedOutput()
		if err == nil || cmd.ProcessState.ExitCode() == timedOut {
			t.Errorf("%s: curl ended with %v: %s", method, err, out)
		}
		t.Logf("%s: %s", method, strings.TrimSpace(string(out)))
		if f := b.sink.finals(t, 1)[0]; f.Request.Method != method {
			t.Errorf("row %s, want %s", f.Request.Method, method)
		}
	}
}

// SSH to a host whose connections are decrypted, as to CodeCommit, is neither TLS nor HTTP.
func TestIntercept_tunnelsWhatIsNeitherTLSNorHTTP(t *testing.T) {
	server, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	go func() {
		if c, err := server.Accept(); err == nil {
			b, _ := io.ReadAll(c) // until the client's FIN
			_, _ = c.Write(append([]byte("got "), b...))
			_ = c.Close()
		}
	}()
	b := newFixture(t, setup{connect: connectTo(server.Addr().String())}, http.NotFoundHandler())
	c, br := b.openTunnel(t, "example.com:22", "")
	if s := status(t, br); !strings.Contains(s, "200") {
		t.Fatal(s)
	}
	_, _ = io.WriteString(c, "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")
	_ = c.(*net.TCPConn).CloseWrite()
	if got, err := io.ReadAll(br); string(got) != "got SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	fs := b.sink.finals(t, 1)
	if len(fs) != 1 || fs[0].Tunnel == nil || fs[0].Tunnel.Sent != 32 || fs[0].Request.URL != "example.com:22" || len(b.notices) != 0 {
		t.Errorf("flows %+v, notices %q", fs, b.notices)
	}
}

func TestIntercept_aTunnelThatCannotConnectIsARow(t *testing.T) {
	b := newFixture(t, setup{connect: dropSYNs, timeout: 50 * time.Millisecond}, http.NotFoundHandler())
	c, br := b.openTunnel(t, "example.com:22", "")
	status(t, br)
	_, _ = io.WriteString(c, "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")
	if got, err := io.ReadAll(br); len(got) > 0 && err == nil {
		t.Errorf("got %q", got)
	}
	if f := b.sink.finals(t, 1)[0]; f.Failure == nil || f.Failure.Stage != flow.StageDial {
		t.Errorf("failure %+v", f.Failure)
	}
}
