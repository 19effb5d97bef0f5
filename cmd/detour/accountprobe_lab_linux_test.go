package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"detour/internal/demo"
	"detour/internal/flow"
	"detour/internal/lab"
)

// TestLab_probeProves probes the story's hosts with the account's configuration.
func TestLab_probeProves(t *testing.T) {
	t.Parallel()
	l, program, ca := labFor(t, lab.CaseSGDrop)
	dir := demoAccount(t)
	probe := func(extra ...string) (stdout, stderr string) {
		t.Helper()
		args := append([]string{"probe", "--upstream-proxy", "none", "--upstream-ca", ca, "--account", dir}, extra...)
		cmd := l.Command(t.Context(), program, append(args, demo.MetricsHost, demo.LogsHost)...)
		var out, errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &errs
		if _ = cmd.Run(); cmd.ProcessState.ExitCode() != exitProblems {
			t.Fatalf("exit code %d: %s", cmd.ProcessState.ExitCode(), &errs)
		}
		return out.String(), errs.String()
	}
	out, said := probe("--json")
	const group = "sg-faa8b71829420961e"
	dec := json.NewDecoder(strings.NewReader(out))
	for _, host := range []string{demo.MetricsHost, demo.LogsHost} {
		var rec struct {
			Account  *flow.AccountReport
			Request  flow.RecordRequest
			Findings []flow.RecordFinding
		}
		if err := dec.Decode(&rec); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(rec.Request.URL, host) || rec.Account == nil || rec.Account.Files != 9 || len(rec.Findings) == 0 {
			t.Fatalf("%s: %+v", host, rec)
		}
		p := rec.Findings[0].Proof
		if p == nil || p.Verdict != flow.Proven || p.Cause.Object != group || p.Fix == nil || !strings.Contains(p.Fix.CLI[0], demo.ClientIP+"/32") {
			t.Errorf("%s: the proof is %+v", host, p)
		}
	}
	for _, want := range []string{"because of security group " + group, "proven: ", "aws ec2 authorize-security-group-ingress"} {
		if !strings.Contains(said, want) {
			t.Errorf("stderr with --json doesn't say %q:\n%s", want, said)
		}
	}
	if _, said := probe(); !strings.Contains(said, "because of security group "+group) {
		t.Errorf("the text doesn't say the cause:\n%s", said)
	}
	// The records can be read again, and proven again.
	file := filepath.Join(t.TempDir(), "probe.jsonl")
	if err := os.WriteFile(file, []byte(out), 0o600); err != nil {
		t.Fatal(err)
	}
	if again, errs := ran(t, exitProblems, "diagnose", file, "--account", dir); !strings.Contains(again, "because of security group "+group) || strings.Contains(again, "couldn't be read") {
		t.Errorf("%s\n%s", again, errs)
	}
}
