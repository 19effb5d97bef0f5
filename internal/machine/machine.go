// Package machine reads facts about this machine and its network: the system, routes and
// proxy settings for a capture ([Describe]), the routing table ([RoutingTable]), and
// changes of the network during a run ([Watch]). What can't be read stays empty.
package machine

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"detour/internal/flow"
)

// maxRoutes bounds the lines of routes in a capture.
const maxRoutes = 200

// commandTime is how long each command may take.
const commandTime = 2 * time.Second

// Describe fills in system, routes, proxy settings and tools of e.
func Describe(ctx context.Context, e *flow.Environment) {
	has := Commands()
	e.OS, e.Arch, e.DNSTools = has.OS, runtime.GOARCH, has.DNSTools
	e.System, e.Kernel = system(ctx), kernel()
	e.Routes = routes(ctx)
	e.Proxies = Proxies(os.Getenv)
}

// Commands returns what a machine's commands depend on, and nothing else of it: the system and the
// programs for DNS queries.
func Commands() *flow.Environment {
	return &flow.Environment{OS: runtime.GOOS, DNSTools: dnsTools(exec.LookPath)}
}

// dnsTools are the programs for DNS queries that lookPath finds.
func dnsTools(lookPath func(string) (string, error)) (out []string) {
	for _, name := range []string{"dig", "nslookup", "resolvectl"} {
		if _, err := lookPath(name); err == nil {
			out = append(out, name)
		}
	}
	return out
}

func system(ctx context.Context) string {
	switch runtime.GOOS {
	case "linux":
		b, _ := os.ReadFile("/etc/os-release")
		return prettyName(b)
	case "darwin":
		return "macOS " + strings.TrimSpace(string(output(ctx, "sw_vers", "-productVersion")))
	case "windows":
		return strings.TrimSpace(string(output(ctx, "cmd", "/c", "ver")))
	}
	return ""
}

// prettyName is the system's name in os-release(5).
func prettyName(file []byte) string {
	for line := range strings.Lines(string(file)) {
		if v, ok := strings.CutPrefix(strings.TrimSpace(line), "PRETTY_NAME="); ok {
			return strings.Trim(v, `"'`)
		}
	}
	return ""
}

func kernel() string {
	b, _ := os.ReadFile("/proc/sys/kernel/osrelease") // only Linux has it
	return strings.TrimSpace(string(b))
}

// routes are as the system's own command prints them.
func routes(ctx context.Context) []string {
	switch runtime.GOOS {
	case "linux":
		return append(lines(output(ctx, "ip", "-4", "route")), lines(output(ctx, "ip", "-6", "route"))...)
	case "windows":
		return lines(output(ctx, "route", "print"))
	}
	return lines(output(ctx, "netstat", "-rn"))
}

func lines(b []byte) (out []string) {
	s := bufio.NewScanner(bytes.NewReader(b))
	for s.Scan() && len(out) < maxRoutes {
		if line := strings.TrimSpace(s.Text()); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// output is what a command prints; nothing if it isn't installed.
func output(ctx context.Context, name string, args ...string) []byte {
	ctx, cancel := context.WithTimeout(ctx, commandTime)
	defer cancel()
	out, _ := exec.CommandContext(ctx, name, args...).Output()
	return out
}

// Proxies returns the proxy variables of an environment, without passwords: those that
// detour reads, and HTTP_PROXY, which other programs read.
func Proxies(getenv func(string) string) map[string]string {
	out := make(map[string]string)
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"} {
		if v := getenv(name); v != "" {
			out[name] = bare(v)
		}
	}
	return out
}

// bare removes the user and the password from a proxy's URL, whatever is in them.
func bare(v string) string {
	at := strings.LastIndexByte(v, '@')
	if at < 0 {
		return v
	}
	scheme, _, ok := strings.Cut(v[:at], "://")
	if !ok {
		return v[at+1:]
	}
	return scheme + "://" + v[at+1:]
}
