package session

import (
	"slices"
	"testing"

	"detour/internal/filter"
	"detour/internal/flow"
	"detour/internal/intake"
)

// TestSession_behindATLSInspectingCA: the certificate comes from a private CA, as in a company. That
// is a notice about a flow that works as far as TLS goes, and no code of the flow; and the filter finds
// in the file what the notice lists.
func TestSession_behindATLSInspectingCA(t *testing.T) {
	port, roots := denying(t)
	cfg := config(t, roots)
	s, _ := recordsOfACall(t, cfg, port)
	at := slices.IndexFunc(s.Store().Findings(), func(f flow.Finding) bool { return f.Code == "tls-intercepted" })
	if at < 0 {
		t.Fatalf("%+v", s.Store().Findings())
	}
	notice := s.Store().Findings()[at]
	if notice.Level != flow.LevelNotice || len(notice.Flows) != 1 {
		t.Errorf("%+v", notice)
	}
	if f := s.Store().Flows()[0]; !slices.Equal(f.Findings, []string{"denied-by-endpoint-policy"}) {
		t.Errorf("the flow's codes are %q", f.Findings)
	}
	for text, flows := range map[string]int{"finding:tls-intercepted": 1, "finding:denied": 1, "finding:connect-timeout": 0} {
		keep, err := filter.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		got, err := intake.Reader{Tables: cfg.Tables, Keep: keep}.Read(t.Context(), s.CapturePath())
		if err != nil || len(got.Flows) != flows || (len(got.Findings) > 0) != (flows > 0) {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
}
