package detail

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"detour/internal/diagnose"
	"detour/internal/flow"
	"detour/internal/report"
	"detour/ui/flowtest"
	"detour/ui/pane"
	"detour/ui/table"
)

const monitoring = "monitoring.ap-northeast-1.amazonaws.com"

// tried is a direct call with attempts to connect.
func tried(attempts ...flow.DialAttempt) *flow.Flow {
	f := flowtest.Call(1, flowtest.Start, flow.OriginDirect, monitoring, "monitoring", "CloudWatch", "GetMetricData")
	f.Conn = flowtest.Private(1, flowtest.Start, monitoring, flow.DialPending, 0, "10.0.1.23", "10.0.2.23")
	f.Conn.Attempts = attempts
	f.State = flow.StateConnecting
	return f
}

func connect(after int, addr string, o flow.DialOutcome, took time.Duration, syns int) flow.DialAttempt {
	a := flowtest.Attempt(flowtest.At(after), addr, o, took)
	a.Kernel = &flow.KernelTCP{SYNRetransmits: syns - 1}
	return a
}

// page is a tab as text, in which lines aren't wrapped.
func page(x Subject, name string) string {
	for _, t := range Tabs() {
		if t.Name == name {
			return pane.PlainText(t.Page(x))
		}
	}
	return ""
}

// TestFigures_areTheSameOnEveryScreen compares how long, at how many addresses and with how many
// SYNs a flow tried to connect: in the row, in each tab, in the finding, the report and the record.
func TestFigures_areTheSameOnEveryScreen(t *testing.T) {
	now := flowtest.At(12_300)
	other := flowtest.Answered(flowtest.Call(9, flowtest.At(12_230), flow.OriginConsole, flowtest.ConsoleHost, "ec2", "EC2", "DescribeTags"),
		200, flowtest.Millis(70)) // the report's last instant
	over := func(f *flow.Flow, took time.Duration) *flow.Flow {
		f = flowtest.TimedOut(f, took)
		f.Findings = nil
		return f
	}
	won := flowtest.Answered(tried(connect(2, "10.0.1.23", flow.DialLost, 4*time.Second, 3),
		connect(252, "10.0.2.23", flow.DialConnected, flowtest.Millis(3750), 3)), 200, flowtest.Millis(4200))
	reused := flowtest.Answered(tried(connect(2, "10.0.1.23", flow.DialConnected, flowtest.Millis(12), 1)), 200, flowtest.Millis(90))
	reused.Reused = true
	asked := over(tried(connect(2, "10.0.1.23", flow.DialTimeout, 5*time.Second, 3)), flowtest.Millis(5010))
	asked.Later = []flow.Later{{Kind: flow.LaterProbe, At: flowtest.At(9000), Addr: asked.Conn.Attempts[0].Addr, Outcome: flow.DialConnected, Took: time.Millisecond}}

	for name, c := range map[string]struct {
		f       *flow.Flow
		sum     string   // in the row, Overview, Timings and the report; of a winner, the beginning
		each    []string // in Connection
		finding string   // in the finding's evidence; "": there is none
		syns    int      // in the record; 0: none
	}{
		"two addresses": {
			over(tried(connect(2, "10.0.1.23", flow.DialTimeout, 5*time.Second, 3), connect(252, "10.0.2.23", flow.DialTimeout, 5*time.Second, 3)),
				flowtest.Millis(5260)),
			"TIMEOUT 5.0 s, 2 addresses · 3 SYNs each",
			[]string{"no response within 5.0 s", "3 SYNs sent"},
			"any of 2 addresses within 5.0 s, 3 SYNs each", 3,
		},
		"pending": {
			tried(connect(2, "10.0.1.23", flow.DialPending, 0, 4), connect(252, "10.0.2.23", flow.DialPending, 0, 4)),
			"connecting 12 s, 2 addresses · 4 SYNs each",
			[]string{"no response for 12 s, still waiting", "4 SYNs sent"},
			"any of 2 addresses within 12 s, 4 SYNs each, still waiting", 4,
		},
		"one address": {
			over(tried(connect(2, "10.0.1.23", flow.DialTimeout, 5*time.Second, 3)), flowtest.Millis(5010)),
			"TIMEOUT 5.0 s · 3 SYNs",
			[]string{"no response within 5.0 s", "3 SYNs sent"},
			"its address within 5.0 s, 3 SYNs", 3,
		},
		"asked later": {
			asked, "TIMEOUT 5.0 s · 3 SYNs", []string{"no response within 5.0 s", "3 SYNs sent", "probed: 10.0.1.23:443 (private) ok in 1.0 ms"}, "", 3,
		},
		"a winner": {won, "ok 3.8 s", []string{"ok in 3.8 s", "stopped after 4.0 s", "3 SYNs sent"}, "", 3},
		"reused":   {reused, "", []string{"reused: DNS, TCP and TLS belong to an earlier flow"}, "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			flows := []*flow.Flow{c.f, other}
			found := diagnose.Run(flows, now)
			x := Subject{Flow: c.f, Findings: found, Now: now}
			has := func(where, in, want string) {
				t.Helper()
				if !strings.Contains(in, want) {
					t.Errorf("%s: no %q in\n%s", where, want, in)
				}
			}
			var md bytes.Buffer
			if err := report.Markdown(&md, report.Of(&flow.Capture{Flows: flows, Findings: found})); err != nil {
				t.Fatal(err)
			}
			has("row", table.Path(table.Row{Flow: c.f, Now: now}), c.sum)
			has("Overview", page(x, "Overview"), c.sum)
			has("Timings", page(x, "Overview")[strings.Index(page(x, "Overview"), "Timings"):], c.sum)
			if c.f.Response == nil { // else it isn't affected
				has("report", md.String(), c.sum)
			}
			for _, want := range c.each {
				has("Connection", page(x, "Connection"), want)
			}
			if c.finding != "" {
				lines, _ := Findings(found, 0)
				has("finding", pane.PlainText(lines), c.finding)
				has("report", md.String(), c.finding)
			}
			has("Raw record", page(x, "Raw record"), `"syns": `+string(rune('0'+c.syns)))
		})
	}
}
