package intake

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"detour/internal/aws"
	"detour/internal/capture"
	"detour/internal/flow"
	"detour/internal/har"
)

func load(tb testing.TB) *aws.Tables {
	tb.Helper()
	tables, err := aws.Load()
	if err != nil {
		tb.Fatal(err)
	}
	return tables
}

// preflightSecret is in the response to the preflight of preflight-error.har.
const preflightSecret = "wJalrXUtnFEMI/K7MDENG"

// preflightAndCall returns the flows of preflight-error.har before intake.
func preflightAndCall(t *testing.T) (out []*flow.Flow) {
	t.Helper()
	file, err := os.Open("testdata/preflight-error.har")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err = har.Decode(file, func(f *flow.Flow) error { out = append(out, f); return nil }); err != nil {
		t.Fatal(err)
	}
	return out
}

func checkPaired(t *testing.T, flows []*flow.Flow) {
	t.Helper()
	if len(flows) != 2 || flows[0].AWS == nil {
		t.Fatalf("%d flows", len(flows))
	}
	if a := flows[0].AWS; a.Operation != "DescribeLogGroups" || a.DecodedBy != "preflight" || a.Error == nil || !strings.Contains(a.Error.Message, "denied; AWS_SECRET_ACCESS_KEY=redacted:") {
		t.Errorf("the preflight is %+v with the error %+v; want the call's names, and its own redacted error", a, a.Error)
	}
	for _, f := range flows {
		b, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(b), preflightSecret) {
			t.Errorf("flow %d has the secret: %s", f.ID, b)
		}
	}
}

func TestRead_aPairedPreflightKeepsNoSecret(t *testing.T) {
	for name, r := range map[string]Reader{"bare": {}, "whole": {Whole: true}, "strict": {Whole: true, Strict: true}} {
		r.Tables = load(t)
		got, err := r.Read(t.Context(), "testdata/preflight-error.har")
		if err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) { checkPaired(t, got.Flows) })
	}
}

// TestStore_aPairedPreflightKeepsNoSecret checks flows of the proxy with their revisions.
func TestStore_aPairedPreflightKeepsNoSecret(t *testing.T) {
	for name, strict := range map[string]bool{"normal": false, "strict": true} {
		t.Run(name, func(t *testing.T) {
			s := capture.New(capture.Options{Intake: New(Config{Tables: load(t), Strict: strict})})
			sub := s.Subscribe(true)
			for _, f := range preflightAndCall(t) {
				begun := *f
				begun.Rev, begun.State, begun.Response = 1, flow.StateWaiting, nil
				s.Put(begun)
				f.Rev, f.State = 2, flow.StateDone
				s.Put(*f)
			}
			checkPaired(t, s.Flows())
			sub.Close()
			for _, f := range sub.Next(t.Context()) {
				if b, err := json.Marshal(f); err != nil || strings.Contains(string(b), preflightSecret) {
					t.Errorf("revision %d of flow %d was published with the secret (%v): %s", f.Rev, f.ID, err, b)
				}
			}
		})
	}
}
