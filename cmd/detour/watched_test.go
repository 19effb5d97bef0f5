package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"detour/internal/alias"
	"detour/internal/capture"
	"detour/internal/demo"
	"detour/internal/flow"
	"detour/internal/intake"
	replay "detour/internal/recorded" // a function of this package has the name
	"detour/internal/share"
	"detour/ui"
)

// A recordsOnly is a renderer that writes down all that it gets.
type recordsOnly struct{}

func (recordsOnly) Setup() []byte { return []byte("{}") }

func (recordsOnly) Row(f *flow.Flow, _ time.Time) []byte { return []byte(jsonOf(f)) }

func (recordsOnly) Findings(c flow.Capture, _ time.Time) []byte { return []byte(jsonOf(c)) }

// watchedBytes is what a watcher gets until nothing is missing and the findings have come, and the
// newest record of each flow.
func watchedBytes(t *testing.T, f *share.Feed, opt share.Options) (all []byte, records map[flow.ID]string, findings []byte) {
	t.Helper()
	w := f.Watch(opt)
	defer w.Close()
	records = map[flow.ID]string{}
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	for whole := false; !whole || findings == nil || len(records) < len(f.Flows()) && !opt.Rows; {
		e, err := w.Next(ctx)
		if err != nil {
			t.Fatalf("%v: after %d flows and %d bytes", err, len(records), len(all))
		}
		all = append(append(all, e.Data...), '\n')
		switch e.Name { //nolint:exhaustive // the others are only read
		case share.EventFlow:
			var r struct{ ID flow.ID }
			if err := json.Unmarshal(e.Data, &r); err != nil {
				t.Fatal(err)
			}
			records[r.ID] = string(e.Data)
		case share.EventFindings:
			findings = e.Data
		case share.EventGap:
			whole = true
		}
	}
	return all, records, findings
}

