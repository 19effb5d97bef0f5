// Package machine reads what a ticket has to say of the machine that a capture was
// made on: system, routes, proxy settings. What can't be read stays empty.
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

// maxRoutes bounds the lines of routes that are kept.
const maxRoutes = 200

// patience bounds each program that is asked.
const patience = 2 * time.Second

// Describe fills in system, routes and proxy settings of e.
func Describe(ctx context.Context, e *flow.Environment) {
	e.OS, e.Arch = runtime.GOOS, runtime.GOARCH
	e.System, e.Kernel = system(ctx), kernel()
	e.Routes = routes(ctx)
	e.Proxies = Proxies(os.Getenv)
}

func system(ctx context.Context) string {
	switch runtime.GOOS {
	case "linux":
		b, _ := os.ReadFile("/etc/os-release")
		return prettyName(b)
	case "darwin":
		return "macOS " + strings.TrimSpace(string(ask(ctx, "sw_vers", "-productVersion")))
	case "windows":
		return strings.TrimSpace(string(ask(ctx, "cmd", "/c", "ver")))
	}
	return ""
}

// prettyName is what os-release(5) calls the system.
func prettyName(file []byte) string {
	for line := range strings.Lines(string(file)) {
		if v, ok := strings.CutPrefix(strings.TrimSpace(line), "PRETTY_NAME="); ok {
			return strings.Trim(v, `"'`)
		}
	}
	return ""
}

func kernel() string {
	b, _ := os.ReadFile("/proc/sys/kernel/osrelease") // Linux alone has it
	return strings.TrimSpace(string(b))
}

// routes are as the system's own program prints them.
func routes(ctx context.Context) []string {
	switch runtime.GOOS {
	case "linux":
		return append(lines(ask(ctx, "ip", "-4", "route")), lines(ask(ctx, "ip", "-6", "route"))...)
	case "windows":
		return lines(ask(ctx, "route", "print"))
	}
	return lines(ask(ctx, "netstat", "-rn"))
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

// ask returns what a program prints; nothing if it isn't there.
func ask(ctx context.Context, name string, args ...string) []byte {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	out, _ := exec.CommandContext(ctx, name, args...).Output()
	return out
}

// Proxies are the proxy settings of an environment, without passwords.
func Proxies(getenv func(string) string) map[string]string {
	out := make(map[string]string)
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"} {
		if v := getenv(name); v != "" {
			out[name] = bare(v)
		}
	}
	return out
}

// bare takes the user out of a proxy's URL, whatever is in its name or password.
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
