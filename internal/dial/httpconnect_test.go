package dial

import (
	"bufio"
	"crypto/hmac"
	"crypto/md5"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"unicode/utf16"

	"golang.org/x/crypto/md4" //nolint:staticcheck // NTLM has it

	"detour/internal/flow"
	"detour/internal/proxyauth"
)

// A guard is a proxy that wants credentials, and says what it was sent.
type guard struct {
	addr net.Addr
	// next returns the challenges for the nth request of a connection; nil: it is let in.
	next func(n int, authorization string) []string
	// closes says that the connection ends with the first challenge; chunked, how its page is sent.
	closes, chunked bool

	mu          sync.Mutex
	sent        []string // the schemes of all requests; "none"
	connections int
}

func (g *guard) start(t *testing.T) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g.addr = l.Addr()
	var all sync.WaitGroup
	t.Cleanup(func() {
		l.Close()
		all.Wait()
	})
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			g.mu.Lock()
			g.connections++
			g.mu.Unlock()
			all.Go(func() {
				defer c.Close()
				g.serve(c)
			})
		}
	})
}

func (g *guard) serve(c net.Conn) {
	br := bufio.NewReader(c)
	for n := 0; ; n++ {
		req, err := http.ReadRequest(br)
		if err != nil {
			return
		}
		authorization := req.Header.Get("Proxy-Authorization")
		scheme, _, _ := strings.Cut(authorization, " ")
		if scheme == "" {
			scheme = "none"
		}
		g.mu.Lock()
		g.sent = append(g.sent, scheme)
		g.mu.Unlock()
		challenges := g.next(n, authorization)
		if challenges == nil {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\nhello")
			_, _ = io.Copy(io.Discard, br)
			return
		}
		head := "HTTP/1.1 407 Proxy Authentication Required\r\n"
		for _, ch := range challenges {
			head += "Proxy-Authenticate: " + ch + "\r\n"
		}
		closes := g.closes && n == 0 && authorization == ""
		switch {
		case closes:
			head += "Connection: close\r\n\r\nlog in"
		case g.chunked:
			head += "Transfer-Encoding: chunked\r\n\r\n6\r\nlog in\r\n0\r\n\r\n"
		default:
			head += "Content-Length: 6\r\n\r\nlog in"
		}
		if _, err := io.WriteString(c, head); err != nil || closes {
			return
		}
	}
}

func (g *guard) said() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return strings.Join(g.sent, " ")
}

// basic lets in the password "s3cret".
func basic(_ int, authorization string) []string {
	if authorization == "Basic "+base64.StdEncoding.EncodeToString([]byte("me:s3cret")) {
		return nil
	}
	return []string{`Basic realm="corp"`}
}

// utf16le is text as NTLM has it.
func utf16le(s string) (out []byte) {
	for _, u := range utf16.Encode([]rune(s)) {
		out = binary.LittleEndian.AppendUint16(out, u)
	}
	return out
}

func hmacMD5(key []byte, data ...[]byte) []byte {
	h := hmac.New(md5.New, key)
	for _, d := range data {
		h.Write(d)
	}
	return h.Sum(nil)
}

// ntlmChallenge is message 2 of MS-NLMP (2.2.1.2), with the name of the target and an end
// as its information.
func ntlmChallenge() []byte {
	const flags = 0x1 | 0x4 | 0x200 | 0x80000 | 0x800000 // Unicode, target, NTLM, extended security, information
	name, info := utf16le("CORP"), []byte{0, 0, 0, 0}
	b := append([]byte("NTLMSSP\x00"), 2, 0, 0, 0)
	field := func(size, at int) {
		b = binary.LittleEndian.AppendUint16(b, uint16(size))
		b = binary.LittleEndian.AppendUint16(b, uint16(size))
		b = binary.LittleEndian.AppendUint32(b, uint32(at))
	}
	field(len(name), 56)
	b = binary.LittleEndian.AppendUint32(b, flags)
	b = append(b, "8 bytes!"...)
	b = append(b, make([]byte, 8)...)
	field(len(info), 56+len(name))
	b = append(b, make([]byte, 8)...) // the version
	return append(append(b, name...), info...)
}

// ntlmProof checks message 3 (2.2.1.3) for a user of a domain, and a password.
func ntlmProof(b []byte, domain, user, password string) error {
	field := func(at int) []byte {
		size, from := int(binary.LittleEndian.Uint16(b[at:])), int(binary.LittleEndian.Uint32(b[at+4:]))
		return b[from : from+size]
	}
	if got := string(field(28)) + string(field(36)); got != string(utf16le(domain))+string(utf16le(user)) {
		return fmt.Errorf("it is about %q", got)
	}
	h := md4.New()
	h.Write(utf16le(password))
	key := hmacMD5(h.Sum(nil), utf16le(strings.ToUpper(user)+domain))
	response := field(20)
	if !hmac.Equal(hmacMD5(key, []byte("8 bytes!"), response[16:]), response[:16]) {
		return fmt.Errorf("the proof is wrong")
	}
	return nil
}

// ntlm lets in CORP\me with the password "s3cret", in three requests of one connection.
func ntlm(n int, authorization string) []string {
	token, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(authorization, "NTLM "))
	switch {
	case len(token) > 8 && token[8] == 1:
		return []string{"NTLM " + base64.StdEncoding.EncodeToString(ntlmChallenge())}
	case len(token) > 8 && token[8] == 3 && n > 0 && ntlmProof(token, "CORP", "me", "s3cret") == nil:
		return nil
	}
	return []string{"Negotiate", "NTLM", `Basic realm="corp"`}
}

