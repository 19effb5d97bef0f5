// Package concurrent_test uses a redactor from several goroutines. It stands apart because the race
// detector, which it needs, makes the other tests of the package take many times as long.
package concurrent_test

import (
	"bytes"
	"sync"
	"testing"

	"detour/internal/flow"
	"detour/internal/redact"
)

func TestRedactor_isSafeForConcurrentUse(t *testing.T) {
	r := redact.New(redact.Options{Key: []byte("k"), Strict: true})
	var wg sync.WaitGroup
	outs := make([][]byte, 8)
	for i := range outs {
		wg.Go(func() {
			for n := range 50 {
				f := &flow.Flow{ID: flow.ID(n + 1), State: flow.StateDone, Request: flow.Request{URL: "https://h/?token=x", Body: []byte(`{"password":"x","account":"123456789012"}`)}}
				r.Flow(f)
				outs[i] = f.Request.Body
				r.Counts()
				r.Text("token=x")
			}
		})
	}
	wg.Wait()
	for _, o := range outs {
		if !bytes.Equal(o, outs[0]) {
			t.Errorf("%s and %s", o, outs[0])
		}
	}
}
