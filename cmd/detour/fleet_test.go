package main

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"detour/internal/demo"
	"detour/internal/otlp/otlptest"
)

// TestFleet_theDemoInVictoriaLogs exports the demo's flows as a desk does, and asks the question of
// docs/fleet.md.
func TestFleet_theDemoInVictoriaLogs(t *testing.T) {
	t.Parallel()
	v, capture := otlptest.StartVictoriaLogs(t), demoCapture(t)
	lines, _ := ran(t, exitDone, "export", capture, "--format", "jsonl", "-o", "-")
	ran(t, exitDone, "export", capture, "--otlp", v.Endpoint, "--otlp-send", "all")

	all := v.Query(t, `event_name:"detour.flow"`)
	if n := strings.Count(lines, "\n"); len(all) != n || n < 10 {
		t.Errorf("VictoriaLogs has %d of %d flows", len(all), n)
	}
	for _, r := range v.Query(t, "*") {
		if text := fmt.Sprint(r); strings.Contains(text, demo.ClientIP) || strings.Contains(text, "123456789012") {
			t.Errorf("the machine's address or an account is in %s", text)
		}
	}
	type row struct{ Host, Office, Nameserver, Requests, Desks string }
	var got []row
	for _, r := range v.Query(t, otlptest.SavedQuery(t, "../../docs/fleet.md", "query not-responding")) {
		got = append(got, row{r["server.address"], r["network.local.address"], r["detour.dns.nameserver"], r["requests"], r["desks"]})
		if since := r["since"]; len(since) < len("2026-11-23T10:28:01Z") {
			t.Errorf("since is %q", since)
		}
	}
	silent := make(map[string]int) // requests without a response, by host
	for line := range strings.Lines(lines) {
		for _, host := range []string{demo.MetricsHost, demo.LogsHost} {
			if strings.Contains(line, `"outcome":"timeout"`) && strings.Contains(line, `"url":"https://`+host) {
				silent[host]++
			}
		}
	}
	want := []row{ // a file doesn't say which desk it is of
		{demo.MetricsHost, "172.16.8.0", demo.Resolver, strconv.Itoa(silent[demo.MetricsHost]), "0"},
		{demo.LogsHost, "172.16.8.0", demo.Resolver, strconv.Itoa(silent[demo.LogsHost]), "0"},
	}
	if diff := cmp.Diff(want, got); diff != "" || silent[demo.LogsHost] == 0 {
		t.Error(diff)
	}
}
