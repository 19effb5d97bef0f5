package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"detour/internal/demo"
	"detour/internal/flow"
	"detour/internal/lab"
)

// labFor builds the lab in a case, and the program to run in it. ca is the file with the
// CA of the lab's servers.
func labFor(t *testing.T, c lab.Case) (l *lab.Lab, program, ca string) {
	t.Helper()
	if err := lab.Available(); err != nil {
		t.Skip(err)
	}
	program = buildDetour(t)
	l, err := lab.Up(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	ca = filepath.Join(t.TempDir(), "lab.pem")
	if err := os.WriteFile(ca, l.CAPEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	return l, program, ca
}

// TestLab_probe compares a probe's results with the state of the network, and its count of
// SYNs with that of nftables.
func TestLab_probe(t *testing.T) {
	t.Parallel()
	l, program, ca := labFor(t, lab.CaseHealthy)
	for _, tc := range []struct {
		state   lab.Case
		first   flow.DialOutcome // at 10.0.1.23
		second  flow.DialOutcome // at 10.0.2.23
		tls     flow.TLSOutcome  // "": no handshake
		finding string           // "": none
	}{
		{lab.CaseHealthy, flow.DialConnected, flow.DialConnected, flow.TLSOK, ""},
		{lab.CaseSGDrop, flow.DialTimeout, flow.DialTimeout, "", "private-endpoint-unreachable"},
		{lab.CaseRST, flow.DialRefused, flow.DialRefused, "", "connect-refused"},
		{lab.CaseProhibited, flow.DialUnreachable, flow.DialUnreachable, "", "connect-unreachable"},
		{lab.CaseOneDead, flow.DialTimeout, flow.DialConnected, flow.TLSOK, "address-unanswered"},
		{lab.CaseSilent, flow.DialConnected, flow.DialConnected, flow.TLSTimeout, "tls-failed"},
		{lab.CaseBlackHole, flow.DialConnected, flow.DialConnected, flow.TLSTimeout, "tls-failed"},
	} {
		t.Run(string(tc.state), func(t *testing.T) {
			if err := l.SetCase(tc.state); err != nil {
				t.Fatal(err)
			}
			rec, said, code := probeCode(t, l, program, "--upstream-ca", ca, demo.MetricsHost)
			want := exitDone
			if tc.finding != "" {
				want = exitProblems
			}
			if code != want {
				t.Fatalf("exit %d, want %d\n%s", code, want, said)
			}
			if got := strings.Join(rec.Findings, " "); got != tc.finding {
				t.Errorf("findings %q, want %q\n%s", got, tc.finding, said)
			}
			c := rec.Connection
			if len(c.Attempts) != 2 || c.Resolution.Nameserver != "10.0.0.2:53" || len(rec.Addresses) != 2 {
				t.Fatalf("got %+v", rec)
			}
			syns := 0
			for i, o := range []flow.DialOutcome{tc.first, tc.second} {
				a := c.Attempts[i]
				if a.Outcome != o || a.Interface != "dx0" && o != flow.DialRefused && o != flow.DialUnreachable {
					t.Errorf("%s: %s on %q, want %s", a.Address, a.Outcome, a.Interface, o)
				}
				if o == flow.DialTimeout {
					syns += 1 + *a.SYNRetransmits
					if a.MS < 4000 || a.Message != gaveUp {
						t.Errorf("%s: given up after %.0f ms, %q, want 4000", a.Address, a.MS, a.Message)
					}
				}
			}
			if tc.state == lab.CaseSGDrop || tc.state == lab.CaseOneDead {
				if n, err := l.Packets(); err != nil || n != syns {
					t.Errorf("%d SYNs are recorded, nftables met %d (%v)", syns, n, err)
				}
			}
			if got := c.TLS; (got == nil) != (tc.tls == "") || got != nil && got.Outcome != tc.tls {
				t.Errorf("TLS %+v, want %q", got, tc.tls)
			}
			if small := tc.state == lab.CaseBlackHole; small && (c.TLS.SmallHello != flow.TLSOK || !strings.Contains(said, "drops large packets")) {
				t.Errorf("small hello %q:\n%s", c.TLS.SmallHello, said)
			}
			if tc.state == lab.CaseSilent && c.TLS.SmallHello != flow.TLSTimeout {
				t.Errorf("small hello %q, want silence too", c.TLS.SmallHello)
			}
		})
	}
}

// TestLab_scan finds the two hosts of a Region that don't respond.
func TestLab_scan(t *testing.T) {
	t.Parallel()
	l, program, _ := labFor(t, lab.CaseSGDrop)
	file := filepath.Join(t.TempDir(), "endpoints.json")
	if err := os.WriteFile(file, []byte(`{"VpcEndpoints":[
		{"VpcEndpointId":"vpce-1","VpcId":"vpc-1","ServiceName":"com.amazonaws.ap-northeast-1.monitoring","VpcEndpointType":"Interface","State":"available","PrivateDnsEnabled":true,"Groups":[{"GroupId":"sg-1"}]},
		{"VpcEndpointId":"vpce-2","VpcId":"vpc-1","ServiceName":"com.amazonaws.ap-northeast-1.sqs","VpcEndpointType":"Interface","State":"available","PrivateDnsEnabled":true,"Groups":[]},
		{"VpcEndpointId":"vpce-3","VpcId":"vpc-1","ServiceName":"com.amazonaws.ap-northeast-1.s3","VpcEndpointType":"Gateway","State":"available"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := l.Command(t.Context(), program, "scan", "--region", demo.Region, "--upstream-proxy", "none", "--vpc-endpoints", file)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if _ = cmd.Run(); cmd.ProcessState.ExitCode() != exitProblems {
		t.Fatalf("exit %d\n%s", cmd.ProcessState.ExitCode(), stderr.String())
	}
	for _, want := range []string{
		"private, not responding: 2\n", demo.LogsHost, demo.MetricsHost, "10.0.1.23                timeout after 2.9", " SYNs\n",
		"public, reachable: 50", demo.MetricsHost + " doesn't respond; its endpoint: vpce-1 in vpc-1 (available, security groups sg-1)",
		demo.LogsHost + " has private addresses here, but the file has no endpoint for com.amazonaws.ap-northeast-1.logs",
		"sqs.ap-northeast-1.amazonaws.com has public addresses here, although private DNS is enabled on vpce-2",
	} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("the matrix lacks %q:\n%s", want, stdout.String())
		}
	}
	if n, err := l.Packets(); err != nil || n < 8 || n > 12 {
		t.Errorf("nftables met %d SYNs, want two or three to each of four addresses (%v)", n, err)
	}
	if got := stderr.String(); strings.Count(got, "problem: ") != 1 || !strings.Contains(got, "[private-endpoint-unreachable") {
		t.Errorf("findings:\n%s", got)
	}
}

// TestLab_probeDNS compares a probe's results for a name with what the nameserver does.
func TestLab_probeDNS(t *testing.T) {
	t.Parallel()
	l, program, ca := labFor(t, lab.CaseHealthy)
	const zone = demo.Region + ".amazonaws.com"
	for _, tc := range []struct {
		state   lab.Case
		outcome flow.DNSOutcome
		zone    string
		words   string // in the finding; "": there is none
	}{
		{lab.CaseHealthy, flow.DNSOK, "", ""},
		{lab.CaseTruncated, flow.DNSOK, "", ""},
		{lab.CaseShadow, flow.DNSNXDomain, zone, "consistent with a private hosted zone that hides the public name and lacks this record: the answer comes from the zone " + zone},
		{lab.CaseNoData, flow.DNSNoData, zone, "the answer comes from the zone " + zone},
		{lab.CaseServFail, flow.DNSServFail, "", "servfail from 10.0.0.2:53"},
		{lab.CaseDNSSilent, flow.DNSTimeout, "", "no response from 10.0.0.2:53"},
	} {
		t.Run(string(tc.state), func(t *testing.T) {
			if err := l.SetCase(tc.state); err != nil {
				t.Fatal(err)
			}
			rec, said, code := probeCode(t, l, program, "--upstream-ca", ca, demo.LogsHost)
			r := rec.Connection.Resolution
			if r.Outcome != tc.outcome || r.Zone != tc.zone {
				t.Errorf("resolution %+v, want %s in zone %q", r, tc.outcome, tc.zone)
			}
			if (tc.words == "") != (code == exitDone) || !strings.Contains(said, tc.words) {
				t.Errorf("exit %d, and the findings lack %q:\n%s", code, tc.words, said)
			}
		})
	}
}

// TestLab_aDeadAddressIsSeenAlthoughAnotherAnswers sends requests through the proxy while
// one of two addresses is dead: the race hides it from the client, but the record has it.
func TestLab_aDeadAddressIsSeenAlthoughAnotherAnswers(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("curl is not installed")
	}
	l, program, ca := labFor(t, lab.CaseOneDead)
	run := proxyIn(t, l, program, ca)
	if b, err := run.curl(t, demo.MetricsHost); err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	var outcomes []string
	for len(outcomes) < 2 {
		rec := run.next(t)
		if len(rec.Later) != len(outcomes) || len(rec.Later) > 0 && (rec.Later[0].Outcome != flow.DialTimeout || rec.Later[0].MS < 3000) {
			t.Errorf("learned later: %+v", rec.Later)
		}
		outcomes = append(outcomes, string(rec.Connection.Attempts[0].Outcome)+" "+strings.Join(rec.Findings, " "))
	}
	if got := strings.Join(outcomes, ", "); got != "lost , lost address-unanswered" {
		t.Errorf("the dead address is recorded as %q", got)
	}
	if said := run.end(); !strings.Contains(said, "[address-unanswered") {
		t.Errorf("the finding isn't told:\n%s", said)
	}
}
