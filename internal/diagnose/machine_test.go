package diagnose

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"detour/internal/flow"
)

// TestRules_commandsOfWindowsAreForItsShells: PowerShell and cmd have neither the tools of Unix nor its
// quotes: to cmd, ' is a letter. curl without .exe may be PowerShell's own.
func TestRules_commandsOfWindowsAreForItsShells(t *testing.T) {
	seen := make(map[string]bool)
	for code, flows := range firing() {
		for _, found := range RunOn(&flow.Environment{OS: "windows", DNSTools: []string{"nslookup"}}, flows, t0.Add(time.Hour)) {
			for _, s := range found.Try {
				if s.Command == "" || strings.Contains(s.Text, "n Linux") || strings.HasPrefix(s.Text, "On ") {
					continue // of a HAR, whose machine may be any
				}
				program, _, _ := strings.Cut(s.Command, " ")
				seen[program] = true
				outside := "" // of quotes
				for i, part := range strings.Split(s.Command, `"`) {
					if i%2 == 0 {
						outside += part
					}
				}
				for _, r := range s.Command {
					if r > '~' {
						t.Errorf("%s, in the trial of %s: not ASCII: %s", found.Code, code, s.Command)
						break
					}
				}
				if strings.ContainsAny(outside, "'<>&^") || strings.ContainsAny(s.Command, "`$") || strings.Contains(s.Command, "/dev/null") ||
					strings.ContainsAny(outside, "|;") && !strings.HasSuffix(s.Text, "(PowerShell)") {
					t.Errorf("%s, in the trial of %s: not for cmd and PowerShell: %s", found.Code, code, s.Command)
				}
			}
		}
	}
	for _, program := range []string{"curl", "openssl", "dig", "ip", "nc", "cat", "ulimit", "resolvectl"} {
		if seen[program] {
			t.Errorf("%s isn't a program of Windows", program)
		}
	}
	for _, program := range []string{"Resolve-DnsName", "Find-NetRoute", "Test-NetConnection", "curl.exe", "aws", "detour"} {
		if !seen[program] {
			t.Errorf("no trial has %s", program)
		}
	}
}

// firing are the flows of each rule's trial, and of some dials that failed on this machine.
func firing() map[string][]*flow.Flow {
	out := map[string][]*flow.Flow{
		"a refused connect":   {outcomes(call(2, flow.OriginDirect, logs, "A", "203.0.113.5"), time.Millisecond, flow.DialRefused)},
		"no route":            {outcomes(call(2, flow.OriginDirect, logs, "A", "203.0.113.5"), time.Millisecond, flow.DialUnreachable)},
		"a reset ClientHello": {handshakeOf(2, logs, flow.TLSInfo{Outcome: flow.TLSReset})},
		"a refused connect to a private address": {
			outcomes(call(2, flow.OriginDirect, logs, "A", private), time.Millisecond, flow.DialRefused),
		},
	}
	out["a connection that ends"] = byID(trials()["connection-broken"].fires)
	for _, name := range []string{"a reset ClientHello", "a connection that ends"} {
		for _, f := range out[name] {
			if f.Conn != nil {
				f.Conn.Attempts[0].Addr = netip.MustParseAddrPort("203.0.113.5:443")
			}
		}
	}
	for code, trial := range trials() {
		out[code] = byID(trial.fires)
	}
	return out
}

// TestRules_aDialThatFailsIsConsistentWithAProxyThatWasNotUsed: the system's settings have one,
// and no connection went through it.
func TestRules_aDialThatFailsIsConsistentWithAProxyThatWasNotUsed(t *testing.T) {
	on := func(flag, text string) *flow.Environment {
		return &flow.Environment{OS: "windows", UnusedProxy: &flow.SystemProxy{Source: "Windows", Text: text, Flag: flag}}
	}
	says := func(f flow.Finding) (because, alternatives, first, last string) {
		return strings.Join(f.Because, "\n"), strings.Join(f.Alternatives, "\n"), f.Try[0].Command, f.Try[len(f.Try)-1].Command
	}
	const consistent = "no connection used the proxy http://p:1 (the system's settings: Windows): " +
		"consistent with a network that reaches AWS through a proxy only"
	found := make(map[string]bool)
	for _, flows := range firing() {
		for i, f := range RunOn(on("system", "the proxy http://p:1"), flows, t0.Add(time.Hour)) {
			because, _, first, _ := says(flow.Finding{Because: f.Because, Alternatives: f.Alternatives, Try: append(f.Try, flow.NextStep{})})
			if !strings.Contains(because, consistent) {
				continue
			}
			found[f.Code] = true
			if strings.Contains(f.Title+because, private) {
				t.Errorf("%s says it of private addresses: %s", f.Code, because)
			}
			if !strings.HasPrefix(first, "detour probe --upstream-proxy system ") {
				t.Errorf("%s: the first step is %q", f.Code, first)
			}
			f = RunOn(on("wpad", "a PAC file that is searched for (WPAD)"), flows, t0.Add(time.Hour))[i]
			if because, alternatives, _, last := says(f); strings.Contains(because, "proxy") || !strings.Contains(alternatives, "(WPAD)") ||
				last != "detour run --upstream-proxy wpad" {
				t.Errorf("%s, with WPAD: %q, %q, %q", f.Code, because, alternatives, last)
			}
			// A capture is foreign text.
			f = RunOn(on("system; rm -r x", "x\x1b[2J"), flows, t0.Add(time.Hour))[i]
			if because, _, first, _ := says(f); strings.Contains(first, "rm") || strings.Contains(because, "\x1b") {
				t.Errorf("%s: %q, %q", f.Code, because, first)
			}
		}
	}
	for _, code := range []string{"connect-timeout", "connect-refused", "connect-unreachable", "dns-failed", "connection-broken", "tls-failed"} {
		if !found[code] {
			t.Errorf("%s doesn't say it", code)
		}
	}
	for _, code := range []string{"upstream-proxy-failed", "private-endpoint-unreachable", "access-denied"} {
		if found[code] {
			t.Errorf("%s says it", code)
		}
	}
}

// TestRules_aHARIsOfAnotherMachine: what a rule says of a HAR's calls is never about the machine
// that reads it.
func TestRules_aHARIsOfAnotherMachine(t *testing.T) {
	for code, trial := range trials() {
		var flows []*flow.Flow
		for _, f := range trial.fires {
			flows = append(flows, har(f))
		}
		for _, found := range Run(byID(flows), t0.Add(time.Hour)) {
			texts := slices.Concat([]string{found.Title}, found.Because, found.Alternatives, found.CloudTrail)
			for _, s := range found.Try {
				texts = append(texts, s.Text)
			}
			for _, a := range found.Asks {
				texts = append(texts, a.What)
			}
			for _, text := range texts {
				if strings.Contains(text, "this machine") {
					t.Errorf("%s, in the trial of %s: %s", found.Code, code, text)
				}
			}
		}
	}
}
