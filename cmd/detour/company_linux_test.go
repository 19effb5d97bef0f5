package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// The names of a company's network: a realm of Kerberos, and hosts that only the proxy
// resolves.
const (
	companyRealm  = "CORP.EXAMPLE"
	companyProxy  = "proxy.corp.example"
	companyTarget = "target.corp.example"
)

// A company is a network with a Kerberos server and a squid.
type company struct {
	t      *testing.T
	dir    string
	env    []string     // with the tickets of the user "me"
	target string       // the port of an HTTPS server
	loaded atomic.Int64 // its requests
}

// newCompany starts a KDC, and gets tickets for a user.
func newCompany(t *testing.T) *company {
	t.Helper()
	needFull(t)
	for _, program := range []string{"squid", "krb5kdc", "kadmin.local", "kinit", "curl"} {
		if _, err := exec.LookPath(program); err != nil || os.Geteuid() != 0 {
			t.Skip("needs root, and squid, krb5-kdc, krb5-admin-server, krb5-user and curl")
		}
	}
	dir, err := os.MkdirTemp("/tmp", "detour-company-") //nolint:usetesting // squid's own user has to get there
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o777); err != nil { //nolint:gosec // squid's own user writes there
		t.Fatal(err)
	}
	c := &company{t: t, dir: dir}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		c.loaded.Add(1)
		fmt.Fprint(w, "arrived")
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // Chromium opens connections ahead
	server.StartTLS()
	t.Cleanup(server.Close)
	_, c.target, _ = net.SplitHostPort(server.Listener.Addr().String())
	kdc := freePort(t)
	c.write("krb5.conf", "[libdefaults]\n default_realm = "+companyRealm+"\n dns_lookup_kdc = false\n dns_lookup_realm = false\n rdns = false\n udp_preference_limit = 1\n"+
		"[realms]\n "+companyRealm+" = {\n  kdc = 127.0.0.1:"+kdc+"\n }\n[domain_realm]\n .corp.example = "+companyRealm+"\n")
	c.write("kdc.conf", "[kdcdefaults]\n kdc_listen = 127.0.0.1:"+kdc+"\n kdc_tcp_listen = 127.0.0.1:"+kdc+"\n"+
		"[realms]\n "+companyRealm+" = {\n  database_name = "+c.path("principal")+"\n  key_stash_file = "+c.path("stash")+"\n  acl_file = "+c.path("acl")+"\n }\n"+
		"[logging]\n kdc = FILE:"+c.path("kdc.log")+"\n")
	c.write("hosts", "127.0.0.1 "+companyTarget+" "+companyProxy+"\n")
	c.env = append(os.Environ(), "KRB5_CONFIG="+c.path("krb5.conf"), "KRB5_KDC_PROFILE="+c.path("kdc.conf"), "KRB5CCNAME=FILE:"+c.path("tickets"))
	c.run("", "kdb5_util", "create", "-s", "-r", companyRealm, "-P", "master")
	c.run("", "kadmin.local", "-q", "addprinc -pw s3cret me")
	c.run("", "kadmin.local", "-q", "addprinc -randkey HTTP/"+companyProxy)
	c.run("", "kadmin.local", "-q", "ktadd -k "+c.path("keytab")+" HTTP/"+companyProxy)
	if err := os.Chmod(c.path("keytab"), 0o644); err != nil { //nolint:gosec // squid's own user reads it
		t.Fatal(err)
	}
	c.start(kdc, "krb5kdc", "-n")
	c.run("s3cret\n", "kinit", "me")
	return c
}

func (c *company) path(name string) string { return filepath.Join(c.dir, name) }

func (c *company) write(name, text string) {
	c.t.Helper()
	if err := os.WriteFile(c.path(name), []byte(text), 0o644); err != nil { //nolint:gosec // squid's own user reads it
		c.t.Fatal(err)
	}
}

