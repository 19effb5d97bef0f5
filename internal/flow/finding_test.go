package flow

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestFinding_recordHasNextStepsAsText: the JSON form has each step on one line, and a
// file that was read has no commands to run.
func TestFinding_recordHasNextStepsAsText(t *testing.T) {
	f := Finding{Code: "c", Try: []NextStep{{Text: "Query DNS", Command: "dig a"}, {Text: "Wait"}, {Command: "dig b"}}, Asks: []Ask{{NetworkTeam, "Add a route."}}}
	b, err := json.Marshal(f.Record())
	if err != nil {
		t.Fatal(err)
	}
	want := `{"code":"c","level":"","title":"","because":[],"alternatives":[],"try":["Query DNS: dig a","Wait","dig b"],"hosts":[],"flows":[],"confidence":"",` +
		`"asks":[{"of":"network team","what":"Add a route."}]}`
	if string(b) != want {
		t.Errorf("got  %s\nwant %s", b, want)
	}
	for _, s := range f.Record().Finding().Try {
		if s.Command != "" {
			t.Errorf("a file has the command %q", s.Command)
		}
	}
}

// TestFinding_recordSaysThatItIsProvisional: who reads it while the run goes on mustn't take it for
// final.
func TestFinding_recordSaysThatItIsProvisional(t *testing.T) {
	for _, want := range []bool{false, true} {
		b, err := json.Marshal(Finding{Code: "c", Provisional: want}.Record())
		if err != nil {
			t.Fatal(err)
		}
		var r RecordFinding
		if err := json.Unmarshal(b, &r); err != nil {
			t.Fatal(err)
		}
		if got := r.Finding().Provisional; got != want || strings.Contains(string(b), "provisional") != want {
			t.Errorf("%s is read as provisional: %v", b, got)
		}
	}
}

func TestRecordFinding_hasWordsInItsClosedSets(t *testing.T) {
	good := RecordFinding{Code: "connect-timeout", Level: LevelProblem, Confidence: ConfidenceHigh, Proof: &Proof{
		Verdict: Proven, Cause: &ProofCause{Check: CheckSecurityGroup}, Checks: []ProofCheck{{Check: CheckNACLIn, Verdict: CheckDenies}},
	}}
	if !good.Valid() {
		t.Error("a finding isn't valid")
	}
	for name, spoil := range map[string]func(*RecordFinding){
		"no code":    func(f *RecordFinding) { f.Code = "" },
		"code":       func(f *RecordFinding) { f.Code = "\x1b[2J" },
		"level":      func(f *RecordFinding) { f.Level = "A" },
		"confidence": func(f *RecordFinding) { f.Confidence = "\n" },
		"verdict":    func(f *RecordFinding) { f.Proof.Verdict = "\x1b" },
		"cause":      func(f *RecordFinding) { f.Proof.Cause.Check = "\x1b" },
		"also":       func(f *RecordFinding) { f.Proof.Also = []ProofCause{{Check: "\x1b"}} },
		"check":      func(f *RecordFinding) { f.Proof.Checks[0].Check = "\x1b" },
		"outcome":    func(f *RecordFinding) { f.Proof.Checks[0].Verdict = "\x1b" },
	} {
		f := good
		p, cause := *good.Proof, *good.Proof.Cause
		p.Cause, p.Checks = &cause, []ProofCheck{good.Proof.Checks[0]}
		f.Proof = &p
		if spoil(&f); f.Valid() {
			t.Errorf("%s: it is valid", name)
		}
	}
}
