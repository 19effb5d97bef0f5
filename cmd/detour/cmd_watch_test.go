package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"detour/internal/flow"
	"detour/internal/watch"
)

// TestWatch_aListenerThatBeginsToAccept: refused, then answered three times in a row.
func TestWatch_aListenerThatBeginsToAccept(t *testing.T) {
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.Listener.Close()
	addr, host, port := closedPort(t)
	donor := httptest.NewTLSServer(http.NotFoundHandler()) // has the certificate that the server will have
	defer donor.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: donor.Certificate().Raw})
	if err := os.WriteFile(ca, text, 0o600); err != nil {
		t.Fatal(err)
	}
	out, w := io.Pipe()
	code := make(chan int, 1)
	var errs bytes.Buffer
	go func() {
		code <- run([]string{
			"watch", "--json", "--every", "1s", "--for", "1m", "--upstream-proxy", "none", "--upstream-ca", ca,
			"--map", "example.com=" + host, "example.com:" + port,
		}, w, &errs)
		w.Close()
	}()
	var kinds []string
	var last watch.Record
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		last = watch.Record{}
		if err := json.Unmarshal(lines.Bytes(), &last); err != nil {
			t.Fatal(err)
		}
		if kinds = append(kinds, string(last.Event)); last.Event == watch.Failed {
			l, err := net.Listen("tcp", addr)
			if err != nil {
				t.Fatal(err)
			}
			s.Listener = l
			s.StartTLS()
			defer s.Close()
		}
	}
	if got := strings.Join(kinds, " "); got != "dns failed answers steady ended" {
		t.Errorf("events %s", got)
	}
	if c := <-code; c != exitDone || last.Check == nil || last.Check.Outcome != flow.CheckWorks {
		t.Fatalf("exit code %d, %+v: %s", c, last.Check, &errs)
	}
	a := last.Check.Hosts[0].Addresses[0]
	if a.Last.Status != 404 || a.InRow != 3 || a.Failed.IsZero() || !a.Since.After(a.Failed) || !last.Check.Since.Equal(a.Since) {
		t.Errorf("%+v", a)
	}
	if strings.ContainsAny(errs.String(), "\a\x1b") {
		t.Errorf("stderr is no terminal, and gets %q", &errs)
	}
}

// closedPort returns an address on which nobody listens. Where loopback has more addresses than one,
// it is on another than what tests of other packages get, which may run at the same time.
func closedPort(t *testing.T) (addr, host, port string) {
	t.Helper()
	host = "127.0.0.1"
	if runtime.GOOS == "linux" {
		host = "127.0.87.1"
	}
	l, err := net.Listen("tcp", host+":0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ = net.SplitHostPort(l.Addr().String())
	return l.Addr().String(), host, port
}

// TestWatch_givesUpAtTheDeadline: the clock is the test's, and stands while the system connects.
func TestWatch_givesUpAtTheDeadline(t *testing.T) {
	closed, _, _ := closedPort(t)
	// The first to ask for a signal starts a goroutine of the runtime, which can't do its work in the bubble.
	_, stop := signal.NotifyContext(t.Context(), os.Interrupt)
	stop()
	synctest.Test(t, func(t *testing.T) {
		var out, errs bytes.Buffer
		began := time.Now()
		if code := run([]string{"watch", "--for", "200ms", "--upstream-proxy", "none", closed}, &out, &errs); code != exitProblems {
			t.Errorf("exit code %d: %s", code, &errs)
		}
		if took := time.Since(began); took != 200*time.Millisecond || !strings.Contains(out.String(), "not fixed after") ||
			!strings.Contains(out.String(), closed+" refused after") {
			t.Errorf("after %v:\n%s", took, &out)
		}
	})
}

// TestWatch_ofAFileTakesTheHostsOfItsProblems, each with the port that it was reached at.
func TestWatch_ofAFileTakesTheHostsOfItsProblems(t *testing.T) {
	const host = "monitoring.ap-northeast-1.amazonaws.com"
	bad := viaProxy(t, "10.20.0.5", "443", exchange{host: host, start: 5, ms: 21000, word: "net::ERR_CONNECTION_TIMED_OUT"})
	var out, errs bytes.Buffer
	args := []string{"watch", "--json", "--for", "100ms", "--upstream-proxy", "none", "--map", host + "=127.0.0.1", bad}
	if code := run(args, &out, &errs); code != exitProblems || !strings.Contains(out.String(), `"authority":"`+host+`:443"`) ||
		!strings.Contains(out.String(), `"findings":["direct-calls-unanswered"`) {
		t.Errorf("exit code %d: %s%s", code, &errs, &out)
	}
	good := viaProxy(t, "10.20.0.5", "443", exchange{host: host, start: 5, ms: 60, status: 200, fields: `{"name":"x-amzn-requestid","value":"1"}`})
	out.Reset()
	errs.Reset()
	if code := run([]string{"watch", good}, &out, &errs); code != exitDone || out.Len() > 0 || !strings.Contains(errs.String(), "nothing to watch") {
		t.Errorf("exit code %d: %s%s", code, &errs, &out)
	}
}
