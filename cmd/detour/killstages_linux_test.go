package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"detour/internal/capture/disk"
	"detour/internal/flow"
	"detour/internal/intake"
	replay "detour/internal/recorded" // a function of this package has the name
)

// silentPort is an address whose SYNs get no answer: its queue of connections is full.
func silentPort(t *testing.T) string {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Close(fd) })
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	at, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	addr := fmt.Sprintf("127.0.0.1:%d", at.(*syscall.SockaddrInet4).Port) //nolint:forcetypeassert // it is of IPv4
	late := 0                                                             // in a row: one alone may be for what else the machine does, and is in the queue
	for range 8 {
		c, err := net.DialTimeout("tcp", addr, 300*time.Millisecond)
		if err == nil {
			late = 0
			t.Cleanup(func() { _ = c.Close() })
		} else if late++; late == 2 {
			return addr
		}
	}
	t.Skip("the queue of a listener doesn't fill up here")
	return ""
}

// pendingIn waits until a capture has so many flows, and so many that are pending, with this connect.
func pendingIn(t *testing.T, path string, flows, pending int, connect flow.DialOutcome) {
	t.Helper()
	var all, open, known int
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		f, err := disk.Open(path)
		if err != nil {
			continue
		}
		all, _ = f.Count(t.Context(), disk.Query{})
		open, _ = f.Count(t.Context(), disk.Query{Where: "NOT final"})
		known, _ = f.Count(t.Context(), disk.Query{Where: fmt.Sprintf("NOT final AND tcp = '%s'", connect)})
		_ = f.Close()
		if all == flows && open == pending && known == pending {
			return
		}
	}
	t.Fatalf("%d flows are in the capture, %d of them pending, with %d connects; want %d, %d", all, open, known, flows, pending)
}

// printed runs a command and returns what it prints.
func printed(t *testing.T, args ...string) string {
	t.Helper()
	var out, told bytes.Buffer
	if code := run(args, &out, &told); code != exitDone {
		t.Errorf("%q: exit %d, %s", args, code, told.String())
	}
	return out.String()
}

// TestKill_everyCommandReadsTheSameFlows, whatever a request was at when detour was killed: it is
// pending, not failed and not gone.
func TestKill_everyCommandReadsTheSameFlows(t *testing.T) {
	free := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-free
	}))
	defer server.Close()
	defer close(free)
	host, silent := server.Listener.Addr().String(), silentPort(t)
	for name, tc := range map[string]struct {
		sends   string
		pending int
		attempt flow.DialOutcome
	}{
		"a connect":            {"GET http://" + silent + "/ HTTP/1.1\r\nHost: " + silent + "\r\n\r\n", 1, flow.DialPending},
		"a response":           {"GET http://" + host + "/ HTTP/1.1\r\nHost: " + host + "\r\n\r\n", 1, flow.DialConnected},
		"a tunnel":             {"CONNECT " + host + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n\x00\x01not TLS", 1, flow.DialConnected},
		"an upload":            {"POST http://" + host + "/ HTTP/1.1\r\nHost: " + host + "\r\nContent-Length: 99999\r\n\r\nbegin", 1, flow.DialConnected},
		"nothing, all is done": {"", 0, ""},
	} {
		r := startRecording(t, 0)
		resp, err := r.client.Get(r.server)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if tc.sends != "" {
			at, _ := r.client.Transport.(*http.Transport).Proxy(&http.Request{}) //nolint:forcetypeassert // it is one
			c, err := net.Dial("tcp", at.Host)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if _, err := io.WriteString(c, tc.sends); err != nil {
				t.Fatal(err)
			}
		}
		flows := 1 + tc.pending
		pendingIn(t, r.path, flows, tc.pending, tc.attempt)
		_ = r.cmd.Process.Kill()
		_ = r.cmd.Wait()

		var judged struct{ Flows int }
		if err := json.Unmarshal([]byte(printed(t, "diagnose", r.path, "--json")), &judged); err != nil || judged.Flows != flows {
			t.Errorf("%s: diagnose reads %d of %d (%v)", name, judged.Flows, flows, err)
		}
		lines := strings.Split(strings.TrimSpace(printed(t, "export", r.path, "--format", "jsonl")), "\n")
		cut := strings.Count(strings.Join(lines, ""), `"kind":"pending"`)
		if len(lines) != flows || cut != tc.pending {
			t.Errorf("%s: export has %d of %d flows, %d of them pending", name, len(lines), flows, cut)
		}
		printed(t, "diff", r.path, r.path)
		rec, err := replay.Open(t.Context(), replay.Config{Path: r.path, Reader: intake.Reader{}, Follow: true}, disk.Live, readFile)
		if err != nil {
			t.Fatal(err)
		}
		shown := rec.Flows()
		last := shown[len(shown)-1]
		if len(shown) != flows || last.Final() != (tc.pending == 0) || rec.Following() {
			t.Errorf("%s: open shows %d of %d flows, the last one %s", name, len(shown), flows, last.State)
		}
		if tc.attempt != "" && (last.Conn == nil || len(last.Conn.Attempts) == 0 || last.Conn.Attempts[0].Outcome != tc.attempt) {
			t.Errorf("%s: its connect is %+v, want %s", name, last.Conn, tc.attempt)
		}
	}
}
