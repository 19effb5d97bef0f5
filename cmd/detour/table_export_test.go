package main

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"detour/internal/alias"
	"detour/internal/aws"
	"detour/internal/capture"
	"detour/internal/flow"
	"detour/internal/intake"
	"detour/ui"
)

// evident is a store with a call that has a token, of an account, and one under way.
func testExporter(t *testing.T) exporter {
	t.Helper()
	tables, err := aws.Load()
	if err != nil {
		t.Fatal(err)
	}
	store := capture.New(capture.Options{Intake: intake.New(intake.Config{Tables: tables})})
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	for id, state := range []flow.State{flow.StateDone, flow.StateConnecting} {
		store.Put(flow.Flow{
			ID: flow.ID(id + 1), Rev: 1, State: state, Times: flow.Times{Start: at, Done: at.Add(time.Second)},
			Request: flow.Request{
				Method: "GET", URL: "https://s3.eu-west-1.amazonaws.com/arn:aws:iam::123456789012:role/Operator",
				Headers: []flow.Header{{Name: "X-Amz-Security-Token", Value: "IQoJb3JpZ2luX2VjEXAMPLETOKEN"}},
			},
		})
	}
	names := new(alias.Table)
	return exporter{
		as: exportWriter(tables), store: store, about: func() flow.Capture { return flow.Capture{Creator: "detour test"} },
		names: names, strict: intake.NewStrict(names), now: func() time.Time { return at.Add(2 * time.Second) },
	}
}

func TestEvidence_countsBeforeAndWritesTheSame(t *testing.T) {
	e := testExporter(t)
	path := filepath.Join(t.TempDir(), "out.jsonl")
	x := ui.Export{Format: "jsonl", File: path, Flows: []flow.ID{1, 2, 99}}
	before, err := e.count(t.Context(), x)
	if err != nil || before.Flows != 2 || before.Redacted["token"] != 2 || before.File != "" {
		t.Fatalf("%+v: %v", before, err)
	}
	got, err := e.write(t.Context(), x)
	if err != nil || got.File != path || got.Redacted["token"] != before.Redacted["token"] {
		t.Fatalf("%+v: %v", got, err)
	}
	b, err := os.ReadFile(path)
	if err != nil || strings.Count(string(b), "\n") != 2 || strings.Contains(string(b), "EXAMPLETOKEN") || !strings.Contains(string(b), "123456789012") {
		t.Errorf("%v: written is\n%s", err, b)
	}
	if !strings.Contains(string(b), "still in progress when the recording ended") {
		t.Errorf("what is under way isn't cut off:\n%s", b)
	}
	if _, err := e.write(t.Context(), x); err == nil || !strings.Contains(err.Error(), "already exists") {
		t.Errorf("over a file: %v", err)
	}
}

func TestEvidence_strictTakesMoreOut(t *testing.T) {
	e := testExporter(t)
	path := filepath.Join(t.TempDir(), "out.har")
	got, err := e.write(t.Context(), ui.Export{Format: "har", Strict: true, File: path, Flows: []flow.ID{1}})
	if err != nil || got.Redacted["account"] == 0 || got.Redacted["token"] == 0 {
		t.Fatalf("%+v: %v", got, err)
	}
	b, err := os.ReadFile(path)
	if err != nil || strings.Contains(string(b), "123456789012") {
		t.Errorf("%v: written is\n%s", err, b)
	}
	if f := e.store.Get(1); !strings.Contains(f.Request.URL, "123456789012") {
		t.Errorf("the store's own is changed: %s", f.Request.URL)
	}
}

func TestEvidence_leavesNoHalfOfAFile(t *testing.T) {
	e := testExporter(t)
	dir := t.TempDir()
	x := ui.Export{Format: "bundle", File: filepath.Join(dir, "out.zip"), Flows: []flow.ID{1}}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := e.write(ctx, x); !errors.Is(err, context.Canceled) {
		t.Errorf("given up, it is %v", err)
	}
	if _, err := e.write(t.Context(), ui.Export{Format: "md", File: x.File}); err == nil {
		t.Error("a file is made of nothing")
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
	if _, err := e.write(t.Context(), x); err != nil {
		t.Error(err)
	}
}

// TestExport_strictlyUsesTheNamesOfTheScreen: a ticket speaks of what was shown on the call.
func TestExport_strictlyUsesTheNamesOfTheScreen(t *testing.T) {
	e := testExporter(t)
	e.names.Of(alias.Account, "999999999999")
	shown := e.names.Of(alias.Account, "123456789012")
	path := filepath.Join(t.TempDir(), "out.md")
	e.store.Put(flow.Flow{
		ID: 3, Rev: 1, State: flow.StateDone, Origin: flow.OriginDirect, AWS: &flow.AWS{Service: "s3", Operation: "GetObject"},
		Failure: &flow.Failure{Stage: flow.StageDial, Message: "no route"},
		Request: flow.Request{Method: "GET", URL: "https://123456789012.dkr.ecr.eu-west-1.amazonaws.com/"},
	})
	if _, err := e.write(t.Context(), ui.Export{Format: "md", File: path, Flows: []flow.ID{3}, Strict: true}); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(b), shown+".dkr.ecr.eu-west-1") || !strings.Contains(string(b), alias.Notice) {
		t.Errorf("%v: want %s in\n%s", err, shown, b)
	}
}

// TestExport_aChosenCallIsResolvedByOneThatIsNot: strictly or not, an export says of some calls what
// all of them show.
func TestExport_aChosenCallIsResolvedByOneThatIsNot(t *testing.T) {
	e := testExporter(t)
	const host = "logs.eu-west-1.amazonaws.com"
	at := e.now().Add(-time.Minute)
	addr := netip.MustParseAddrPort("10.0.1.23:443")
	for i, o := range []flow.DialOutcome{flow.DialTimeout, flow.DialConnected} {
		f := flow.Flow{
			ID: flow.ID(10 + i), Rev: 1, Source: flow.SourceProxy, State: flow.StateDone, Origin: flow.OriginDirect,
			Times:   flow.Times{Start: at, Done: at.Add(6 * time.Second)},
			Request: flow.Request{Method: "POST", URL: "https://" + host + "/"},
			Conn: &flow.Conn{
				ID: flow.ID(10 + i), Authority: host + ":443", Start: at,
				Resolution: &flow.Resolution{Name: host, Outcome: flow.DNSOK, Addrs: []netip.Addr{addr.Addr()}, Start: at},
				Attempts:   []flow.DialAttempt{{Addr: addr, Outcome: o, Start: at, Took: 5 * time.Second}},
			},
		}
		if o == flow.DialTimeout {
			f.Failure = &flow.Failure{Stage: flow.StageDial, Message: "i/o timeout"}
		} else {
			f.Response, f.Times.GotConn, f.Times.FirstByte = &flow.Response{Status: 200}, at, f.Times.Done
		}
		e.store.Put(f)
		at = at.Add(20 * time.Second)
	}
	for _, strict := range []bool{false, true} {
		c, err := e.gather(t.Context(), ui.Export{Flows: []flow.ID{10}, Strict: strict})
		if err != nil || len(c.Flows) != 1 || len(c.Findings) != 1 || !c.Findings[0].Resolved {
			t.Errorf("strict %v: %d flows, %+v, %v", strict, len(c.Flows), c.Findings, err)
		}
		if c.Flows[0].Strict != strict {
			t.Errorf("strict %v: the flow isn't, or is", strict)
		}
	}
}
