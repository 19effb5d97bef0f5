package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"detour/internal/demo"
	"detour/internal/flow"
)

// demoAccount writes the simulated account's files to a folder.
func demoAccount(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	files, err := demo.Account(false)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// ran runs the program, which must end with one of the codes, and returns its output.
func ran(t *testing.T, code int, args ...string) (stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	if got := run(args, &out, &errs); got != code {
		t.Fatalf("%v: exit code %d, want %d: %s", args, got, code, &errs)
	}
	return out.String(), errs.String()
}

func TestAccount_provesTheStory(t *testing.T) {
	t.Parallel()
	capture, dir := demoCapture(t), demoAccount(t)
	out, _ := ran(t, exitProblems, "diagnose", capture, "--account", dir, "--json")
	var got struct {
		Account  flow.AccountReport
		Findings []flow.RecordFinding
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	p := got.Findings[0].Proof
	if p == nil || p.Verdict != flow.Proven || p.Cause.Check != flow.CheckSecurityGroup || p.Fix == nil {
		t.Fatalf("the first finding's proof is %+v", p)
	}
	if got.Account.Files != 9 || len(got.Account.Problems) > 0 || !strings.Contains(got.Findings[0].Title, p.Cause.Object) {
		t.Errorf("the account is %+v, and the title is %q", got.Account, got.Findings[0].Title)
	}
	for _, format := range []string{"md", "html", "txt", "jira"} {
		if out, _ := ran(t, exitDone, "export", capture, "--account", dir, "--format", format, "-o", "-"); !strings.Contains(out, p.Cause.Object) {
			t.Errorf("the cause isn't in %s", format)
		}
	}
}

// The account's IDs and addresses are as much an identity as those of the flows.
func TestAccount_strictReportsHaveNames(t *testing.T) {
	t.Parallel()
	capture, dir := demoCapture(t), demoAccount(t)
	for _, format := range []string{"md", "html", "txt", "slack", "jira"} {
		out, _ := ran(t, exitDone, "export", capture, "--account", dir, "--format", format, "--privacy", "strict", "-o", "-")
		out = unpacked(t, []byte(out))
		if !strings.Contains(out, "sg-1") {
			t.Errorf("%s has no proof", format)
		}
		for _, secret := range []string{
			"sg-faa8b71829420961e", "vpce-5c3b", "acl-dee6", "rtb-84c3", "eni-19af", "10.0.0.0/16", "172.16.", demo.ClientIP, "123456789012",
		} {
			if strings.Contains(out, secret) {
				t.Errorf("%s has %q", format, secret)
			}
		}
	}
}

func TestAccountCheck_saysWhoBreaks(t *testing.T) {
	t.Parallel()
	dir := demoAccount(t)
	out, _ := ran(t, exitProblems, "account", "check", dir, "--from", "172.16.0.0/15")
	for _, want := range []string{"2 would not respond", "logs.ap-northeast-1.amazonaws.com", "would break: EC2 › Monitoring tab: GetMetricData"} {
		if !strings.Contains(out, want) {
			t.Errorf("it doesn't say %q:\n%s", want, out)
		}
	}
	if out, _ := ran(t, exitDone, "account", "check", dir, "--from", "10.0.9.9"); !strings.Contains(out, "0 would not respond") {
		t.Errorf("a client in the VPC:\n%s", out)
	}
	for _, args := range [][]string{
		{"account", "check", dir},
		{"account", "check", dir, "--from", "office"},
		{"account", "check", dir, "--from", "172.16.0.0/99"},
		{"account", "check", dir, "--from", "172.16.8.5", "--resolver", "dns"},
		{"account", "check"},
		{"account", "delete"},
		{"account", "collect", dir},
		{"diagnose", "x.har", "--from", "172.16.8.5"},
	} {
		if _, errs := ran(t, exitUsage, args...); !strings.Contains(errs, "hint: ") {
			t.Errorf("%v: %s", args, errs)
		}
	}
}

// A folder without anything of an account is a mistake for every command, not an account that lacks
// everything.
func TestAccount_nothingWasFound(t *testing.T) {
	t.Parallel()
	capture, empty, other := demoCapture(t), t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "notes.txt"), []byte("not an output"), 0o600); err != nil {
		t.Fatal(err)
	}
	for dir, why := range map[string]string{empty: "", other: ": notes.txt: not read"} {
		for _, args := range [][]string{
			{"account", "show", dir},
			{"account", "check", dir, "--from", "172.16.8.5"},
			{"diagnose", capture, "--account", dir},
			{"export", capture, "--account", dir, "--format", "md"},
		} {
			out, errs := ran(t, exitFailed, args...)
			if out != "" || !strings.Contains(errs, "nothing of an AWS account's configuration was found in "+dir+why) ||
				!strings.Contains(errs, "hint: detour account collect DIR --region REGION") {
				t.Errorf("%v: %s%s", args, out, errs)
			}
		}
	}
}

