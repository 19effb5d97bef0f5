package lab

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"detour/internal/demo"
	"detour/internal/lab/netns"
)

func up(t *testing.T, c Case) *Lab {
	t.Helper()
	if err := Available(); err != nil {
		t.Skip(err)
	}
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("curl is not installed")
	}
	l, err := Up(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l
}

// curl runs inside the client and returns what it printed, and curl's exit code.
func (l *Lab) curl(t *testing.T, args ...string) (string, int) {
	t.Helper()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, l.CAPEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := l.Command(t.Context(), "curl", append([]string{"-sS", "--cacert", ca, "--max-time", "60"}, args...)...)
	out, _ := cmd.CombinedOutput()
	return string(out), cmd.ProcessState.ExitCode()
}

const (
	curlRefused = 7
	curlTimeout = 28
)

func TestLab_theConsoleAnswersWhateverTheCase(t *testing.T) {
	l := up(t, CaseSGDrop)
	for _, proto := range []string{"--http2", "--http1.1"} {
		out, code := l.curl(t, proto, "-w", "%{http_version} %{remote_ip} %{local_ip}", demo.Pages()[0].URL())
		if code != 0 || !strings.Contains(out, "EC2 instance") || !strings.Contains(out, demo.ConsoleIP+" "+demo.ClientIP) {
			t.Errorf("%s: %d %s", proto, code, out)
		}
	}
}

func TestLab_casesDecideWhatTheEndpointsDo(t *testing.T) {
	l := up(t, CaseSGDrop)
	url := "https://" + demo.MetricsHost + "/"
	begin := time.Now()
	known := demo.MetricsHost + ":443:10.0.1.23" // a nameserver's time would be a part of the two seconds
	if out, code := l.curl(t, "--resolve", known, "--connect-timeout", "2", url); code != curlTimeout || time.Since(begin) < 2*time.Second {
		t.Errorf("drop: %d %s", code, out)
	}
	if n, err := l.Packets(); err != nil || n < 2 {
		t.Errorf("%d SYNs arrived (%v), want the first and at least one more", n, err)
	}
	if err := l.SetCase(CaseRST); err != nil {
		t.Fatal(err)
	}
	if out, code := l.curl(t, url); code != curlRefused {
		t.Errorf("RST: %d %s", code, out)
	}
	if err := l.SetCase(CaseHealthy); err != nil {
		t.Fatal(err)
	}
	out, code := l.curl(t, "-w", " %{remote_ip}", "-H", "x-amz-target: A.DescribeAlarms", "-H", "authorization: AWS4-x", url)
	if code != 0 || !strings.Contains(out, "DescribeAlarms") || !strings.Contains(out, "10.0.1.23") {
		t.Errorf("healthy: %d %s", code, out)
	}
	if err := l.SetCase("no such"); err == nil {
		t.Error("an unknown case is accepted")
	}
}

func TestLab_leavesNothingBehind(t *testing.T) {
	l := up(t, CaseHealthy)
	name := strings.TrimSuffix(l.Client, "client")
	l.Close()
	l.Close()
	out, err := exec.Command("ip", "netns", "list").Output()
	if err != nil || strings.Contains(string(out), name) {
		t.Errorf("namespaces: %s %v", out, err)
	}
	if left, _ := filepath.Glob("/etc/netns/" + name + "*"); left != nil {
		t.Errorf("files: %v", left)
	}
}

func TestLab_sweepsUpAfterTheDead(t *testing.T) {
	if err := Available(); err != nil {
		t.Skip(err)
	}
	const dead, own = "detour-4194304-1-client", "detour-1-1-client" // beyond the kernel's largest id, and init's
	for _, ns := range []string{dead, own} {
		if err := netns.IP("netns", "add", ns); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = netns.IP("netns", "del", ns) }()
	}
	netns.Prefix() // sweeps
	out, err := exec.Command("ip", "netns", "list").Output()
	if err != nil || strings.Contains(string(out), dead) || !strings.Contains(string(out), own) {
		t.Errorf("left: %s (%v)", out, err)
	}
}

