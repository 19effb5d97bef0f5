package main

import (
	"bytes"
	"strings"
	"testing"

	"detour/internal/export"
)

// TestExport_aPairedPreflightHasNoSecretInAnyFormat: the call that a preflight was for
// names it, and brings nothing else back.
func TestExport_aPairedPreflightHasNoSecretInAnyFormat(t *testing.T) {
	const path, secret = "../../internal/intake/testdata/preflight-error.har", "wJalrXUtnFEMI/K7MDENG"
	for _, format := range export.Formats() {
		for _, privacy := range []string{"normal", "strict"} {
			out, said := exported(t, path, "--format", format, "--privacy", privacy)
			whole := format == "har" || format == "jsonl" || format == "bundle"
			if strings.Contains(out+said, secret) || whole && !strings.Contains(out, "redacted:secret:") {
				t.Errorf("%s, %s:\n%s%s", format, privacy, out, said)
			}
		}
	}
	for _, args := range [][]string{{"diagnose", path, "--json"}, {"diagnose", path}, {"diff", path, path, "--json"}} {
		var out, said bytes.Buffer
		run(args, &out, &said)
		if strings.Contains(out.String()+said.String(), secret) {
			t.Errorf("%v:\n%s%s", args, out.String(), said.String())
		}
	}
}
