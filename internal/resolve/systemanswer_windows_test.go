package resolve

import (
	"context"
	"testing"

	"detour/internal/flow"
)

func TestSystemRecords_ofANameThatDoesntExistSaysSomething(t *testing.T) {
	a, ok := systemRecords(t.Context(), "nothing.invalid.", false) // RFC 6761: no such name
	if !ok || a.code == 0 || len(a.addrs) != 0 {
		t.Errorf("%+v, %v", a, ok)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, ok := systemRecords(ctx, "nothing.invalid.", false); ok {
		t.Log("the answer was faster than the end")
	}
}

func TestResolve_asksWindowsForRecords(t *testing.T) {
	r := New(Config{})
	r.records = func(context.Context, string, bool) (systemAnswer, bool) {
		return systemAnswer{code: dnsNoRecords}, true
	}
	res := r.Resolve(t.Context(), "nothing.invalid")
	if res.Outcome == flow.DNSOK || res.Outcome == flow.DNSNXDomain {
		t.Errorf("%s: %s", res.Outcome, res.Err)
	}
}
