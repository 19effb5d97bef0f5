package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestRecorded_findingsNameTheCausesThatAreLeft: a finding of a HAR names the cause that the lab
// made, and none that the file rules out.
func TestRecorded_findingsNameTheCausesThatAreLeft(t *testing.T) {
	for name, v := range map[string]struct{ left, out string }{
		"chromium-dead-alias":       {left: "CNAME"},
		"chromium-empty-response":   {left: "proxy or firewall", out: "MTU"},
		"chromium-mtu-black-hole":   {left: "MTU"},
		"chromium-names-unanswered": {left: "a nameserver that doesn't respond", out: "consistent with addresses"},
		"chromium-sg-drop":          {left: "security group"},
		"chromium-sg-drop-patient":  {left: "security group", out: "Local Network Access"},
		"chromium-silent-tls":       {left: "TLS handshake", out: "consistent with addresses"},
		"firefox-filtered-sni":      {left: "SNI", out: "doesn't resolve"},
		"firefox-mtu-black-hole":    {left: "MTU"},
		"firefox-reset-on-hello":    {left: "resets the connection", out: "doesn't resolve"},
		"firefox-sg-drop":           {left: "security group"},
	} {
		found, err := diagnosedFile(filepath.Join(recordings, name+".har"))
		if err != nil || len(found) == 0 {
			t.Errorf("%s: %d findings, %v", name, len(found), err)
			continue
		}
		causes := strings.Join(append([]string{found[0].Title}, found[0].Alternatives...), "\n")
		if !strings.Contains(causes, v.left) {
			t.Errorf("%s: %q isn't in\n%s", name, v.left, causes)
		}
		if v.out != "" && strings.Contains(causes, v.out) {
			t.Errorf("%s: %q is in\n%s", name, v.out, causes)
		}
	}
}
