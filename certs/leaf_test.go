package certs

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestLeaf_isTrustedThroughTheRootForItsExactNameOnly(t *testing.T) {
	ca := ephemeral(t)
	c, err := ca.Leaf("Logs.AP-northeast-1.amazonaws.com.")
	if err != nil {
		t.Fatal(err)
	}
	if err := verify(ca, c.Certificate, logs); err != nil {
		t.Errorf("not trusted: %v", err)
	}
	for _, other := range []string{"monitoring.ap-northeast-1.amazonaws.com", "x." + logs, "amazonaws.com"} {
		if err := verify(ca, c.Certificate, other); err == nil {
			t.Errorf("trusted for %s too", other)
		}
	}
	if !slices.Equal(c.Leaf.DNSNames, []string{logs}) {
		t.Errorf("names %q, want the one asked for", c.Leaf.DNSNames)
	}
	if !slices.Equal(c.Leaf.ExtKeyUsage, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}) || c.Leaf.IsCA {
		t.Errorf("usable for %v, CA %v; want for servers only", c.Leaf.ExtKeyUsage, c.Leaf.IsCA)
	}
	if bits := c.Leaf.SerialNumber.BitLen(); bits < 120 {
		t.Errorf("serial of %d bits, want 120 or more", bits)
	}
}

func TestLeaf_servesAHandshake(t *testing.T) {
	ca := ephemeral(t)
	pair, err := ca.Leaf(logs)
	if err != nil {
		t.Fatal(err)
	}
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{*pair}})
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		if c, err := l.Accept(); err == nil {
			_ = c.(*tls.Conn).Handshake()
			c.Close()
		}
	}()
	t.Cleanup(func() { l.Close(); <-served })
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca.RootPEM())
	c, err := tls.Dial("tcp", l.Addr().String(), &tls.Config{RootCAs: roots, ServerName: logs})
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
}

func TestLeaf_expiresNoLaterThanItsLimitOrTheChain(t *testing.T) {
	created := time.Now()
	for _, tc := range []struct {
		age, left time.Duration // of the chain
	}{
		{0, leafLife - backdate},
		{chainLife - leafLife, leafLife - backdate},
		{chainLife - 100*24*time.Hour, 100 * 24 * time.Hour},
		{chainLife - time.Hour, time.Hour},
	} {
		ca, err := Ephemeral(suffixes, created)
		if err != nil {
			t.Fatal(err)
		}
		now := created.Add(tc.age)
		ca.now = func() time.Time { return now }
		c, err := ca.Leaf(logs)
		if err != nil {
			t.Errorf("chain of age %v: %v", tc.age, err)
			continue
		}
		const slack = time.Second // certificates have whole seconds
		if got := c.Leaf.NotAfter.Sub(now); got > tc.left || got < tc.left-slack {
			t.Errorf("chain of age %v: ends in %v, want %v", tc.age, got, tc.left)
		}
		if got := now.Sub(c.Leaf.NotBefore); got < backdate || got > backdate+slack {
			t.Errorf("chain of age %v: backdated %v, want %v", tc.age, got, backdate)
		}
		if life := c.Leaf.NotAfter.Sub(c.Leaf.NotBefore); life > leafLife {
			t.Errorf("chain of age %v: valid for %v, want at most %v", tc.age, life, leafLife)
		}
		if c.Leaf.NotAfter.After(ca.NotAfter()) {
			t.Errorf("chain of age %v: outlives it", tc.age)
		}
	}
}

func TestLeaf_isReplacedOnItsLastDayUnlessTheChainEndsToo(t *testing.T) {
	ca, created := ephemeral(t), time.Now()
	at := func(age time.Duration) (*tls.Certificate, error) {
		ca.now = func() time.Time { return created.Add(age) }
		return ca.Leaf(logs)
	}
	first, _ := at(0)
	if c, _ := at(leafLife - backdate - leafRenewBefore - time.Minute); c != first {
		t.Error("replaced too early")
	}
	if c, _ := at(leafLife - backdate - leafRenewBefore + time.Minute); c == first {
		t.Error("not replaced on its last day")
	}
	last, _ := at(chainLife - time.Hour)
	if c, _ := at(chainLife - time.Minute); c != last {
		t.Error("replaced although the chain ends too")
	}
	if _, err := at(chainLife + time.Minute); err == nil || !strings.Contains(err.Error(), "restart detour") {
		t.Errorf("after the chain's end: %v, want an error with a hint", err)
	}
}

