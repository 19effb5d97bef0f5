package diagnose

import (
	"fmt"
	"strings"
	"testing"

	"detour/internal/finding"
	"detour/internal/flow"
)

// Thousands of hosts may fail in the same way. What a person reads stays a page.
func TestText_ofThousandsOfHostsIsAPage(t *testing.T) {
	var f flow.Finding
	g := group{}
	for i := range 5000 {
		host := fmt.Sprintf("h%d.ap-northeast-1.amazonaws.com", i)
		f.Because = append(f.Because, host+": refused")
		g.Set = append(g.Set, &flow.Flow{Request: flow.Request{Method: "GET", URL: "https://" + host + "/"}})
	}
	f.Title = g.HostList() + ": refused"
	text := finding.Text(f)
	if len(text) > 8<<10 || !strings.Contains(text, " more: refused") || !strings.Contains(text, "- and 4950 more\n") {
		t.Errorf("%d bytes: %.2000s", len(text), text)
	}
}
