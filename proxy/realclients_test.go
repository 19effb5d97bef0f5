package proxy

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"detour/internal/flow"
)

const pythonClient = `
import http.client, ssl, sys
host, port, ca, file = sys.argv[1:]
c = http.client.HTTPSConnection(host, int(port), context=ssl.create_default_context(cafile=ca), timeout=60)
c.set_tunnel("example.com")
for method, path, body in ("POST", "/first", open(file, "rb").read()), ("GET", "/second", None):
    c.request(method, path, body)
    r = c.getresponse()
    print(r.status, path if path in r.read().decode() else "-")
`

const urllibClient = `
import ssl, sys, urllib.error, urllib.request
host, port, ca, file = sys.argv[1:]
o = urllib.request.build_opener(urllib.request.ProxyHandler({"https": "http://%s:%s" % (host, port)}),
    urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=ca)))
for path, body in ("/first", open(file, "rb").read()), ("/second", None):
    try:
        o.open("https://example.com" + path, body, timeout=60)
    except urllib.error.HTTPError as e:
        print(e.code, path if path in e.read().decode() else "-")
`

const requestsClient = `
import sys, requests
host, port, ca, file = sys.argv[1:]
s = requests.Session()
s.trust_env = False
s.proxies, s.verify = {"https": "http://%s:%s" % (host, port)}, ca
for method, path, body in ("POST", "/first", open(file, "rb").read()), ("GET", "/second", None):
    r = s.request(method, "https://example.com" + path, data=body, timeout=60)
    print(r.status_code, path if path in r.text else "-")
`

const nodeClient = `
const http = require('http'), https = require('https'), tls = require('tls'), fs = require('fs');
const [host, port, ca, file] = process.argv.slice(1);
class Agent extends https.Agent {
  createConnection(o, cb) {
    http.request({host, port, method: 'CONNECT', path: 'example.com:443'}).on('connect', (r, socket) =>
      cb(null, tls.connect({socket, servername: 'example.com', ca: fs.readFileSync(ca)}))).on('error', cb).end();
  }
}
const agent = new Agent({keepAlive: true, maxSockets: 1});
const send = (method, path, body) => new Promise((resolve, reject) => {
  const headers = body ? {'Content-Length': body.length} : {};
  https.request({host: 'example.com', method, path, agent, headers}, r => {
    let text = '';
    r.on('data', d => text += d).on('end', () => { console.log(r.statusCode, text.includes(path) ? path : '-'); resolve(); });
  }).on('error', reject).end(body);
});
send('POST', '/first', fs.readFileSync(file)).then(() => send('GET', '/second')).then(() => agent.destroy(),
  e => { console.log(e.code); process.exit(1); });
`

// realClient returns the command that sends a POST of file and then a GET, on one
// connection if the proxy keeps it, and prints the status and the path of each response.
func realClient(name, host, port, ca, file string) []string {
	arguments := []string{host, port, ca, file}
	switch name {
	case "Python http.client":
		return append([]string{"python3", "-c", pythonClient}, arguments...)
	case "Python urllib":
		return append([]string{"python3", "-c", urllibClient}, arguments...)
	case "Python requests":
		return append([]string{"python3", "-c", requestsClient}, arguments...)
	case "Node":
		return append([]string{"node", "-e", nodeClient}, arguments...)
	}
	common := []string{"-sS", "--http1.1", "--max-time", "60", "-x", "http://" + host + ":" + port, "--cacert", ca, "-H", "Expect:"}
	curl := append([]string{"curl"}, common...)
	curl = append(curl, "-w", "\n%{http_code}\n", "--data-binary", "@"+file, "https://example.com/first", "--next")
	return append(append(curl, common...), "-w", "\n%{http_code}\n", "https://example.com/second")
}

// realClientOutcome reduces what the client printed to one word per response.
func realClientOutcome(name, out string) string {
	if name != "curl" {
		return strings.Join(strings.Fields(out), " ")
	}
	var words []string
	for line := range strings.Lines(out) {
		line = strings.TrimSpace(line)
		if path, ok := strings.CutPrefix(line, "detour: no response from https://example.com"); ok {
			words = append(words, path)
		} else if len(line) == 3 {
			words = append(slices.Insert(words, max(0, len(words)-1), line), "")[:len(words)+1]
		}
	}
	return strings.Join(words, " ")
}

// TestExchange_realClientsGetTheirOwnResponses: programs that people use send a body to a
// host that fails, and then another request.
func TestExchange_realClientsGetTheirOwnResponses(t *testing.T) {
	nxdomain := func(host string) *flow.Resolution {
		return &flow.Resolution{Name: host, Outcome: flow.DNSNXDomain, Source: flow.SourceDNS}
	}
	for _, client := range []string{"Python http.client", "Python urllib", "Python requests", "Node", "curl"} {
		t.Run(client, func(t *testing.T) {
			t.Parallel()
			program := realClient(client, "", "", "", "")[0]
			if _, err := exec.LookPath(program); err != nil {
				t.Skip(program + " is not installed")
			}
			if client == "Python requests" && exec.CommandContext(t.Context(), "python3", "-c", "import requests").Run() != nil {
				t.Skip("Python's requests is not installed (Debian: python3-requests)")
			}
			for failure, s := range map[string]setup{"NXDOMAIN": {resolver: nxdomain}, "a reset": {}} {
				for _, size := range []int{20_000, 66_000, 1 << 20} {
					b := newFixture(t, s, hijacking(10<<10, reset))
					b.askRealClient(t, client, fmt.Sprintf("%s, %d bytes", failure, size), size)
				}
			}
		})
	}
}

