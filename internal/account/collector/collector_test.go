package collector

import (
	"context"
	"encoding/json"
	"errors"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"detour/internal/account"
	"detour/internal/account/folder"
	"detour/internal/account/plan"
	"detour/internal/flow"
	"detour/internal/fulltest"
)

// program is the AWS CLI of the system, Debian's if there are several.
func program(t *testing.T) string {
	t.Helper()
	if _, err := os.Stat("/usr/bin/aws"); err == nil {
		return "/usr/bin/aws"
	}
	p, err := exec.LookPath("aws")
	if err != nil {
		t.Skip("needs aws (Debian: awscli)")
	}
	return p
}

func config(dir, program string) Config {
	return Config{Dir: dir, Region: "eu-central-1", Program: program, Now: time.Now}
}

// prove is the proof of a folder for a client of whom logs doesn't answer.
func prove(t *testing.T, dir string) flow.Proof {
	t.Helper()
	c, err := folder.Read(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	began := time.Date(2026, 11, 25, 9, 14, 0, 0, time.UTC)
	f := &flow.Flow{
		ID: 1, State: flow.StateDone, Origin: flow.OriginDirect, Request: flow.Request{Method: "POST", URL: "https://logs.eu-central-1.amazonaws.com/"},
		AWS:   &flow.AWS{Service: "logs", Region: "eu-central-1", EndpointService: "com.amazonaws.eu-central-1.logs"},
		Conn:  &flow.Conn{ID: 1, Authority: "logs.eu-central-1.amazonaws.com:443", Start: began},
		Times: flow.Times{Start: began, Done: began.Add(22 * time.Second)},
	}
	for _, a := range []string{"10.64.16.31:443", "10.64.17.31:443"} {
		f.Conn.Attempts = append(f.Conn.Attempts, flow.DialAttempt{
			Addr: netip.MustParseAddrPort(a), Local: netip.MustParseAddrPort("172.22.40.17:61234"), Outcome: flow.DialTimeout, Start: began, Took: 21 * time.Second,
		})
	}
	parts := c.Study([]*flow.Flow{f}, began.Add(time.Minute), account.Client{}).Prove(flow.Finding{
		Code: "private-endpoint-unreachable", Level: flow.LevelProblem, Hosts: []string{"logs.eu-central-1.amazonaws.com"}, Flows: []flow.ID{1},
	})
	if len(parts) != 1 {
		t.Fatalf("%d proofs", len(parts))
	}
	return parts[0].Proof
}

// files are all of a folder, by name.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := make(map[string]string)
	all, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		data, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(data), "CANARY") {
			t.Errorf("%s has a key", f.Name())
		}
		out[f.Name()] = string(data)
	}
	return out
}

func indexOf(t *testing.T, text string) []account.IndexEntry {
	t.Helper()
	var x struct{ Files []account.IndexEntry }
	if err := json.Unmarshal([]byte(text), &x); err != nil {
		t.Fatalf("the index isn't whole: %v", err)
	}
	return x.Files
}

func wantGroup(t *testing.T, p flow.Proof) {
	t.Helper()
	if p.Verdict != flow.Proven || p.Cause.Object != "sg-0a" {
		t.Errorf("%s: %s, want proven by sg-0a", p.Verdict, p.Says)
	}
}

// The AWS CLI fetches every page, and what was collected proves what is so.
func TestRun_collectsAnAccount(t *testing.T) {
	aws := program(t)
	c := newCloud(t)
	c.throttle("DescribeSubnets")
	c.deny("DescribeClientVpnEndpoints")
	dir := filepath.Join(t.TempDir(), "an account's folder")
	cfg, said := config(dir, aws), ""
	cfg.Report = func(e account.IndexEntry) { said += Line(e) + "\n" }
	entries, err := Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	said += Summary(dir, entries)
	if strings.Contains(said, "CANARY") || !strings.Contains(said, "ok     describe-vpn-connections.json\n") ||
		!strings.Contains(said, "failed describe-client-vpn-endpoints.json An error") || !strings.Contains(said, ", 1 failed\nhint: detour account show ") {
		t.Errorf("it says\n%s", said)
	}
	got := files(t, dir)
	index := indexOf(t, got[account.IndexName])
	if len(index) != len(entries) {
		t.Errorf("the index has %d entries, want %d", len(index), len(entries))
	}
	for _, e := range index {
		_, written := got[e.File]
		switch denied := e.File == "describe-client-vpn-endpoints.json"; {
		case denied && (e.Status == 0 || !strings.Contains(e.Error, "UnauthorizedOperation") || written):
			t.Errorf("the refused command: %+v, written %t", e, written)
		case !denied && (e.Status != 0 || !written):
			t.Errorf("%s: %s", e.Command, e.Error)
		}
		if e.Account != "123456789012" || e.Region != "eu-central-1" || e.Time.IsZero() {
			t.Errorf("%+v doesn't say whose it is", e)
		}
	}
	if n := strings.Count(got["describe-network-interfaces.json"], `"NetworkInterfaceId"`); n != 2 {
		t.Errorf("%d of 2 pages of interfaces", n)
	}
	wantGroup(t, prove(t, dir))
}