func TestHTTPConnect_answersWhatTheProxyAsksFor(t *testing.T) {
	t.Setenv("KRB5CCNAME", "FILE:/nonexistent/tickets")
	for name, tc := range map[string]struct {
		user        string
		g           *guard
		sent, again string // of the first tunnel, and of another one
		connections int
		err         string
	}{
		"nobody asks":      {"me:s3cret@", &guard{next: func(int, string) []string { return nil }}, "none", "none", 2, ""},
		"Basic":            {"me:s3cret@", &guard{next: basic}, "none Basic", "Basic", 2, ""},
		"Basic, closing":   {"me:s3cret@", &guard{next: basic, closes: true}, "none Basic", "Basic", 3, ""},
		"Basic, chunked":   {"me:s3cret@", &guard{next: basic, chunked: true}, "none Basic", "Basic", 2, ""},
		"a wrong password": {"me:wr0ng@", &guard{next: basic}, "none Basic", "none Basic", 2, "Basic: the proxy rejected the credentials"},
		"no password":      {"", &guard{next: basic}, "none", "none", 2, "it accepts Basic; detour supports"},
		"NTLM":             {`CORP%5Cme:s3cret@`, &guard{next: ntlm}, "none NTLM NTLM", "NTLM NTLM", 2, ""},
		"NTLM, closing":    {`CORP%5Cme:s3cret@`, &guard{next: ntlm, closes: true}, "none NTLM NTLM", "NTLM NTLM", 3, ""},
		"NTLM, chunked":    {`CORP%5Cme:s3cret@`, &guard{next: ntlm, chunked: true}, "none NTLM NTLM", "NTLM NTLM", 2, ""},
		"NTLM, wrong":      {`CORP%5Cme:wr0ng@`, &guard{next: ntlm}, "none NTLM NTLM", "none NTLM NTLM", 2, "NTLM: the proxy rejected the credentials; detour supports"},
		"Negotiate, none":  {"", &guard{next: ntlm}, "none", "none", 2, "Negotiate: no Kerberos tickets (kinit gets them)"},
		"Digest":           {"me:s3cret@", &guard{next: func(int, string) []string { return []string{"Digest nonce=x"} }}, "none", "none", 2, "it accepts Digest; detour supports Negotiate"},
		"a challenge forever": {`me:s3cret@`, &guard{next: func(int, string) []string {
			return []string{"NTLM " + base64.StdEncoding.EncodeToString(ntlmChallenge())}
		}}, "none NTLM NTLM NTLM NTLM", "none NTLM NTLM NTLM NTLM", 2, "rejected"},
		"a torn challenge": {`me:s3cret@`, &guard{next: func(_ int, a string) []string {
			return []string{map[bool]string{true: "NTLM", false: "NTLM AAAA"}[a == ""]}
		}}, "none NTLM", "none NTLM", 2, "NTLM: "},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "Negotiate, none" && runtime.GOOS == "windows" {
				t.Skip("Windows has tickets of its own, of whoever has signed in")
			}
			g := tc.g
			g.start(t)
			d := proxyDialer(t, "http://"+tc.user+"proxy.corp:3128", g.addr)
			defer d.Close()
			for _, want := range []string{tc.sent, tc.again} {
				g.mu.Lock()
				g.sent = nil
				g.mu.Unlock()
				var last *flow.Conn
				c, err := d.Dial(t.Context(), Request{Authority: "logs.example:443", Watch: func(c *flow.Conn) { last = c }})
				if got := g.said(); got != want {
					t.Errorf("sent %s, want %s (%v)", got, want, err)
				}
				if (err == nil) != (tc.err == "") || err != nil && !strings.Contains(err.Error(), tc.err) {
					t.Fatalf("%v, want %q", err, tc.err)
				}
				if err != nil {
					if v := last.Via; v == nil || v.Status != http.StatusProxyAuthRequired || v.Body != "log in" || strings.Contains(fmt.Sprintf("%+v %v", v, err), "3cret") {
						t.Errorf("recorded %+v; %v", v, err)
					}
					continue
				}
				hello := make([]byte, 5)
				if _, err := io.ReadFull(c, hello); err != nil || string(hello) != "hello" {
					t.Errorf("read %q, %v", hello, err)
				}
				c.Close()
			}
			if g.connections != tc.connections {
				t.Errorf("%d connections, want %d", g.connections, tc.connections)
			}
		})
	}
}

func TestPlainURL_hasThePasswordForBasicOnly(t *testing.T) {
	t.Setenv("KRB5CCNAME", "FILE:/nonexistent/tickets")
	for name, tc := range map[string]struct {
		user string
		g    *guard
		want string
	}{
		"Basic":        {"me:s3cret@", &guard{next: basic}, "me:s3cret"},
		"a domain":     {"CORP%5Cme:s3cret@", &guard{next: ntlm}, ""},
		"no user":      {"", &guard{next: func(int, string) []string { return nil }}, ""},
		"nobody asked": {"me:s3cret@", nil, "me:s3cret"},
	} {
		p := parsed(t, "http://"+tc.user+"proxy.corp:3128")
		d := New(Config{})
		if tc.g != nil {
			tc.g.start(t)
			d = proxyDialer(t, "http://"+tc.user+"proxy.corp:3128", tc.g.addr)
			if c, err := d.Dial(t.Context(), Request{Authority: "logs.example:443"}); err == nil {
				c.Close()
			}
		}
		if got := d.PlainURL(p).User.String(); got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
		d.Close()
	}
	d := New(Config{})
	defer d.Close()
	p := parsed(t, "http://me:s3cret@proxy.corp:3128")
	d.learned.put(p, proxyauth.Methods("proxy.corp", p.user, []string{"NTLM"})[0])
	if d.PlainURL(p).User != nil {
		t.Error("a proxy that wants NTLM is sent the password")
	}
}