func TestAccountShow_saysWhatIsMissing(t *testing.T) {
	t.Parallel()
	out, _ := ran(t, exitDone, "account", "show", demoAccount(t))
	for _, want := range []string{"9 files, account 123456789012, Region ap-northeast-1", "ec2 describe-security-groups", "missing", "directconnect describe-virtual-interfaces"} {
		if !strings.Contains(out, want) {
			t.Errorf("it doesn't say %q:\n%s", want, out)
		}
	}
}

// Whoever gets the bundle can prove the finding again.
func TestAccount_aBundleHasTheFilesThatDecide(t *testing.T) {
	t.Parallel()
	capture, dir := demoCapture(t), demoAccount(t)
	bundle := filepath.Join(t.TempDir(), "ticket.zip")
	ran(t, exitDone, "export", capture, "--account", dir, "--account-files", "-o", bundle)
	in, err := zip.OpenReader(bundle)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	again := t.TempDir()
	for _, f := range in.File {
		if name, ok := strings.CutPrefix(f.Name, "account/"); ok {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			data, err := io.ReadAll(r)
			if err != nil || strings.Contains(string(data), "Tags") {
				t.Errorf("%s has tags, or %v", name, err)
			}
			if err := os.WriteFile(filepath.Join(again, name), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	if out, _ := ran(t, exitProblems, "diagnose", capture, "--account", again, "--json"); !strings.Contains(out, `"verdict":"proven"`) {
		t.Errorf("the bundle's files prove nothing: %s", out)
	}
	if _, errs := ran(t, exitUsage, "export", capture, "--account-files", "-o", bundle); !strings.Contains(errs, "hint: ") {
		t.Error(errs)
	}
}

// What a run proved is said of its capture without the account, as something that isn't checked, and
// without what would change the account.
func TestAccount_aProofThatWasRecorded(t *testing.T) {
	t.Parallel()
	const line = "While recording, detour proved this from the account's configuration"
	capture, dir := demoCapture(t, "--account"), demoAccount(t)
	const object = "sg-faa8b71829420961e"
	for _, args := range [][]string{
		{"diagnose", capture},
		{"diagnose", capture, "--md"},
		{"diagnose", capture, "--json"},
		{"export", capture, "--format", "md"},
		{"export", capture, "--format", "jira"},
		{"export", capture, "--format", "html"},
	} {
		code := exitDone
		if args[0] == "diagnose" {
			code = exitProblems
		}
		out, _ := ran(t, code, args...)
		out = strings.ReplaceAll(unpacked(t, []byte(out)), "&#39;", "'")
		if !strings.Contains(out, line) || !strings.Contains(out, "security group "+object+" stops it") || !strings.Contains(out, "not checked again") {
			t.Errorf("%v doesn't say what was proved: %.2000s", args, out)
		}
		if strings.Contains(out, "--group-id "+object) || strings.Contains(out, "because of security group") {
			t.Errorf("%v says it as if it was proved now", args)
		}
	}
	if out, _ := ran(t, exitProblems, "diagnose", capture, "--account", dir); strings.Contains(out, line) || !strings.Contains(out, "because of security group "+object) {
		t.Errorf("with the account:\n%s", out)
	}
	out, _ := ran(t, exitDone, "export", capture, "--format", "md", "--privacy", "strict")
	if !strings.Contains(out, line) || strings.Contains(out, object) || strings.Contains(out, demo.ClientIP) {
		t.Errorf("under strict privacy:\n%s", out)
	}
}

// JSON Lines that were written under strict privacy have stand-ins, which may be real addresses.
func TestAccount_strictJSONLinesProveNothing(t *testing.T) {
	t.Parallel()
	capture, dir := demoCapture(t), demoAccount(t)
	lines := filepath.Join(t.TempDir(), "strict.jsonl")
	ran(t, exitDone, "export", capture, "--privacy", "strict", "-o", lines)
	out, _ := ran(t, exitProblems, "diagnose", lines, "--account", dir, "--json")
	var got diagnosis
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	if got.Privacy != flow.PrivacyStrict || got.Account == nil || len(got.Findings) == 0 {
		t.Fatalf("%.1000s", out)
	}
	p := got.Findings[0].Proof
	if p == nil || p.Verdict != flow.Unknown || !strings.Contains(p.Says, "written under strict privacy") || p.Cause != nil || p.Fix != nil {
		t.Errorf("the proof is %+v", p)
	}
	if text, _ := ran(t, exitProblems, "diagnose", lines, "--account", dir); !strings.Contains(text, "unknown: the flows were written under strict privacy") {
		t.Errorf("it doesn't say why:\n%s", text)
	}
}