// The printed commands make the same folder, whatever the folder is called.
func TestScript_collectsAnAccount(t *testing.T) {
	aws := program(t)
	for _, shell := range []string{"dash", "bash"} {
		if shell == "bash" && !fulltest.On() {
			continue // make full has it
		}
		t.Run(shell, func(t *testing.T) {
			sh, err := exec.LookPath(shell)
			if err != nil {
				t.Skip("needs " + shell)
			}
			c := newCloud(t)
			c.deny("DescribeClientVpnEndpoints")
			t.Setenv("PATH", filepath.Dir(aws)+":"+os.Getenv("PATH"))
			parent := t.TempDir()
			name := `-an "account's" $(folder)`
			cmd := exec.Command(sh) //nolint:gosec // a shell of the system
			cmd.Dir, cmd.Stdin = parent, strings.NewReader(plan.Script(name, "eu-central-1", ""))
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			files(t, filepath.Join(parent, name))
			wantGroup(t, prove(t, filepath.Join(parent, name)))
			if !strings.Contains(string(out), "describe-client-vpn-endpoints") {
				t.Errorf("the refused command isn't named: %s", out)
			}
		})
	}
}

func TestRun_saysThatNothingSucceeded(t *testing.T) {
	aws := script(t, "echo 'An error occurred (UnauthorizedOperation) when calling the operation: no' >&2; exit 254\n")
	dir := t.TempDir()
	entries, err := Run(t.Context(), config(dir, aws))
	if !errors.Is(err, ErrNothing) || len(entries) == 0 {
		t.Errorf("%d entries, %v", len(entries), err)
	}
	if got := files(t, dir); len(got) != 1 || len(indexOf(t, got[account.IndexName])) != len(entries) {
		t.Errorf("%d files, want the index alone", len(got))
	}
}

// script is a program that stands for the AWS CLI.
func script(t *testing.T, text string) string {
	t.Helper()
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("needs a POSIX shell")
	}
	path := filepath.Join(t.TempDir(), "aws")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o700); err != nil { //nolint:gosec // it is run
		t.Fatal(err)
	}
	return path
}

func TestRun_endsACommandThatHangs(t *testing.T) {
	cfg := config(t.TempDir(), script(t, "case \"$*\" in *client-vpn*) exec sleep 600;; *endpoints*) echo '{\"VpcEndpoints\": []}';; *) echo '{}';; esac\n"))
	cfg.Timeout = time.Second
	entries, err := Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(entries, func(e account.IndexEntry) bool { return e.File == "describe-client-vpn-endpoints.json" })
	if i < 0 || entries[i].Status == 0 || !strings.Contains(entries[i].Error, "1s") {
		t.Fatalf("%+v", entries)
	}
	if got := files(t, cfg.Dir); got[entries[i].File] != "" {
		t.Error("the output of a command that was ended is stored")
	}
}

// What is interrupted leaves whole files, and an index of these alone.
func TestRun_interruptedLeavesWholeFiles(t *testing.T) {
	cfg := config(t.TempDir(), script(t, "case \"$*\" in *client-vpn*) printf '{\"ClientVpn'; exec sleep 600;; *vpc-endpoints*) echo '{\"VpcEndpoints\": []}';; *) echo '{}';; esac\n"))
	ctx, cancel := context.WithCancel(t.Context())
	cfg.Report = func(account.IndexEntry) { time.AfterFunc(200*time.Millisecond, cancel) }
	began := time.Now()
	if _, err := Run(ctx, cfg); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("it took %v to end", took)
	}
	got := files(t, cfg.Dir)
	index := indexOf(t, got[account.IndexName])
	if len(index) != len(got)-1 {
		t.Errorf("the index has %d entries of %d files", len(index), len(got)-1)
	}
	for name, text := range got {
		if !json.Valid([]byte(text)) {
			t.Errorf("%s isn't whole: %q", name, text)
		}
	}
}
