package share_test

import (
	"bytes"
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"detour/internal/alias"
	"detour/internal/aws"
	"detour/internal/export"
	"detour/internal/flow"
	"detour/internal/intake"
	"detour/internal/recorded"
	"detour/internal/share"
	"detour/ui/mask"
)

// watched returns the events of a feed until nothing more comes, the newest of each flow, and those
// of each name.
func watched(t *testing.T, f *share.Feed, opt share.Options) (flows map[flow.ID][]byte, newest map[share.Name][]byte, all []byte) {
	t.Helper()
	w := f.Watch(opt)
	defer w.Close()
	flows, newest = map[flow.ID][]byte{}, map[share.Name][]byte{}
	for {
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		e, err := w.Next(ctx)
		stop()
		if err != nil {
			return flows, newest, all
		}
		all = append(append(all, e.Data...), '\n')
		newest[e.Name] = e.Data
		if e.Name == share.EventFlow {
			var r struct{ ID flow.ID }
			if err := json.Unmarshal(e.Data, &r); err != nil {
				t.Fatal(err)
			}
			flows[r.ID] = e.Data
		}
	}
}

func hars(t *testing.T) (out []string) {
	t.Helper()
	for _, dir := range []string{"../har/testdata", "../intake/testdata/judgement"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.har"))
		if err != nil || len(files) == 0 {
			t.Fatal(err, dir)
		}
		out = append(out, files...)
	}
	return out
}

// TestFeed_hasWhatAStrictExportHas: of each flow the same record, and the same findings.
func TestFeed_hasWhatAStrictExportHas(t *testing.T) {
	tables, err := aws.Load()
	if err != nil {
		t.Fatal(err)
	}
	compared, found := 0, 0
	for _, path := range hars(t) {
		got, err := intake.Reader{Tables: tables, Whole: true, Pending: true}.Read(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		synctest.Test(t, func(t *testing.T) {
			rec := recorded.Of(recorded.Config{}, got)
			names := new(alias.Table)
			strict := intake.NewStrict(names)
			cfg := rec.Shared(strict, func() intake.Account { return intake.Account{} })
			flows, newest, _ := watched(t, share.New(cfg), share.Options{})
			c := *got
			c.Flows = rec.Flows()
			for i, f := range c.Flows {
				c.Flows[i] = rec.Get(f.ID)
			}
			c.Steps, c.Checks = nil, nil
			strict.Capture(&c)
			var out bytes.Buffer
			if err := (export.Writer{}).Write(&out, "jsonl", &c); err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(out.String()) {
				var r struct{ ID flow.ID }
				if err := json.Unmarshal([]byte(line), &r); err != nil {
					t.Fatal(err)
				}
				if d := cmp.Diff(strings.TrimSuffix(line, "\n"), string(flows[r.ID])); d != "" {
					t.Errorf("%s, flow %d: %s", path, r.ID, d)
				}
				compared++
			}
			if len(flows) != len(c.Flows) {
				t.Errorf("%s: %d flows, of %d", path, len(flows), len(c.Flows))
			}
			for i, f := range c.Flows {
				c.Flows[i] = f.CutOff(rec.Now())
			}
			want := share.Findings{Findings: []flow.RecordFinding{}}
			for _, f := range (intake.Account{}).Proving(nil, rec.Now()).On(got.Environment).Judge(c.Flows, rec.Now(), strict.Texts()) {
				want.Findings = append(want.Findings, f.Record())
				found++
			}
			var have share.Findings
			if err := json.Unmarshal(newest[share.EventFindings], &have); err != nil {
				t.Fatalf("%s: %v: %s", path, err, newest[share.EventFindings])
			}
			if d := cmp.Diff(jsonText(t, want), jsonText(t, have)); d != "" {
				t.Errorf("%s: the findings: %s", path, d)
			}
			sameNames(t, path, names, tables, newest[share.EventNames])
		})
	}
	if compared < 100 || found < 20 {
		t.Errorf("only %d records and %d findings were compared", compared, found)
	}
}

func jsonText(t *testing.T, v any) string {
	t.Helper()
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// sameNames fails unless a masked screen of the host has the names that a watcher gets.
func sameNames(t *testing.T, path string, names *alias.Table, tables *aws.Tables, sent []byte) {
	t.Helper()
	var got share.Names
	if len(sent) == 0 {
		return
	}
	if err := json.Unmarshal(sent, &got); err != nil {
		t.Fatal(err)
	}
	_ = tables
	m := mask.New(mask.Names{}, names)
	for standIn, name := range got.Names {
		original, ok := names.Value(name)
		if !ok || original == standIn {
			t.Errorf("%s: %s is called %s, which stands for %q", path, standIn, name, original)
		}
		if on := m.Text("x " + original + " y"); !strings.Contains(on, name) && strings.Contains(on, "x "+original) {
			continue // it isn't masked there
		} else if !strings.Contains(on, name) {
			t.Errorf("%s: %s is %s to a watcher, and on the host's screen it is %s", path, original, name, on)
		}
	}
}
