package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"detour/internal/demo"
	"detour/internal/flow"
)

// browserHAR is the story as a browser's developer tools save it: without local addresses, and
// without those of requests that failed.
func browserHAR(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "console.har")
	ran(t, exitDone, "export", demoCapture(t), "--format", "har", "-o", file)
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var har struct {
		Log map[string]any `json:"log"`
	}
	if err := json.Unmarshal(b, &har); err != nil {
		t.Fatal(err)
	}
	har.Log["creator"] = map[string]any{"name": "WebInspector", "version": "537.36"}
	for name := range har.Log {
		if strings.HasPrefix(name, "_") {
			delete(har.Log, name)
		}
	}
	for _, e := range har.Log["entries"].([]any) {
		entry := e.(map[string]any)
		for name := range entry {
			if strings.HasPrefix(name, "_") {
				delete(entry, name)
			}
		}
		if entry["response"].(map[string]any)["status"] == float64(0) {
			delete(entry, "serverIPAddress")
		}
	}
	if err := os.WriteFile(file, []byte(jsonOf(har)), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// A HAR has no client's address, and none that didn't respond: nothing is proven, and the proof says
// what is missing, and what would stop the client.
func TestAccount_aHARProvesNothingAndAsksForTheClientsAddress(t *testing.T) {
	t.Parallel()
	har, dir := browserHAR(t), demoAccount(t)
	for _, x := range []struct {
		from, says, needs string
	}{
		{"", "the client's address isn't known", "--from CLIENT_ADDRESS"},
		{demo.ClientIP, "the client is " + demo.ClientIP, "dig "},
		{"10.0.9.9", "nothing in these files would stop it", "dig "},
	} {
		args := []string{"diagnose", har, "--account", dir, "--json"}
		if x.from != "" {
			args = append(args, "--from", x.from)
		}
		out, _ := ran(t, exitProblems, args...)
		var got struct{ Findings []flow.RecordFinding }
		if err := json.Unmarshal([]byte(out), &got); err != nil || len(got.Findings) == 0 {
			t.Fatalf("%v: %s", err, out)
		}
		p := got.Findings[0].Proof
		if p == nil || p.Verdict != flow.Unknown || p.Cause != nil || p.Fix != nil || !strings.Contains(p.Says, x.says) ||
			!strings.Contains(strings.Join(p.Needs, "\n"), x.needs) {
			t.Errorf("from %q: %s: %+v", x.from, got.Findings[0].Title, p)
			continue
		}
		if byHand := strings.Contains(strings.Join(p.Caveats, "\n"), "was given by hand"); byHand != (x.from != "") {
			t.Errorf("from %q: %q", x.from, p.Caveats)
		}
	}
}
