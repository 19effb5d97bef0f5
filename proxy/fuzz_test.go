package proxy

import (
	"context"
	"crypto/tls"
	"net"
	"slices"
	"strings"
	"testing"
)

// clientHello returns the first bytes that a client sends.
func clientHello(tb testing.TB, conf *tls.Config) []byte {
	tb.Helper()
	near, far := net.Pipe()
	defer near.Close()
	go func() { _ = tls.Client(far, conf).HandshakeContext(context.Background()); far.Close() }()
	b := make([]byte, helloSize)
	n, err := near.Read(b)
	if err != nil {
		tb.Fatal(err)
	}
	return b[:n]
}

func FuzzReadClientHello(f *testing.F) {
	whole := clientHello(f, &tls.Config{ServerName: "logs.example", NextProtos: []string{"h2", "http/1.1"}, InsecureSkipVerify: true})
	if name, protocols := readClientHello(whole); name != "logs.example" || !slices.Equal(protocols, []string{"h2", "http/1.1"}) {
		f.Fatalf("read %q and %q", name, protocols)
	}
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add([]byte{recordTypeHandshake})
	f.Add([]byte("GET / HTTP/1.1\r\n\r\n"))
	f.Fuzz(func(t *testing.T, first []byte) {
		name, protocols := readClientHello(first)
		if len(name) > len(first) || len(protocols) > len(first) {
			t.Errorf("%d bytes gave the name %q and %d protocols", len(first), name, len(protocols))
		}
	})
}

func FuzzAuthority(f *testing.F) {
	for _, s := range []string{
		"example.com:443", "example.com", "[::1]:443", "[::1]", "EXAMPLE.com.:443", ":443", "a:b:c", "[", "host:99999", "",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, scheme := range []string{"http", "https"} {
			full := withPort(s, scheme)
			if _, _, err := net.SplitHostPort(full); err != nil {
				continue // unbalanced brackets: the dial fails
			}
			if again := withPort(full, scheme); again != full {
				t.Errorf("%q becomes %q and then %q", s, full, again)
			}
			if !sameAuthority(s, full, scheme) {
				t.Errorf("%q isn't the same as %q", s, full)
			}
		}
		if h := hostOf(s); strings.ContainsAny(h, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") {
			t.Errorf("%q has the host %q", s, h)
		}
		(&Proxy{}).leadsToSelf(s)
	})
}
