package lab

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"detour/internal/demo"
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
	cmd := l.Command(t.Context(), "curl", append([]string{"-sS", "--cacert", ca, "--max-time", "10"}, args...)...)
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
	if out, code := l.curl(t, "--connect-timeout", "2", url); code != curlTimeout || time.Since(begin) < 2*time.Second {
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
		if err := ip("netns", "add", ns); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = ip("netns", "del", ns) }()
	}
	sweep()
	out, err := exec.Command("ip", "netns", "list").Output()
	if err != nil || strings.Contains(string(out), dead) || !strings.Contains(string(out), own) {
		t.Errorf("left: %s (%v)", out, err)
	}
}
