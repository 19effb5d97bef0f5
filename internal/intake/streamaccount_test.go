package intake_test

import (
	"bytes"
	"math/rand/v2"
	"net/netip"
	"path/filepath"
	"slices"
	"testing"
	"testing/cryptotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"detour/internal/account"
	"detour/internal/demo"
	"detour/internal/export"
	"detour/internal/flow"
	"detour/internal/fulltest"
	"detour/internal/intake"
)

// A capture, a HAR and JSON Lines that are read several times are proved as those whose flows are in memory:
// random flows of a VPC, and random changes of its configuration.
func TestStream_provesWhatReadDoes(t *testing.T) {
	tables := loadTables(t)
	verdicts := make(map[flow.ProofVerdict]int)
	parts := 0
	for seed := range fulltest.Or[uint64](4, 400) {
		r := rand.New(rand.NewPCG(seed, 3)) //nolint:gosec // a test's
		c := &flow.Capture{Flows: privateFlows(r), Creator: "detour test"}
		path := recordedFrom(t, c)
		switch seed % 4 {
		case 1:
			path = exported(t, read(t, tables, path, true), "jsonl")
		case 2:
			path = exported(t, read(t, tables, path, true), "har")
		}
		reader := intake.Reader{Tables: tables, Whole: true, Account: randomAccount(t, r)}
		if seed%5 > 2 {
			reader = selections(t)[r.IntN(6)]
			reader.Tables, reader.Whole, reader.Account = tables, true, randomAccount(t, r)
		}
		formats := []string{"jsonl"}
		if seed%10 == 5 {
			formats = export.Formats()
		}
		sameExports(t, reader, path, formats)
		sameDiagnosisBy(t, reader, path, make(map[string]bool))
		want, s := bothWays(t, reader, path)
		s.Close()
		got := s.Capture
		if d := cmp.Diff([]any{want.Findings, want.Account}, []any{got.Findings, got.Account},
			cmpopts.EquateComparable(netip.Addr{}, netip.AddrPort{})); d != "" {
			t.Fatalf("%d: %s (-Read +Stream):\n%s", seed, path, d)
		}
		parts += len(got.Account.Parts)
		for _, f := range got.Findings {
			if f.Proof != nil {
				verdicts[f.Proof.Verdict]++
			}
		}
	}
	t.Log(verdicts, parts)
	if len(verdicts) == 0 {
		t.Error("nothing is proved")
	}
	if !fulltest.On() {
		return
	}
	for _, v := range []flow.ProofVerdict{flow.Proven, flow.Admitted, flow.Unknown, flow.Contradiction} {
		if verdicts[v] == 0 {
			t.Errorf("nothing is %s: %v", v, verdicts)
		}
	}
	if parts == 0 {
		t.Error("no report has a part of a file")
	}
}

