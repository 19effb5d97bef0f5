package main

import (
	"bytes"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"detour/internal/export"
	"detour/internal/flow"
	"detour/internal/machine"
)

// ofThisMachine are words that describe the machine that the test runs on.
func ofThisMachine(t *testing.T) (words []string) {
	t.Helper()
	var e flow.Environment
	machine.Describe(t.Context(), &e)
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	all, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	words = append(words, e.System, e.Kernel, `"`+e.OS+`"`, e.OS+" "+e.Arch)
	if len(host) > 4 { // a shorter one may be part of another word
		words = append(words, host)
	}
	for _, a := range all {
		ip, _, _ := strings.Cut(a.String(), "/")
		words = append(words, ip)
	}
	words = append(words, e.Nameservers...)
	return append(words, e.Search...)
}

// TestDemo_saysSoInEveryForm: whoever gets one form of it must not take it for their network,
// and it describes none but the demo's.
func TestDemo_saysSoInEveryForm(t *testing.T) {
	t.Parallel()
	demo := demoCapture(t)
	dir := t.TempDir()
	secret := ofThisMachine(t)
	check := func(name, text, sign string) {
		t.Helper()
		if !strings.Contains(text, sign) {
			t.Errorf("%s doesn't say that it is a demo: %.600s", name, text)
		}
		for _, w := range secret {
			if len(w) > 3 && strings.Contains(text, w) && w != "::1" {
				t.Errorf("%s has %q, which is this machine's", name, w)
			}
		}
	}
	output := func(args ...string) string {
		var out, errs bytes.Buffer
		if code := run(args, &out, &errs); code != exitDone && code != exitProblems {
			t.Fatalf("%v: exit code %d: %s", args, code, &errs)
		}
		return out.String()
	}
	signs := map[string]string{
		"har": `"comment":"a demo: `, "jsonl": `"simulated":true`, "csv": "redacted,true\n", "bundle": "",
	}
	files := map[string]string{"detour": demo}
	for _, privacy := range []string{"normal", "strict"} {
		for _, format := range export.Formats() {
			file := filepath.Join(dir, privacy+"."+format)
			output("export", demo, "--format", format, "-o", file, "--privacy", privacy)
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			sign, data := signs[format]
			if !data {
				sign = "emo" // of "a demo" or "Demo", in its first line
				if first, _, _ := strings.Cut(string(b), "\n"); format != "html" && !strings.Contains(first, sign) {
					t.Errorf("the first line of %s is %q", format, first)
				}
			}
			check(privacy+" "+format, unpacked(t, b), sign)
			if format == "har" || format == "jsonl" {
				files[privacy+" "+format] = file
			}
		}
	}
	for name, file := range files {
		check("diagnosis of "+name, output("diagnose", file), "a demo, simulated: ")
		check("diagnosis of "+name, output("diagnose", "--md", file), "a demo, simulated: ")
		check("diagnosis of "+name, output("diagnose", "--json", file), `"simulated":true`)
		check("report of "+name, output("export", file, "--format", "md"), "# detour report of a demo: ")
	}
	check("a comparison", output("diff", demo, chromeStory(t)), " of a demo, simulated")
	var records, errs bytes.Buffer
	if code := run([]string{"demo", "--ui", "none", "--json", "--healthy"}, &records, io.Writer(&errs)); code != exitDone {
		t.Fatal(errs.String())
	}
	for l := range strings.Lines(records.String()) {
		check("a record", l, `"simulated":true`)
	}
}
