package mask

import (
	"strings"
	"testing"

	"detour/internal/alias"
	"detour/internal/flow"
)

func TestLearn_theProxiesOfAPACFile(t *testing.T) {
	m := New(Names{}, &alias.Table{})
	m.Learn(&flow.Flow{Conn: &flow.Conn{PAC: "PROXY spareproxy:3128; DIRECT (it looked up hidden.corp.example)"}})
	if got := m.Text("PROXY spareproxy:3128; DIRECT (it looked up hidden.corp.example)"); strings.Contains(got, "spareproxy") || strings.Contains(got, "hidden") ||
		!strings.Contains(got, "DIRECT") {
		t.Error(got)
	}
}