// TestWatched_getsWhatAStrictExportOfTheDemoHas: the same records, the same findings with their
// proof, and nothing that identifies anybody.
func TestWatched_getsWhatAStrictExportOfTheDemoHas(t *testing.T) {
	t.Parallel()
	path, dir := demoCapture(t), demoAccount(t)
	tables, err := (&endpointServiceOptions{}).tables()
	if err != nil {
		t.Fatal(err)
	}
	account, err := (&accountOptions{account: dir}).readAccount(nil)
	if err != nil {
		t.Fatal(err)
	}
	names := new(alias.Table)
	got, err := intake.Reader{Tables: tables, Whole: true, Names: names, Account: account}.Read(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	rec := replay.Of(replay.Config{}, got)
	e := exporterOf(rec, names, exportWriter(tables))
	e.account = func() intake.Account { return account }
	cfg := rec.Shared(e.strict, e.account)
	cfg.Renderer = recordsOnly{}
	f := share.New(cfg)
	defer f.End("the test is over")
	rows, _, _ := watchedBytes(t, f, share.Options{Rows: true})
	all, records, findings := watchedBytes(t, f, share.Options{})

	x := ui.Export{Format: "jsonl", File: filepath.Join(t.TempDir(), "x.jsonl"), Strict: true}
	for _, f := range rec.Flows() {
		x.Flows = append(x.Flows, f.ID)
	}
	if _, err := e.write(t.Context(), x); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(x.File)
	if err != nil {
		t.Fatal(err)
	}
	lines := slices.Collect(strings.Lines(string(b)))
	if len(lines) != len(records) || len(lines) < 10 {
		t.Errorf("%d records are exported, %d are watched", len(lines), len(records))
	}
	for i, line := range lines {
		if got := records[x.Flows[i]]; got+"\n" != line {
			t.Errorf("flow %d is exported as\n%s\nand watched as\n%s", x.Flows[i], line, got)
		}
	}
	c, err := e.gather(t.Context(), x)
	if err != nil {
		t.Fatal(err)
	}
	want := share.Findings{}
	for _, f := range c.Findings {
		want.Findings = append(want.Findings, f.Record())
	}
	if got := string(findings); got != plainJSON(t, want) {
		t.Errorf("the findings are exported as\n%s\nand watched as\n%s", plainJSON(t, want), got)
	}
	if !strings.Contains(string(findings), `"verdict":"proven"`) || !strings.Contains(string(findings), "sg-1") {
		t.Errorf("the proof isn't watched: %s", findings)
	}
	for _, secret := range []string{
		"sg-faa8b71829420961e", "vpce-5c3b", "acl-dee6", "rtb-84c3", "eni-19af", "10.0.0.0/16", "172.16.8.", demo.ClientIP, "123456789012",
	} {
		for as, b := range map[string][]byte{"records": all, "rows": rows} {
			if bytes.Contains(b, []byte(secret)) {
				t.Errorf("%s have %q", as, secret)
			}
		}
	}
}

// plainJSON is a value as the protocol writes it.
func plainJSON(t *testing.T, v any) string {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// TestWatched_getsNoSecret: of all that the tests of a capture send, even if the run keeps secrets.
func TestWatched_getsNoSecret(t *testing.T) {
	t.Parallel()
	tables, err := (&endpointServiceOptions{}).tables()
	if err != nil {
		t.Fatal(err)
	}
	n := &nest{}
	all := n.sendings()
	for _, keep := range []bool{false, true} {
		in := intake.New(intake.Config{Tables: tables, KeepSecrets: keep})
		store := capture.New(capture.Options{Intake: in, Bodies: 64 << 20})
		for i, s := range all {
			store.Put(s.flow(flow.ID(i + 1))) //nolint:gosec // there are few
		}
		store.SetFindings(nil)
		f := share.New(share.Config{
			Source: store, Strict: intake.NewStrict(new(alias.Table)), Renderer: recordsOnly{}, Now: time.Now,
			Judge: func(_, _ []*flow.Flow, _ []flow.Finding, _ time.Time) []flow.Finding { return nil },
		})
		left := map[string]*bytes.Buffer{}
		for _, rows := range []bool{false, true} {
			b, records, _ := watchedBytes(t, f, share.Options{Rows: rows})
			left[fmt.Sprintf("watched, rows %v, secrets kept %v", rows, keep)] = bytes.NewBuffer(b)
			if !rows {
				var lines bytes.Buffer
				for _, r := range records {
					lines.WriteString(r + "\n")
				}
				checkKept(t, lines.Bytes(), len(all))
			}
		}
		for _, x := range append(f.Flows(), f.Get(1)) {
			left["watched, a flow"] = bytes.NewBufferString(jsonOf(x))
			n.look(t, left)
			left = map[string]*bytes.Buffer{}
		}
		f.End("the test is over")
	}
}

// flow is the sending as the proxy records it.
func (s sending) flow(id flow.ID) flow.Flow {
	f := flow.Flow{
		ID: id, Rev: 1, Source: flow.SourceProxy, State: flow.StateDone, Times: flow.Times{Start: time.Now(), Done: time.Now()},
		Request:  flow.Request{Method: s.method, URL: "https://" + s.host + s.target, Proto: "HTTP/2.0", Body: []byte(s.body)},
		Conn:     &flow.Conn{ID: id, Authority: s.host + ":443", Resolution: &flow.Resolution{Name: s.host}},
		Response: &flow.Response{Status: max(200, s.answer.Status), Proto: "HTTP/2.0", Body: []byte(s.answer.Body)},
	}
	add := func(to *[]flow.Header, name, v string) { *to = append(*to, flow.Header{Name: name, Value: v}) }
	for name, v := range s.header {
		add(&f.Request.Headers, name, v)
	}
	if s.kind != "" {
		add(&f.Request.Headers, "Content-Type", s.kind)
	}
	for name, v := range s.answer.Header {
		add(&f.Response.Headers, name, v)
	}
	if strings.HasPrefix(s.host, "unreachable") {
		f.Response, f.Failure = nil, &flow.Failure{Stage: flow.StageDial, Message: "no route to " + f.Request.URL}
	}
	return f
}