func (c *company) run(stdin, program string, args ...string) {
	c.t.Helper()
	cmd := exec.CommandContext(c.t.Context(), program, args...)
	cmd.Env, cmd.Stdin = c.env, strings.NewReader(stdin)
	if out, err := cmd.CombinedOutput(); err != nil {
		c.t.Fatalf("%s: %v\n%s", program, err, out)
	}
}

// start runs a server until the test ends, and waits until its port is open.
func (c *company) start(port, program string, args ...string) {
	c.t.Helper()
	cmd := exec.CommandContext(context.Background(), program, args...) //nolint:gosec // installed programs
	cmd.Env = c.env
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		conn, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err == nil {
			conn.Close()
			return
		}
		if time.Now().After(deadline) {
			c.t.Fatalf("%s doesn't listen: %v", program, err)
		}
	}
}

// freePort is one at which nobody listens just now.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// squid starts a squid with one way to authenticate, and returns its port and its log.
func (c *company) squid(name, auth string) (port, logged string) {
	c.t.Helper()
	port, logged = freePort(c.t), c.path(name+".log")
	c.write(name+".conf", auth+`
http_port 127.0.0.1:`+port+`
acl known proxy_auth REQUIRED
http_access allow known
http_access deny all
cache deny all
hosts_file `+c.path("hosts")+`
access_log stdio:`+logged+`
cache_log `+c.path(name+".cache.log")+`
pid_filename none
coredump_dir `+c.dir+`
shutdown_lifetime 0 seconds
visible_hostname `+companyProxy+`
`)
	c.start(port, "squid", "-N", "-f", c.path(name+".conf"))
	return port, logged
}

var proxyIs = regexp.MustCompile(`proxy=http://(\S+) `)

// through runs detour with an upstream proxy while visit uses it, and returns what it said.
func (c *company) through(program string, visit func(proxy string), args ...string) string {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, append([]string{ //nolint:gosec // our own program
		"run", "--ui", "none", "--json", "--listen", "127.0.0.1:0", "--capture", "none", "--ca-dir", c.path("ca"),
		"--map", companyProxy + "=127.0.0.1",
	}, args...)...)
	cmd.Env = c.env
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	var records strings.Builder
	cmd.Stdout = &records
	stderr, err := cmd.StderrPipe()
	if err != nil {
		c.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	said := ""
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		said += lines.Text() + "\n"
		if m := proxyIs.FindStringSubmatch(lines.Text()); m != nil {
			visit(m[1])
			cancel()
		}
	}
	_ = cmd.Wait()
	return said + records.String()
}

// ntlmHelper is a helper of squid for NTLM that believes everybody, but only after a
// challenge and in the form of MS-NLMP. squid's own ntlm_fake_auth 5.7 sends a challenge
// whose target is beyond its end.
const ntlmHelper = `#!/usr/bin/env python3
import base64, struct, sys
name, info = "CORP".encode("utf-16-le"), bytes(4)
challenge = b"NTLMSSP\0" + struct.pack("<IHHIIQQHHIQ", 2, len(name), len(name), 56, 0x880205, 0x1122334455667788, 0, len(info), len(info), 56 + len(name), 0) + name + info
for line in sys.stdin:
    kind, token = (line.split() + [""])[:2]
    b = base64.b64decode(token)
    if kind == "YR" and b[:12] == b"NTLMSSP\0\1\0\0\0":
        print("TT", base64.b64encode(challenge).decode(), flush=True)
    elif kind == "KK" and b[:12] == b"NTLMSSP\0\3\0\0\0":
        field = lambda at: b[struct.unpack_from("<I", b, at + 4)[0]:][:struct.unpack_from("<H", b, at)[0]].decode("utf-16-le")
        print("AF", field(28) + "\\" + field(36), flush=True)
    else:
        print("BH unexpected", flush=True)
`

