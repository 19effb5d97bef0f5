package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"detour/internal/flow"
	"detour/internal/report/reporttest"
	"detour/ui/table"
	"detour/ui/views"
	"detour/ui/web/webtest"
)

// An event of a page with its data inside.
type event struct {
	name string
	data json.RawMessage
}

func events(t *testing.T, page string) (out []event) {
	t.Helper()
	var all [][2]json.RawMessage
	if err := json.Unmarshal([]byte(webtest.Data(t, page, `id="events"`)[0]), &all); err != nil {
		t.Fatal(err)
	}
	for _, e := range all {
		var name string
		if err := json.Unmarshal(e[0], &name); err != nil {
			t.Fatal(err)
		}
		out = append(out, event{name, e[1]})
	}
	return out
}

// named are the data of events of a name.
func named[T any](t *testing.T, all []event, name string) (out []T) {
	t.Helper()
	for _, e := range all {
		if e.name != name {
			continue
		}
		var x T
		if err := json.Unmarshal(e.data, &x); err != nil {
			t.Fatal(err)
		}
		out = append(out, x)
	}
	return out
}

// details are those of a page, by ID, each as in the document.
func details(t *testing.T, page string) map[flow.ID]json.RawMessage {
	t.Helper()
	out := make(map[flow.ID]json.RawMessage)
	for _, block := range webtest.Data(t, page, `class="details"`) {
		if err := json.Unmarshal([]byte(block), &out); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// TestReport_goldenData: the page has the rows and details of all flows, and what is found in them. Of the
// details, the golden file has those of one flow.
func TestReport_goldenData(t *testing.T) {
	for name, c := range map[string]*flow.Capture{"story": reporttest.Story(), "strict": reporttest.Strict()} {
		page := reported(t, c)
		have := details(t, page)
		if len(have) != len(c.Flows) {
			t.Errorf("%s has the details of %d of %d flows", name, len(have), len(c.Flows))
		}
		var b bytes.Buffer
		for _, e := range events(t, page) {
			if e.name == "findings" { // its HTML line by line
				b.WriteString(strings.ReplaceAll(named[findingsPanel](t, []event{e}, e.name)[0].HTML, "\u0026#39;", "'"))
				continue
			}
			fmt.Fprintf(&b, "%s %s\n", e.name, e.data)
		}
		var d struct{ Tabs []tab }
		if err := json.Unmarshal(have[4], &d); err != nil {
			t.Fatal(err)
		}
		for _, tab := range d.Tabs {
			fmt.Fprintf(&b, "\n%s\n", tab.Name)
			for _, l := range tab.Lines {
				fmt.Fprintf(&b, "%q\n", l)
			}
		}
		golden(t, name+".txt", b.String())
	}
}

// TestReport_viewsCountWhatTheTableCounts: the script adds up bits; the table asks the views.
func TestReport_viewsCountWhatTheTableCounts(t *testing.T) {
	for name, c := range map[string]*flow.Capture{"story": reporttest.Story(), "fixed": reporttest.Fixed(), "har": reporttest.Recorded()} {
		all := events(t, reported(t, c))
		problem := make(map[flow.ID]bool)
		for _, f := range named[findingsPanel](t, all, "findings")[0].List {
			for _, id := range f.Flows {
				problem[id] = problem[id] || f.Level == string(flow.LevelProblem)
			}
		}
		claims := views.ClaimsOf(c.Findings)
		for i, v := range views.All() {
			got, want := 0, 0
			for _, r := range named[struct {
				ID    flow.ID
				Views [2]int
			}](t, all, "row") {
				bits := r.Views[0]
				if problem[r.ID] {
					bits = r.Views[1]
				}
				got += bits >> i & 1
			}
			for _, f := range c.Flows {
				if v.Has == nil || v.Has(table.Row{Flow: f, Now: reporttest.At(120_000), Claim: claims.Levels[f.ID]}) {
					want++
				}
			}
			if got != want {
				t.Errorf("%s: %s has %d, want %d", name, v.Name, got, want)
			}
		}
	}
}

// TestReport_hasNoStandIns: neither in the report nor in its data. The names are those of the other
// formats.
func TestReport_hasNoStandIns(t *testing.T) {
	page := webtest.Unpack(t, reported(t, reporttest.Strict()))
	if m := regexp.MustCompile(`redacted-|10\.0\.[0-9]|172\.16\.`).FindAllString(page, -1); m != nil {
		t.Errorf("it has %q", m)
	}
	for _, want := range []string{`["private-`, `"client-1`} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q is in it", want)
		}
	}
}

