package serve

import (
	"context"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"detour/internal/onwine"
)

// socketDir is a directory with a short path: that of a socket has about 100 bytes at most.
func socketDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "s") //nolint:usetesting // t.TempDir has the name of the test in it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func dialing(path string) *http.Transport {
	return &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", path)
	}}
}

func TestSocket_isForItsUserWithoutAToken(t *testing.T) {
	onwine.Skip(t, "has no Unix sockets")
	s, x := serving(t)
	path := filepath.Join(socketDir(t), "watch.sock")
	if err := s.ServeSocket(path); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); runtime.GOOS != "windows" && (err != nil || info.Mode().Perm() != 0o600) {
		t.Errorf("its mode is %v, %v", info.Mode(), err)
	}
	resp, err := dialing(path).RoundTrip(request(t, "http://detour/events", nil))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	eventually(t, "it watches", func() bool { return x.watching() == 1 })
	for name, change := range map[string]func(*http.Request){
		"POST":            func(r *http.Request) { r.Method = http.MethodPost },
		"a foreign page":  func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") },
		"through a proxy": func(r *http.Request) { r.Header.Set("Via", "1.1 x") },
		"a session":       func(r *http.Request) { r.URL.Path = "/session" },
	} {
		resp, err := dialing(path).RoundTrip(request(t, "http://detour/flow/17", change))
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode < 400 {
			t.Errorf("%s gets %s", name, resp.Status)
		}
	}
	if _, err := s.Share(Options{}); err != nil { // both at once
		t.Fatal(err)
	}
	s.Stop("sharing was stopped")
	if x.watching() != 1 {
		t.Error("the end of sharing cuts those at the socket")
	}
	s.Close("the run ended")
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("the socket is left: %v", err)
	}
	if err := s.ServeSocket(path); err == nil {
		t.Error("there is a socket after the end")
	}
}

func TestSocket_withALongPathIsAnError(t *testing.T) {
	s, _ := serving(t)
	if err := s.ServeSocket(filepath.Join(socketDir(t), strings.Repeat("x", 200))); err == nil {
		t.Error("it is served")
	}
}