// bothWays are the capture that Read returns, and the same as a Stream, which the caller closes.
func bothWays(t *testing.T, r intake.Reader, path string) (*flow.Capture, *intake.Stream) {
	t.Helper()
	cryptotest.SetGlobalRandom(t, 1) // the keys of pseudonyms
	c, err := r.Read(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	cryptotest.SetGlobalRandom(t, 1)
	s := r.Stream(t.Context(), path)
	if s == nil {
		t.Fatalf("%s is read whole", path)
	}
	return c, s
}

func pick[T any](r *rand.Rand, all ...T) T { return all[r.IntN(len(all))] }

// privateFlows are calls to the demo's interface endpoints, and lookups by its resolver endpoint: answered,
// denied, and without an answer. Some call fails each time in the same way.
func privateFlows(r *rand.Rand) (all []*flow.Flow) {
	began := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	fails := map[string]int{"logs": r.IntN(6), "monitoring": r.IntN(6)}
	from := []netip.Addr{netip.MustParseAddr("172.16.8.5"), netip.MustParseAddr("10.0.9.9"), {}}[r.IntN(3)]
	for id := range flow.ID(4 + r.IntN(30)) {
		service := pick(r, "logs", "monitoring")
		host, at := service+".ap-northeast-1.amazonaws.com", began.Add(time.Duration(id)*700*time.Millisecond)
		addrs := map[string][]string{"logs": {"10.0.1.24", "10.0.2.24"}, "monitoring": {"10.0.1.23", "10.0.2.23"}}[service]
		operation := pick(r, "GetMetricData", "DescribeLogGroups")
		f := &flow.Flow{
			ID: id + 1, Rev: 1, Source: flow.SourceProxy, State: flow.StateDone, Origin: flow.OriginDirect,
			Request:  flow.Request{Method: "POST", URL: "https://" + host + "/"},
			AWS:      &flow.AWS{Service: service, Region: "ap-northeast-1", Operation: operation, EndpointService: "com.amazonaws.ap-northeast-1." + service},
			Times:    flow.Times{Start: at, FirstByte: at.Add(time.Millisecond), Done: at.Add(time.Second)},
			Response: &flow.Response{Status: 200},
			Conn:     &flow.Conn{ID: id + 1, Authority: host + ":443", Start: at},
		}
		resolved := &flow.Resolution{Name: host, Outcome: flow.DNSOK, Source: flow.SourceDNS, Start: at, Took: time.Millisecond}
		resolved.Nameserver = netip.MustParseAddrPort(pick(r, "10.0.1.10:53", "10.0.2.10:53"))
		f.Conn.Resolution = resolved
		for _, a := range addrs[:1+r.IntN(2)] {
			resolved.Addrs = append(resolved.Addrs, netip.MustParseAddr(a))
			f.Conn.Attempts = append(f.Conn.Attempts, flow.DialAttempt{
				Addr: netip.AddrPortFrom(netip.MustParseAddr(a), 443), Outcome: flow.DialConnected, Start: at, Took: time.Millisecond,
			})
			if from.IsValid() && r.IntN(20) > 0 {
				f.Conn.Attempts[len(f.Conn.Attempts)-1].Local = netip.AddrPortFrom(from, uint16(40_000+id)) //nolint:gosec // few
			}
		}
		f.Conn.Attempts = f.Conn.Attempts[:1+r.IntN(len(f.Conn.Attempts))]
		fail := fails[service]
		if r.IntN(8) == 0 {
			fail = r.IntN(6)
		}
		switch fail {
		case 0: // no address responds
			f.Response, f.Failure, f.Times.FirstByte = nil, &flow.Failure{Stage: flow.StageDial, Message: "timeout"}, time.Time{}
			f.Times.Done = at.Add(22 * time.Second)
			for i := range f.Conn.Attempts {
				f.Conn.Attempts[i].Outcome, f.Conn.Attempts[i].Took = pick(r, flow.DialTimeout, flow.DialTimeout, flow.DialRefused), 21*time.Second
			}
		case 1: // the first one doesn't
			first := f.Conn.Attempts[0]
			first.Outcome, first.Took = flow.DialTimeout, 21*time.Second
			f.Times.FirstByte, f.Times.Done = at.Add(22*time.Second), at.Add(22*time.Second)
			f.Conn.Attempts = slices.Insert(f.Conn.Attempts, 0, first)
		case 2: // a policy denies it
			f.Response.Status = 403
			f.AWS.Error = &flow.AWSError{Code: "AccessDeniedException", Action: service + ":" + operation, Deny: pick(r, "", flow.DenyVPCEndpoint)}
		case 3: // no nameserver responds, or the name doesn't exist
			f.Response, f.Conn.Attempts, resolved.Addrs = nil, nil, nil
			f.Failure, f.Times.FirstByte, f.Times.Done = &flow.Failure{Stage: flow.StageDNS, Message: "no such host"}, time.Time{}, at.Add(9*time.Second)
			resolved.Outcome = pick(r, flow.DNSTimeout, flow.DNSTimeout, flow.DNSTimeout, flow.DNSNXDomain)
			resolved.Queries = []flow.DNSQuery{{Server: resolved.Nameserver, Proto: "udp", Took: 5 * time.Second}}
			if resolved.Took = 5 * time.Second; resolved.Outcome == flow.DNSTimeout {
				resolved.Nameserver = netip.AddrPort{}
			}
		}
		vary(r, f, all)
		all = append(all, f)
	}
	return all
}

// vary makes some flows end after the capture, take a connection of those before them, or begin late.
func vary(r *rand.Rand, f *flow.Flow, before []*flow.Flow) {
	switch r.IntN(8) {
	case 0:
		f.State, f.Times.Done, f.Times.FirstByte, f.Response, f.Failure = flow.StateConnecting, time.Time{}, time.Time{}, nil, nil
		for i := range f.Conn.Attempts {
			f.Conn.Attempts[i].Outcome = pick(r, flow.DialPending, flow.DialTimeout)
		}
	case 1:
		if len(before) > 0 {
			f.Conn, f.Reused = pick(r, before...).Conn, true
		}
	case 2:
		if len(before) > 0 {
			c := *pick(r, before...).Conn
			c.ID = f.ID + 1000
			f.Unused = append(f.Unused, &c)
		}
	case 3:
		f.Later = append(f.Later, flow.Later{
			Addr: netip.MustParseAddrPort("10.0.1.24:443"), Outcome: pick(r, flow.DialConnected, flow.DialTimeout), At: f.Times.Start.Add(3 * time.Second),
		})
	case 4:
		f.Times.Start = f.Times.Start.Add(-time.Duration(r.IntN(5000)) * time.Millisecond)
	}
}

// randomAccount is the demo's, with other rules, policies and files.
func randomAccount(t *testing.T, r *rand.Rand) intake.Account {
	t.Helper()
	files, err := demo.Account(r.IntN(2) == 0)
	if err != nil {
		t.Fatal(err)
	}
	files = append(files, account.File{Name: "addresses_rslvr-in-8c6b19c45255d01ea.json", Data: []byte(
		`{"IpAddresses":[{"Ip":"10.0.1.10","SubnetId":"subnet-1"},{"Ip":"10.0.2.10","SubnetId":"subnet-2"}]}`)})
	for i := range files {
		b := &files[i].Data
		switch filepath.Base(files[i].Name) {
		case "describe-security-groups.json":
			if r.IntN(3) == 0 { // also of the resolver endpoint
				*b = bytes.ReplaceAll(*b, []byte(`"CidrIp": "0.0.0.0/0"`), []byte(`"CidrIp": "10.0.0.0/16"`))
			}
		case "describe-vpc-endpoints.json":
			*b = bytes.ReplaceAll(*b, []byte(`\"Action\": \"*\"`), []byte(`\"Action\": \"`+pick(r, "*", "logs:*", "s3:*")+`\"`))
		}
	}
	if r.IntN(4) == 0 {
		i := r.IntN(len(files))
		files = slices.Delete(files, i, i+1)
	}
	a := intake.Account{Config: account.Read(files), Files: files}
	if r.IntN(2) == 0 {
		a.From = netip.MustParseAddr("172.16.8.5")
	}
	return a
}