func TestLeaf_rejectsNamesOutsideTheConstraints(t *testing.T) {
	ca := ephemeral(t)
	for _, name := range []string{"example.com", "com", "amazonaws.com.evil.example", "evilamazonaws.com", "10.0.0.1"} {
		if _, err := ca.Leaf(name); !errors.Is(err, ErrNotPermitted) {
			t.Errorf("%s: %v, want ErrNotPermitted", name, err)
		}
	}
}

func TestLeaf_rejectsInvalidHostNames(t *testing.T) {
	ca := ephemeral(t)
	for _, name := range []string{
		"", ".", "..", ".amazonaws.com", "a..amazonaws.com", "a.amazonaws.com..", "*.amazonaws.com",
		"a b.amazonaws.com", "-a.amazonaws.com", "a-.amazonaws.com", "a\x00.amazonaws.com", "a\n.amazonaws.com",
		"\u212Aonsole.amazonaws.com", "é.amazonaws.com", "a.amazonaws.com:443", "2001:db8::1", "[::1]", "a/b.amazonaws.com",
		strings.Repeat("a", 64) + ".amazonaws.com", strings.Repeat("a.", 125) + "amazonaws.com",
	} {
		if _, err := ca.Leaf(name); !errors.Is(err, ErrInvalidName) {
			t.Errorf("%q: %v, want ErrInvalidName", name, err)
		}
	}
	if _, err := ca.Leaf(strings.Repeat("\x1b", 1<<20)); len(err.Error()) > 1000 {
		t.Errorf("the error repeats %d bytes of it", len(err.Error()))
	}
}

func TestLeaf_cachesTheMostRecentlyUsedNames(t *testing.T) {
	ca := ephemeral(t)
	name := func(i int) string { return fmt.Sprintf("b%d.s3.amazonaws.com", i) }
	first, _ := ca.Leaf(name(0))
	hot, _ := ca.Leaf(logs)
	for i := range maxLeaves + 100 {
		if _, err := ca.Leaf(name(i)); err != nil {
			t.Fatal(err)
		}
		if c, _ := ca.Leaf(logs); c != hot {
			t.Fatalf("after %d names: the one in use was forgotten", i)
		}
	}
	if n := len(ca.leaves.byName); n != maxLeaves || ca.leaves.recent.Len() != n {
		t.Errorf("%d leaves cached, want %d", n, maxLeaves)
	}
	if c, _ := ca.Leaf(name(0)); c == first {
		t.Error("the one that was used longest ago is still there")
	}
}

func TestLeaf_isSignedOnceForConcurrentCallers(t *testing.T) {
	ca := ephemeral(t)
	got := make([][2]*tls.Certificate, 32)
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() {
			for j, name := range []string{"a.amazonaws.com", "b.amazonaws.com"} {
				var err error
				if got[i][j], err = ca.Leaf(name); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for i := range got {
		if got[i] != got[0] {
			t.Fatal("signed more than once")
		}
	}
	if got[0][0].PrivateKey != got[0][1].PrivateKey {
		t.Error("leaves with different keys")
	}
}

func TestCache_doesNotCacheAFailure(t *testing.T) {
	var c cache
	failed := c.get("a", time.Now())
	c.drop(failed)
	again := c.get("a", time.Now())
	c.drop(failed) // by another goroutine that waited for the same failure
	if again == failed || c.get("a", time.Now()) != again {
		t.Error("the failure, or not what followed it, is cached")
	}
}

func FuzzLeaf(f *testing.F) {
	ca := ephemeral(f)
	for _, s := range []string{
		logs, "LOGS.amazonaws.com.", "*.amazonaws.com", "\x00.amazonaws.com", "a\x00b.amazonaws.com", "\u212A.amazonaws.com",
		"xn--a.amazonaws.com", "amazonaws.com", "_.console.aws.amazon.com", "10.0.0.1", "evilamazonaws.com", "\xff.amazonaws.com",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		c, err := ca.Leaf(name)
		if err != nil {
			if !errors.Is(err, ErrInvalidName) && !errors.Is(err, ErrNotPermitted) {
				t.Errorf("%q: %v, want one of the two", name, err)
			}
			return
		}
		want := strings.TrimSuffix(name, ".")
		if got := c.Leaf.DNSNames; len(got) != 1 || !strings.EqualFold(got[0], want) || len(got[0]) != len(want) {
			t.Errorf("%q: for %q", name, got)
		}
		if err := verify(ca, c.Certificate, want); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	})
}

func BenchmarkLeaf_new(b *testing.B) {
	ca := ephemeral(b)
	for b.Loop() {
		if _, err := ca.signLeaf(logs, time.Now()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLeaf_cached(b *testing.B) {
	ca := ephemeral(b)
	for b.Loop() {
		if _, err := ca.Leaf(logs); err != nil {
			b.Fatal(err)
		}
	}
}
