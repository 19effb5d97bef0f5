package account

import (
	"fmt"
	"testing"

	"detour/internal/flow"
)

// A file may name any operation, and any protocol of a query.
func TestStudy_boundsWhatAFileNames(t *testing.T) {
	w := newWorld(false)
	servers := withResolver(w)
	s := w.config(t).Study(nil, began, Client{})
	for i := range flow.ID(maxAnswered + 10) {
		name := fmt.Sprint("Operation", i)
		call := w.call(2*i+1, "logs", w.logs[:1], flow.DialConnected)
		call.AWS.Operation, call.Response = name, &flow.Response{Status: 200}
		s.Add(call)
		lookup := w.lookup(name, servers[0])
		for q := range lookup.Conn.Resolution.Queries {
			lookup.Conn.Resolution.Queries[q].RCode = "NOERROR"
		}
		s.Add(lookup)
	}
	if n := len(s.common.calls); n != maxAnswered {
		t.Errorf("%d calls are kept", n)
	}
	if n := len(s.common.queries); n != maxAnswered {
		t.Errorf("%d queries are kept", n)
	}
}