// TestCompany_curlAndChromiumReachTheServerThroughSquid with each way to authenticate, by
// a proxy that is named, and by a PAC file whose first proxy is dead.
func TestCompany_curlAndChromiumReachTheServerThroughSquid(t *testing.T) {
	c := newCompany(t)
	detour := buildDetour(t)
	c.write("ntlm-helper", ntlmHelper)
	if err := os.Chmod(c.path("ntlm-helper"), 0o755); err != nil { //nolint:gosec // squid executes it
		t.Fatal(err)
	}
	for name, tc := range map[string]struct{ auth, user, logged string }{
		"basic": {"auth_param basic program /usr/lib/squid/basic_fake_auth", "me:s3cret@", " me "},
		"ntlm":  {"auth_param ntlm program " + c.path("ntlm-helper"), "CORP%5Cme:s3cret@", `CORP\\me `}, // squid escapes the backslash
		"negotiate": {
			"auth_param negotiate program /usr/lib/squid/negotiate_kerberos_auth -k " + c.path("keytab") + " -s HTTP/" + companyProxy, "",
			" me@" + companyRealm + " ",
		},
	} {
		t.Run(name, func(t *testing.T) {
			port, logged := c.squid(name, tc.auth)
			at := net.JoinHostPort(companyProxy, port)
			target := "https://" + net.JoinHostPort(companyTarget, c.target) + "/"
			pac := c.path(name + ".pac")
			c.write(name+".pac", `function FindProxyForURL(url, host) { return "PROXY 127.0.0.1:`+freePort(t)+`; PROXY `+at+`"; }`)
			ways := map[string]string{"named": "http://" + tc.user + at}
			if tc.user == "" {
				ways["by a PAC file"] = "pac+" + pac
			}
			for way, upstream := range ways {
				curl := func(proxy string) {
					out, err := exec.CommandContext(t.Context(), "curl", "-sk", "--max-time", "20", "--proxy", "http://"+proxy, target).CombinedOutput()
					if err != nil || string(out) != "arrived" {
						t.Errorf("curl, %s: %v %s", way, err, out)
					}
				}
				said := c.through(detour, curl, "--browser", "none", "--upstream-proxy", upstream)
				if t.Failed() {
					t.Logf("detour said\n%s", said)
				}
				if strings.Contains(said, "s3cret") {
					t.Errorf("%s: the password is in\n%s", way, said)
				}
				if way != "named" && (!strings.Contains(said, `"outcome":"refused"`) || !strings.Contains(said, `"pac":"PROXY 127.0.0.1:`)) {
					t.Errorf("%s: no attempt at the dead proxy, or no answer of the PAC file, in\n%s", way, said)
				}
			}
			c.chromium(t, detour, "http://"+tc.user+at, target, logged)
			b, err := os.ReadFile(logged)
			if lines := string(b); err != nil || !strings.Contains(lines, "TCP_TUNNEL/200") || !strings.Contains(lines, tc.logged) {
				t.Errorf("squid logged %v\n%s", err, lines)
			}
		})
	}
}

// chromium opens the target in a Chromium that detour starts.
func (c *company) chromium(t *testing.T, detour, upstream, target, logged string) {
	t.Helper()
	program, err := exec.LookPath("chromium")
	if err != nil {
		t.Log("without Chromium")
		return
	}
	browser := c.path("chromium")
	if err := os.WriteFile(browser, []byte("#!/bin/sh\nexec "+program+" --headless --disable-gpu --ignore-certificate-errors \"$@\" 2>/dev/null\n"), 0o700); err != nil { //nolint:gosec // it is executed
		t.Fatal(err)
	}
	tunnels := func() int {
		b, _ := os.ReadFile(logged)
		return strings.Count(string(b), "TCP_TUNNEL/200")
	}
	before, loaded := tunnels(), c.loaded.Load()
	c.through(detour, func(string) {
		for deadline := time.Now().Add(time.Minute); c.loaded.Load() == loaded; time.Sleep(50 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Error("Chromium requested nothing from the server")
				return
			}
		}
	}, "--browser", browser, "--upstream-proxy", upstream, target)
	for deadline := time.Now().Add(time.Minute); tunnels() == before; time.Sleep(50 * time.Millisecond) { // it is logged at its end
		if time.Now().After(deadline) {
			t.Error("squid logged no tunnel for Chromium")
			return
		}
	}
}