// TestLab_faultsAreWhatTheyClaim: what curl says of each fault, without detour. See EXIT
// CODES in curl(1).
func TestLab_faultsAreWhatTheyClaim(t *testing.T) {
	l := up(t, CaseHealthy)
	const ok, unresolved, gotNothing, receive, reset, untrusted = 0, 6, 52, 56, 35, 60
	metrics, console := "https://"+demo.MetricsHost+"/", "https://"+demo.ConsoleHost+"/ec2/home"
	for _, tc := range []struct {
		state    Case
		url      string
		codes    []int
		min, max time.Duration
		says     string
	}{
		{CasePublicDrop, metrics, []int{curlTimeout}, 2 * time.Second, 3 * time.Second, ""},
		{CaseSNIReset, metrics, []int{reset}, 0, time.Second, ""},
		{CaseLate, metrics, []int{ok}, 3 * time.Second, 4 * time.Second, ""},
		{CaseLater, metrics, []int{ok}, 5500 * time.Millisecond, 9 * time.Second, ""},
		{CaseFakeDead, metrics, []int{curlTimeout}, 2 * time.Second, 3 * time.Second, ""},
		{CaseFake, metrics, []int{ok}, 0, time.Second, ""},
		{CaseSinkZero, metrics, []int{curlRefused}, 0, time.Second, ""},
		{CaseSinkLoopback, metrics, []int{curlRefused}, 0, time.Second, ""},
		{CaseSinkNobody, metrics, []int{curlTimeout}, 2 * time.Second, 3 * time.Second, ""},
		{CaseDeadAlias, metrics, []int{unresolved}, 0, time.Second, ""},
		{CaseNSNoRoute, metrics, []int{unresolved, curlTimeout}, 0, 3 * time.Second, ""},
		{CaseNSRefused, metrics, []int{unresolved, curlTimeout}, 0, 3 * time.Second, ""},
		{CaseExpired, metrics, []int{untrusted}, 0, time.Second, "expired"},
		{CaseExpired, "https://" + demo.LogsHost + "/", []int{ok}, 0, time.Second, ""},
		{CaseGatewayRedirect, metrics, []int{ok}, 0, time.Second, "302"},
		{CaseGatewayHTML, metrics, []int{ok}, 0, time.Second, "blocked"},
		{CaseGatewayJSON, metrics, []int{ok}, 0, time.Second, "policy"},
		{CaseEmpty, metrics, []int{gotNothing, receive}, 0, time.Second, ""},
		{CaseUnhurried, metrics, []int{ok}, time.Second, 2 * time.Second, ""},
		{CasePortal, console, []int{untrusted}, 0, time.Second, ""},
		{CasePortalRedirect, console, []int{ok}, 0, time.Second, "302"},
		{CaseOffline, console, []int{unresolved, curlTimeout}, 0, 3 * time.Second, ""},
		{CaseVPNDeath, console, []int{unresolved, curlTimeout}, 2 * time.Second, 3 * time.Second, ""},
		{CaseHealthy, console, []int{ok}, 0, time.Second, ""},
	} {
		if err := l.SetCase(tc.state); err != nil {
			t.Errorf("%s: %v", tc.state, err)
			continue
		}
		limit := "2"
		if tc.codes[0] == ok {
			limit = "20" // curl gives each of two addresses half of it
		}
		for end := time.Now().Add(time.Minute); ; {
			begin := time.Now()
			out, code := l.curl(t, "--max-time", limit, "-w", " %{http_code}", tc.url)
			took := time.Since(begin)
			if slices.Contains(tc.codes, code) && took >= tc.min && took <= tc.max && strings.Contains(out, tc.says) {
				break
			}
			if took <= tc.max || begin.After(end) { // later, it may be for what else the machine does
				t.Errorf("%s: curl ends with %d after %v: %s", tc.state, code, took, out)
				break
			}
		}
	}
}
