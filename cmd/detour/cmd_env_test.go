//go:build unix

package main

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"detour/internal/decrypt"
	"detour/internal/demo"
	"detour/internal/instances"
	"detour/internal/session"
)

// announced is a run on the simulated network that detour env finds, with its chain in
// memory.
func announced(t *testing.T) *session.Session {
	t.Helper()
	simulated, err := demo.New(demo.Options{Healthy: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(simulated.Close)
	o := &runOptions{}
	o.register(pflag.NewFlagSet("", pflag.ContinueOnError)) // for the flags' own defaults
	o.ui, o.capture = "none", "none"
	c := &cobra.Command{}
	c.SetErr(&bytes.Buffer{})
	cfg, end, err := o.sessionConfig(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(end)
	cfg.Decrypt = decrypt.With(chain(t), cfg.Tables.IsAWS)
	cfg.Network = simulatedNetwork(simulated, demoTimeout)
	cfg.RunsDir = runsDir()
	if cfg.Listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	ready := make(chan struct{})
	cfg.Ready = func(*session.Session) { close(ready) }
	s, err := session.New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	<-ready
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if left, _ := os.ReadDir(runsDir()); len(left) != 0 {
			t.Errorf("left %v", left)
		}
	})
	return s
}

// behind runs a program in a shell that has taken detour env's lines.
func behind(t *testing.T, program ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, "sh", append([]string{"-c", `eval "$(detour env --shell sh)" && exec "$@"`, "sh"}, program...)...).CombinedOutput()
	return string(out), err
}

// connect is how Node's libraries for proxies go about it; Node itself heeds
// HTTPS_PROXY from version 24 on.
const connect = `const u = new URL(process.env.HTTPS_PROXY), host = process.argv[1]
require("http").request({host: u.hostname, port: u.port, method: "CONNECT", path: host + ":443"}).on("connect", (r, socket) => {
  const c = require("tls").connect({socket, servername: host}, () => c.write("GET /node HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n"))
  c.on("data", d => console.log(String(d)))
}).end()`

func TestEnv_aTerminalsProgramsGoThroughTheRunAndTrustIt(t *testing.T) {
	privateHome(t)
	s := announced(t)
	url := "https://" + demo.LogsHost
	for name, tc := range map[string]struct {
		program   []string
		path      string // by which its request is known
		operation string
	}{
		"the AWS CLI":     {[]string{"/usr/bin/aws", "logs", "describe-log-groups", "--no-cli-pager", "--cli-read-timeout", "20"}, "/", "DescribeLogGroups"},
		"curl":            {[]string{"curl", "-sS", url + "/curl"}, "/curl", ""},
		"Python requests": {[]string{"/usr/bin/python3", "-c", `import requests, sys; requests.get(sys.argv[1], timeout=20)`, url + "/requests"}, "/requests", ""},
		"Python urllib":   {[]string{"/usr/bin/python3", "-c", "import urllib.request, urllib.error, sys\ntry: urllib.request.urlopen(sys.argv[1])\nexcept urllib.error.HTTPError: pass", url + "/urllib"}, "/urllib", ""},
		"Node":            {[]string{"node", "-e", connect, demo.LogsHost}, "/node", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := exec.LookPath(tc.program[0]); err != nil {
				t.Skip("needs " + tc.program[0])
			}
			out, err := behind(t, tc.program...)
			if strings.Contains(out, "No module named 'requests'") {
				t.Skip("needs Python's requests")
			}
			if err != nil {
				t.Errorf("%v: %s", err, out)
			}
			for _, f := range s.Store().Flows() {
				if f.Request.URL == url+tc.path && f.AWS != nil && (f.AWS.Operation == tc.operation || tc.operation == "") {
					return
				}
			}
			t.Errorf("its call isn't among the %d of the run: %s", s.Store().Stats().Flows, out)
		})
	}
}

func TestEnv_theShellGetsBackWhatItHad(t *testing.T) {
	privateHome(t)
	announced(t)
	t.Setenv("HTTPS_PROXY", "http://user:p%40ss@corp.example:3128")
	t.Setenv("SHELL", "/bin/zsh")
	script := `eval "$(detour env)"; echo "$HTTPS_PROXY" >&2; eval "$(detour env)"; eval "$(detour env --unset)"; env`
	var errs bytes.Buffer
	c := exec.CommandContext(t.Context(), "sh", "-c", script)
	c.Stderr = &errs
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, &errs)
	}
	if !strings.Contains(string(out), "\nHTTPS_PROXY=http://user:p%40ss@corp.example:3128\n") {
		t.Errorf("the proxy from before is gone:\n%s", out)
	}
	for _, gone := range []string{"\nNODE_EXTRA_CA_CERTS=", "\nDETOUR_SAVED", "/runs/"} {
		if strings.Contains(string(out), gone) {
			t.Errorf("%q is left:\n%s", gone, out)
		}
	}
	if !strings.HasPrefix(errs.String(), "http://127.0.0.1:") {
		t.Errorf("in between it was %s", &errs)
	}
	lines, err := exec.CommandContext(t.Context(), "detour", "env").Output()
	if err != nil || strings.Contains(string(lines), "p%40ss") {
		t.Errorf("%v: a password is printed:\n%s", err, lines)
	}
}

func TestEnv_anotherDetourInTheTerminalGoesWithoutTheFirst(t *testing.T) {
	privateHome(t)
	s := announced(t)
	out, _ := behind(t, "detour", "probe", "127.0.0.1:1")
	if !strings.Contains(out, "detour: https_proxy and http_proxy point to a running detour; ignored\n") || strings.Contains(out, "go through") || !strings.Contains(out, "REFUSED") {
		t.Errorf("probe:\n%s", out)
	}
	out, _ = behind(t, "detour", "doctor", "--config", "none", "--resolver", "127.0.0.1:1")
	if !strings.Contains(out, "ok    proxy        https_proxy and http_proxy point to a running detour ("+s.Addr()+")") || strings.Contains(out, "by way of") {
		t.Errorf("doctor:\n%s", out)
	}
}

func TestEnv_aDemoIsNoProxyForATerminal(t *testing.T) {
	privateHome(t)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("root")) }))
	defer proxy.Close()
	_, end, err := instances.Announce(runsDir(), instances.Run{PID: 7, Proxy: proxy.URL, Kind: instances.Demo}, []byte("root"))
	if err != nil {
		t.Fatal(err)
	}
	defer end()
	if runs, err := instances.List(t.Context(), runsDir()); err != nil || len(runs) != 1 {
		t.Fatalf("%+v %v", runs, err)
	}
	out, err := exec.CommandContext(t.Context(), "detour", "env", "--shell", "sh").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "detour isn't running") {
		t.Errorf("%v: %s", err, out)
	}
}
