package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os/exec"
	"strings"
	"testing"

	"detour/internal/demo"
	"detour/internal/flow"
	"detour/internal/lab"
	"detour/internal/probe"
)

// probeIn probes one host inside the lab, and returns its record and the findings.
func probeIn(t *testing.T, l *lab.Lab, program string, args ...string) (probe.Record, string) {
	t.Helper()
	rec, said, _ := probeCode(t, l, program, args...)
	return rec, said
}

// probeCode is probeIn with the exit code.
func probeCode(t *testing.T, l *lab.Lab, program string, args ...string) (rec probe.Record, said string, code int) {
	t.Helper()
	cmd := l.Command(t.Context(), program, append([]string{"probe", "--json", "--upstream-proxy", "none"}, args...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("%v: %s", err, stderr.String())
	}
	if err := json.Unmarshal(out, &rec); err != nil || rec.Connection == nil || rec.Connection.Resolution == nil {
		t.Fatalf("%v: %s%s", err, out, stderr.String())
	}
	return rec, stderr.String(), cmd.ProcessState.ExitCode()
}

// TestLab_probeFurtherCases compares more states of rules, routes and nameservers with the
// record and the SYNs in it.
func TestLab_probeFurtherCases(t *testing.T) {
	t.Parallel()
	l, program, ca := labFor(t, lab.CaseHealthy)
	for _, tc := range []struct {
		state    lab.Case
		attempts []flow.DialOutcome // by address
		tls      flow.TLSOutcome    // "": no handshake
		findings string
		words    string // in the findings
	}{
		{lab.CaseOneOfThree, []flow.DialOutcome{flow.DialTimeout, flow.DialConnected, flow.DialConnected}, flow.TLSOK, "address-unanswered", "10.0.1.23"},
		{lab.CaseDeadAAAA, []flow.DialOutcome{flow.DialTimeout, flow.DialConnected, flow.DialConnected}, flow.TLSOK, "ipv6-unanswered", "fd00:10:1::23"},
		{lab.CaseNoRoute, []flow.DialOutcome{flow.DialUnreachable, flow.DialUnreachable}, "", "connect-unreachable", "network is unreachable"},
		{lab.CaseWrongEndpoint, []flow.DialOutcome{flow.DialConnected, flow.DialConnected}, flow.TLSNameMismatch, "tls-failed", "sqs.ap-northeast-1.amazonaws.com"},
		{lab.CaseResetData, []flow.DialOutcome{flow.DialReset, flow.DialReset}, flow.TLSReset, "tls-failed", "reset"},
	} {
		t.Run(string(tc.state), func(t *testing.T) {
			if err := l.SetCase(tc.state); err != nil {
				t.Fatal(err)
			}
			rec, said := probeIn(t, l, program, "--upstream-ca", ca, demo.MetricsHost)
			if got := strings.Join(rec.Findings, " "); got != tc.findings || !strings.Contains(said, tc.words) {
				t.Errorf("findings %q, want %q with %q\n%s", got, tc.findings, tc.words, said)
			}
			c := rec.Connection
			if len(c.Attempts) != len(tc.attempts) {
				t.Fatalf("%d attempts: %+v", len(c.Attempts), c.Attempts)
			}
			want := make(map[flow.DialOutcome]int)
			syns := 0
			for i, a := range c.Attempts {
				want[tc.attempts[i]]++
				want[a.Outcome]--
				if a.Outcome == flow.DialTimeout {
					syns += 1 + *a.SYNRetransmits
					if a.State != "SYN-SENT" || a.MS < 4000 || a.Message != gaveUp {
						t.Errorf("%s: %s given up after %.0f ms, %q, want SYN-SENT and 4000", a.Address, a.State, a.MS, a.Message)
					}
				}
			}
			for o, n := range want {
				if n != 0 {
					t.Errorf("%+d of %s: %+v", -n, o, c.Attempts)
				}
			}
			if syns > 0 {
				if n, err := l.Packets(); err != nil || n != syns {
					t.Errorf("%d SYNs are recorded, nftables met %d (%v)", syns, n, err)
				}
			}
			if got := c.TLS; (got == nil) != (tc.tls == "") || got != nil && got.Outcome != tc.tls {
				t.Errorf("TLS %+v, want %q", got, tc.tls)
			}
		})
	}
}

// TestLab_probeOfTwoNameservers: a client queries the next server when one fails, and the
// record has the answer of each.
func TestLab_probeOfTwoNameservers(t *testing.T) {
	t.Parallel()
	l, program, ca := labFor(t, lab.CaseServFail)
	both := []string{"--upstream-ca", ca, "--resolver", demo.Resolver, "--resolver", lab.Second, demo.LogsHost}
	rec, said := probeIn(t, l, program, both...)
	r := rec.Connection.Resolution
	failed := 0
	for _, q := range r.Queries {
		if q.Server == demo.Resolver+":53" && q.RCode == "SERVFAIL" {
			failed++
		}
	}
	if r.Outcome != flow.DNSOK || r.Nameserver != lab.Second+":53" || failed == 0 || len(r.Each) != 2 || r.Each[0].Outcome != flow.DNSServFail {
		t.Errorf("the first server fails, and the record has %+v\n%s", r, said)
	}
	if err := l.SetCase(lab.CaseDisagree); err != nil {
		t.Fatal(err)
	}
	rec, said = probeIn(t, l, program, both...)
	r = rec.Connection.Resolution
	if r.Nameserver != demo.Resolver+":53" || len(r.Each) != 2 || r.Each[0].Verdict != flow.VerdictEqual || r.Each[1].Verdict != flow.VerdictPrivate ||
		!strings.Contains(said, "[nameservers-disagree") {
		t.Errorf("the servers disagree, and the record has %+v\n%s", r, said)
	}
}

// TestLab_probeOfAHostsFile: the file overrides DNS, and the record names its line.
func TestLab_probeOfAHostsFile(t *testing.T) {
	t.Parallel()
	l, program, ca := labFor(t, lab.CaseHosts)
	rec, said := probeIn(t, l, program, "--upstream-ca", ca, demo.LogsHost)
	r := rec.Connection.Resolution
	if r.Source != flow.SourceHosts || r.Hosts != "/etc/hosts:2" || len(r.Addresses) != 1 || r.Addresses[0].Scope != flow.ScopePublic || r.Nameserver != "" {
		t.Errorf("the hosts file has the name, and the record %+v\n%s", r, said)
	}
	if len(r.Each) != 1 || r.Each[0].Verdict == flow.VerdictEqual {
		t.Errorf("the nameserver says otherwise, and the record %+v", r.Each)
	}
}

// TestLab_probeByThePublicAddress: a host that works by its public addresses only is the
// strongest evidence for a ticket.
func TestLab_probeByThePublicAddress(t *testing.T) {
	t.Parallel()
	l, program, ca := labFor(t, lab.CaseSGDrop)
	rec, said := probeIn(t, l, program, "--upstream-ca", ca, "--reference-resolver", demo.Outside, "--reference", "--connect-timeout", "2s", demo.LogsHost)
	c := rec.Connection
	if len(c.Attempts) != 6 || len(c.Elsewhere) != 1 || c.Elsewhere[0].Outcome != flow.DialConnected || c.Resolution.Reference.Verdict != flow.VerdictPrivate {
		t.Errorf("%d attempts, elsewhere %+v, reference %+v", len(c.Attempts), c.Elsewhere, c.Resolution.Reference)
	}
	for _, want := range []string{demo.LogsHost + " works over the public path, and not over the private one", "[private-endpoint-unreachable, confidence high]"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q isn't said:\n%s", want, said)
		}
	}
}