func (b *fixture) askRealClient(t *testing.T, client, what string, size int) {
	t.Helper()
	host, port, _ := strings.Cut(b.addr, ":")
	dir := t.TempDir()
	ca, file := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "body")
	line := []byte("{\"events\":[\"GET /smuggled HTTP/1.1\"]}\nGET /smuggled HTTP/1.1\r\nHost: example.com\r\n\r\n")
	for path, content := range map[string][]byte{ca: b.ca.RootPEM(), file: bytes.Repeat(line, size/len(line)+1)[:size]} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	args := realClient(client, host, port, ca, file)
	out, err := exec.CommandContext(ctx, args[0], args[1:]...).CombinedOutput()
	if got := realClientOutcome(client, string(out)); err != nil || got != "502 /first 502 /second" {
		t.Errorf("%s: the client got %q (%v): %s", what, got, err, out)
	}
	var rows []string
	for _, f := range b.sink.finals(t, 2) {
		rows = append(rows, f.Request.Method+" "+f.Request.URL)
	}
	if want := []string{"POST https://example.com/first", "GET https://example.com/second"}; !slices.Equal(rows, want) {
		t.Errorf("%s: rows %.300q, want %q", what, rows, want)
	}
}

// TestExchange_theGoClientGetsItsOwnResponses is the same for net/http.
func TestExchange_theGoClientGetsItsOwnResponses(t *testing.T) {
	for _, size := range []int{20_000, 66_000, 1 << 20} {
		b := newFixture(t, setup{}, hijacking(10<<10, reset))
		c := b.client(t, false)
		req, _ := http.NewRequestWithContext(t.Context(), "POST", "https://example.com/first", zeros(int64(size)))
		req.ContentLength = int64(size)
		resp, err := c.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		second := get(t, c, "https://example.com/second")
		more, _ := io.ReadAll(second.Body)
		if resp.StatusCode != 502 || second.StatusCode != 502 ||
			!strings.Contains(string(text), "/first") || !strings.Contains(string(more), "/second") {
			t.Errorf("%d bytes: %d %s, then %d %s", size, resp.StatusCode, text, second.StatusCode, more)
		}
		if rows := b.sink.finals(t, 2); len(rows) != 2 {
			t.Errorf("%d bytes: %d rows", size, len(rows))
		}
	}
}

// TestExchange_theAWSCLIGetsItsOwnResponses: one process uploads two objects to a host
// that fails.
func TestExchange_theAWSCLIGetsItsOwnResponses(t *testing.T) {
	cli := awsCLI(t)
	b := newFixture(t, setup{domain: "amazonaws.com"}, hijacking(10<<10, reset))
	dir := t.TempDir()
	ca, objects := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "objects")
	if err := os.Mkdir(objects, 0o700); err != nil {
		t.Fatal(err)
	}
	body := bytes.Repeat([]byte("GET /smuggled HTTP/1.1\r\n"), 66_000/24)
	for path, content := range map[string][]byte{
		ca: b.ca.RootPEM(), filepath.Join(objects, "a"): body, filepath.Join(objects, "b"): body, filepath.Join(objects, "c"): body,
	} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, cli, "s3", "cp", "--recursive", objects, "s3://bucket/")
	cmd.Env = []string{
		"HTTPS_PROXY=http://" + b.addr, "AWS_CA_BUNDLE=" + ca, "AWS_ACCESS_KEY_ID=" + testKeyID, "AWS_SECRET_ACCESS_KEY=" + testSecret,
		"AWS_DEFAULT_REGION=us-east-1", "AWS_EC2_METADATA_DISABLED=true", "AWS_MAX_ATTEMPTS=1", "HOME=" + dir, "PATH=" + os.Getenv("PATH"),
		"LC_ALL=C.UTF-8",
	}
	out, _ := cmd.CombinedOutput() // it fails
	if n := strings.Count(string(out), "(502)"); n != 3 {
		t.Errorf("the CLI got %d responses of 502: %s", n, out)
	}
	fs := b.sink.finals(t, 3)
	if len(fs) != 3 {
		t.Errorf("%d rows, want 3", len(fs))
	}
	for _, f := range fs {
		if f.Request.Method != http.MethodPut || f.Failure == nil || strings.Contains(f.Request.URL, "smuggled") {
			t.Errorf("row %s %s, failure %+v", f.Request.Method, f.Request.URL, f.Failure)
		}
	}
}
