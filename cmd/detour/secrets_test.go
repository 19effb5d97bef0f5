package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"detour/internal/tablestate"
	"detour/ui"
)

// TestErrors_quoteNoSecret: what somebody typed is quoted without its password.
func TestErrors_quoteNoSecret(t *testing.T) {
	const secret = "hunter2hunter2"
	for _, args := range [][]string{
		{"probe", "https://u:" + secret + "@h/ x"},
		{"run", "--tries", "http://u:" + secret + "@proxy.example:3128"},
		{"run", "--connect-timeout", "password=" + secret},
		{"export", "x?X-Amz-Signature=" + secret},
		{"diagnose", "-", "--filter", "url:'https://h/?X-Amz-Signature=" + secret + "' and ("},
	} {
		var out, said bytes.Buffer
		if code := run(args, &out, &said); code == exitDone || strings.Contains(out.String()+said.String(), secret) {
			t.Errorf("%v: %d, %s%s", args, code, out.String(), said.String())
		}
	}
}

// TestSavedView_keepsNoSecret: a filter that was made of a URL may have one.
func TestSavedView_keepsNoSecret(t *testing.T) {
	var act ui.Actions
	(&screenOptions{}).options(&act)
	const secret = "hunter2hunter2"
	if err := act.Save.View(ui.SavedView{Name: "one", Filter: "url:X-Amz-Signature=" + secret}); err == nil {
		t.Error("the view was saved")
	}
	if b, err := os.ReadFile(string(tablestate.Views())); err == nil && strings.Contains(string(b), secret) {
		t.Errorf("the file has %q", b)
	}
}

// TestStderr_hasNothingThatAServerSends: net/http logs the beginning of what comes over
// an idle connection.
func TestStderr_hasNothingThatAServerSends(t *testing.T) {
	skipWithoutInterrupts(t)
	const secret = "CANARYSECRET"
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() { // answers every HEAD with a body, which none has
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				for r := bufio.NewReader(c); ; {
					if _, err := http.ReadRequest(r); err != nil {
						return
					}
					_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n"+secret)
				}
			}()
		}
	}()
	cmd := exec.CommandContext(t.Context(), buildDetour(t), "--ui", "none", "--browser", "none", "--listen", "127.0.0.1:0", "--ca-dir", t.TempDir(), "--capture", "none", "--map", "here.example=127.0.0.1", "--upstream-proxy", "none") //nolint:gosec // our own program
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stderr)
	var m []string
	for m == nil && lines.Scan() {
		m = captureLine.FindStringSubmatch(lines.Text())
	}
	if m == nil {
		t.Fatal("detour didn't start")
	}
	proxy, err := url.Parse(m[1])
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(proxy)}}
	defer client.CloseIdleConnections()
	for range 20 {
		// Not on loopback as far as the client knows: it would leave the proxy out.
		resp, err := client.Head("http://here.example:" + strconv.Itoa(l.Addr().(*net.TCPAddr).Port))
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
	}
	_ = cmd.Process.Signal(os.Interrupt)
	for lines.Scan() {
		if strings.Contains(lines.Text(), secret) || strings.Contains(lines.Text(), "Unsolicited") {
			t.Errorf("stderr has %q", lines.Text())
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
}

// TestLog_hasNoSecret: neither in what is said nor in the errors that go with it.
func TestLog_hasNoSecret(t *testing.T) {
	var b bytes.Buffer
	const secret = "hunter2hunter2"
	log := slog.New(redactingHandler(&b, false))
	log.Error("can't get https://u:"+secret+"@h/", "error", errors.New(`Get "https://h/?X-Amz-Signature=`+secret+`": refused`), "line", "password="+secret, "n", 7)
	if got := b.String(); strings.Contains(got, secret) || strings.Count(got, "redacted:") != 3 || !strings.Contains(got, "level=ERROR") || !strings.Contains(got, "n=7") {
		t.Errorf("the log has %s", got)
	}
}
