package loadtest

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// client is a client of the program.
func (p *program) client(t *testing.T, h2 bool) *http.Client {
	t.Helper()
	return newClient(t, p.proxy, p.roots, h2)
}

// newClient is a client of a proxy; nil: of the server itself.
func newClient(t *testing.T, proxy *url.URL, roots *x509.CertPool, h2 bool) *http.Client {
	t.Helper()
	tr := &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots, ServerName: serverName, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: h2,
		DisableCompression: true, Proxy: http.ProxyURL(proxy), MaxIdleConnsPerHost: 2000,
	}
	if !h2 {
		tr.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
	}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr}
}

// fetch requests a URL, reads the response, and reports whether that worked.
func fetch(t *testing.T, c *http.Client, url string) bool {
	t.Helper()
	resp, err := c.Get(url)
	if err != nil {
		t.Error(err)
		return false
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		t.Error(err)
		return false
	}
	return true
}

// spread makes n requests over so many workers, and returns their durations, sorted.
func spread(t *testing.T, c *http.Client, url string, workers, n int) []time.Duration {
	t.Helper()
	var mu sync.Mutex
	var all []time.Duration
	var wg sync.WaitGroup
	var failed atomic.Bool
	for range workers {
		wg.Go(func() {
			own := make([]time.Duration, 0, n/workers)
			for range n / workers {
				start := time.Now()
				if failed.Load() || !fetch(t, c, url) {
					failed.Store(true)
					return
				}
				own = append(own, time.Since(start))
			}
			mu.Lock()
			all = append(all, own...)
			mu.Unlock()
		})
	}
	wg.Wait()
	if failed.Load() {
		t.FailNow()
	}
	slices.Sort(all)
	return all
}

// paced makes n requests at a rate per second, and returns how long that took, which is longer
// if the machine is too busy.
func paced(t *testing.T, c *http.Client, url string, perSecond, n int) time.Duration {
	t.Helper()
	due := make(chan struct{}, n)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range due {
				fetch(t, c, url)
			}
		})
	}
	tick := time.NewTicker(time.Second / time.Duration(perSecond))
	defer tick.Stop()
	start := time.Now()
	for range n {
		<-tick.C
		due <- struct{}{}
	}
	close(due)
	wg.Wait()
	return time.Since(start)
}
