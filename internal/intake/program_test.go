package intake

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestProgram_onlyANameAndAVersionStay(t *testing.T) {
	for in, want := range map[string][2]string{ // not strictly, strictly
		"":                             {"", ""},
		"WebInspector 537.36":          {"WebInspector 537.36", "WebInspector 537.36"},
		"mitmproxy har_dump 0.1":       {"mitmproxy har_dump 0.1", "mitmproxy har_dump 0.1"},
		"Charles Proxy 4.6.4b2":        {"Charles Proxy 4.6.4b2", "Charles Proxy 4.6.4b2"},
		"detour v0.0.0-2026-abcdef123": {"detour v0.0.0-2026-abcdef123", "detour v0.0.0-2026-abcdef123"},
		"Acme Recorder 2.0":            {"Acme Recorder 2.0", unknownProgram},
		"Acme Recorder (bob's)":        {"Acme Recorder", unknownProgram},
		"9f8e7d6c5b4a 1.0":             {unknownProgram, unknownProgram},
		"WebInspector 9f8e7d6c5b4a":    {"WebInspector", "WebInspector"},
		"a\x1b[31m 1":                  {unknownProgram, unknownProgram},
		strings.Repeat("x", 200):       {unknownProgram, unknownProgram},
		unknownProgram:                 {unknownProgram, unknownProgram},
	} {
		if got := [2]string{program(in, false), program(in, true)}; got != want {
			t.Errorf("%q is %q; want %q", in, got, want)
		}
	}
}

func TestRead_theCreatorOfAForeignHARIsAProgram(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.har")
	const har = `{"log":{"creator":{"name":"CANARY of b0b@corp.example","version":"token=CANARY"},"browser":{"name":"CANARY1234"},"comment":"CANARY",
		"entries":[{"comment":"password=CANARY","request":{"method":"GET","url":"https://h/"}}]}}`
	if err := os.WriteFile(path, []byte(har), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, strict := range []bool{false, true} {
		got, err := Reader{Tables: load(t), Whole: true, Strict: strict}.Read(t.Context(), path)
		if err != nil || got.Creator != unknownProgram || strings.Contains(got.Flows[0].Note, "CANARY") {
			t.Errorf("strict %v: written by %q, note %q: %v", strict, got.Creator, got.Flows[0].Note, err)
		}
	}
}