// busy is a capture of many flows, of which the first and the last failed.
func busy(n int) *flow.Capture {
	var flows []*flow.Flow
	for i := range n {
		id := flow.ID(i + 1) //nolint:gosec // small
		switch i {
		case 0, n - 1:
			flows = append(flows, reporttest.Stuck(id, i*10, reporttest.MetricsHost, "GetMetricData", "10.0.1.23", "10.0.2.23"))
		default:
			f := reporttest.Call(id, i*10, flow.OriginConsole, reporttest.ConsoleHost, "Describe"+strconv.Itoa(i%300), "203.0.113.10")
			f.Request.Headers = []flow.Header{{Name: "X-Amzn-Trace-Id", Value: fmt.Sprintf("Root=1-%08x-%024x", i*2654435761, i*40503)}}
			f.Request.URL += "?nonce=" + strconv.Itoa(i*48271)
			flows = append(flows, f)
		}
	}
	return reporttest.Judged("busy.detour", flows...)
}

// TestReport_saysWhatItLeavesOut: rows and details of the affected flows are there before others.
func TestReport_saysWhatItLeavesOut(t *testing.T) {
	c := busy(300)
	c.Flows[150].Marked = true
	var b bytes.Buffer
	if err := New(Options{}).report(&b, c, c.Reader(), documents(c), limits{rows: 100, details: 14000, chunk: 4096}); err != nil {
		t.Fatal(err)
	}
	all, have := events(t, b.String()), details(t, b.String())
	var ids []flow.ID
	for _, r := range named[struct{ ID flow.ID }](t, all, "row") {
		ids = append(ids, r.ID)
	}
	if len(ids) != 100 || !slices.IsSorted(ids) || ids[0] != 1 || ids[1] != 151 || ids[2] != 203 || ids[99] != 300 {
		t.Errorf("the rows are %d", ids)
	}
	for _, id := range []flow.ID{1, 300, 151} {
		if have[id] == nil {
			t.Errorf("there are no details of %d, which matters", id)
		}
	}
	o := named[omission](t, all, "omitted")[0]
	if n := len(have); n < 3 || n >= 100 || o.Details != fmt.Sprintf("This report has the details of %d of 300 requests, those affected first. "+
		"The capture has all of them: detour open FILE.", n) {
		t.Errorf("%d details: %s", n, o.Details)
	}
	if want := "This report has 100 of 300 requests, those affected first. The capture has all of them: detour open FILE."; o.Rows != want {
		t.Errorf("rows: %s", o.Rows)
	}
	if o := named[omission](t, events(t, reported(t, c)), "omitted")[0]; o != (omission{}) {
		t.Errorf("of a whole report: %+v", o)
	}
}

// TestReport_ofManyFlowsStaysSmall: what a row takes, and the details up to their limit.
func TestReport_ofManyFlowsStaysSmall(t *testing.T) {
	c := busy(5000)
	d := documents(c)
	size := func(l limits) int {
		var b bytes.Buffer
		if err := New(Options{}).report(&b, c, c.Reader(), d, l); err != nil {
			t.Fatal(err)
		}
		return b.Len()
	}
	const details = 256 << 10
	bare, rows, whole := size(limits{}), size(limits{rows: len(c.Flows)}), size(limits{rows: len(c.Flows), details: details, chunk: 64 << 10})
	if row := (rows - bare) / len(c.Flows); row > 60 {
		t.Errorf("a row takes %d bytes", row)
	}
	if n := whole - rows; n > details || n < details/2 {
		t.Errorf("details take %d bytes of %d", n, details)
	}
}

// BenchmarkReport writes the report of 50,000 flows.
func BenchmarkReport(b *testing.B) {
	c := busy(50_000)
	for b.Loop() {
		n := new(counted)
		if err := New(Options{}).Report(n, c, c.Reader(), documents(c)); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(*n)/1e6, "MB")
	}
}

// A counted counts the bytes that it is given.
type counted int

func (n *counted) Write(b []byte) (int, error) {
	*n += counted(len(b))
	return len(b), nil
}
