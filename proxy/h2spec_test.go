package proxy

import (
	"bufio"
	"context"
	"encoding/xml"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// report is h2spec's JUnit report.
type report struct {
	Suites []struct {
		Package string `xml:"package,attr"`
		Cases   []struct {
			Package string    `xml:"package,attr"`
			Name    string    `xml:"classname,attr"`
			Failure *struct{} `xml:"failure"`
			Error   *struct{} `xml:"error"`
			Skipped *struct{} `xml:"skipped"`
		} `xml:"testcase"`
	} `xml:"testsuite"`
}

func TestH2spec_throughCONNECT(t *testing.T) {
	if testing.Short() {
		t.Skip("h2spec takes a while")
	}
	h2spec := findH2spec(t)
	b := newFixture(t, setup{h2: true, domain: "localhost"}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, strings.Repeat("ok", 500)) // some cases need a body larger than their window
	}))
	_, port, _ := net.SplitHostPort(b.forward(t))
	out := filepath.Join(t.TempDir(), "report.xml")
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, h2spec, "-h", "localhost", "-p", port, "-t", "-k", "-o", "2", "-j", out, "generic", "hpack", "http2")
	output, err := cmd.CombinedOutput()
	raw, rerr := os.ReadFile(out)
	if rerr != nil {
		t.Fatalf("no report: %v, %v\n%s", err, rerr, output)
	}
	var r report
	if err := xml.Unmarshal(raw, &r); err != nil {
		t.Fatal(err)
	}
	passed := 0
	for _, s := range r.Suites {
		for _, c := range s.Cases {
			name := s.Package + ": " + c.Name
			switch {
			case c.Failure != nil || c.Error != nil:
				t.Errorf("fails: %s", name)
			case c.Skipped != nil:
				t.Errorf("skipped: %s", name)
			default:
				passed++
			}
		}
	}
	if passed < 100 {
		t.Errorf("only %d cases passed\n%s", passed, output)
	}
	t.Logf("%d cases passed", passed)
}

// findH2spec looks in PATH, and in bin, where make deps installs it.
func findH2spec(t *testing.T) string {
	t.Helper()
	if path, err := exec.LookPath("h2spec"); err == nil {
		return path
	}
	path, err := filepath.Abs("../bin/h2spec")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Skip("h2spec is neither in PATH nor in bin; 'make deps' builds it")
	}
	return path
}

// forward listens for a program that doesn't support proxies, and opens a tunnel for
// each of its connections.
func (b *fixture) forward(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	authority := "localhost:" + port // as h2spec sends it in its requests
	var open sync.WaitGroup
	t.Cleanup(func() { _ = l.Close(); open.Wait() })
	open.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			open.Go(func() { b.pipe(c, authority) })
		}
	})
	return l.Addr().String()
}

// pipe copies bytes between c and a tunnel until either ends.
func (b *fixture) pipe(c net.Conn, authority string) {
	defer c.Close()
	tunnel, err := net.Dial("tcp", b.addr)
	if err != nil {
		return
	}
	defer tunnel.Close()
	_, _ = io.WriteString(tunnel, "CONNECT "+authority+" HTTP/1.1\r\nHost: "+authority+"\r\n\r\n")
	br := bufio.NewReader(tunnel)
	if line, err := br.ReadString('\n'); err != nil || !strings.Contains(line, " 200 ") {
		return
	}
	for line := ""; line != "\r\n"; {
		if line, err = br.ReadString('\n'); err != nil {
			return
		}
	}
	var up sync.WaitGroup
	up.Go(func() {
		_, _ = io.Copy(tunnel, c)
		_ = tunnel.(*net.TCPConn).CloseWrite()
	})
	_, _ = io.Copy(c, br)
	_ = c.Close()
	up.Wait()
}
