package intake_test

import (
	"strings"
	"testing"

	"detour/internal/flow"
	"detour/internal/intake"
)

// TestRead_theStepsAreOfTheMachineThatRecorded: whoever reads the capture, its commands are for the
// machine that has the problem.
func TestRead_theStepsAreOfTheMachineThatRecorded(t *testing.T) {
	tables := loadTables(t)
	for os, want := range map[string]string{
		"linux": "ip route get 10.0.1.23", "darwin": "route -n get 10.0.1.23", "windows": "Find-NetRoute -RemoteIPAddress 10.0.1.23",
		"": "ip route get 10.0.1.23 route -n get 10.0.1.23 Find-NetRoute -RemoteIPAddress 10.0.1.23",
	} {
		f := stuckFrom(1, "172.16.8.5", "10.0.1.23")
		for i := range f.Conn.Attempts {
			f.Conn.Attempts[i].Outcome = flow.DialRefused
		}
		c := &flow.Capture{Flows: []*flow.Flow{f}}
		if os != "" {
			c.Environment = &flow.Environment{OS: os}
		}
		for _, strict := range []bool{false, true} {
			got, err := intake.Reader{Tables: tables, Strict: strict}.Read(t.Context(), stored(t, c))
			if err != nil || len(got.Findings) == 0 {
				t.Fatal(got, err)
			}
			var all []string
			for _, s := range got.Findings[0].Try {
				if strings.Contains(s.Command, "oute") {
					all = append(all, s.Command)
				}
			}
			if text := strings.Join(all, " "); !strict && text != want || strict && len(all) != strings.Count(want, "get ")+strings.Count(want, "Find") {
				t.Errorf("%q, strict %v: %s, want %s", os, strict, text, want)
			}
		}
	}
}
