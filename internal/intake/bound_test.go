package intake

import (
	"encoding/json"
	"strings"
	"testing"

	"detour/internal/flow"
)

func TestTake_shortensWhatAServerSentTooMuchOf(t *testing.T) {
	const secret = "hunter2hunter2hunter2"
	in := New(Config{Tables: load(t)})
	f := exchange(1)[2]
	f.Response.Headers = append(f.Response.Headers, flow.Header{Name: "Content-Language", Value: strings.Repeat("lorem ipsum ", 100_000)},
		flow.Header{Name: "Set-Cookie", Value: "a=" + strings.Repeat(secret, 50_000)})
	in.Take(&f)
	b, err := json.Marshal(&f)
	if err != nil || len(b) > flow.MaxRecord || len(f.Shortened) == 0 || f.AWS.Operation != "GetMetricData" {
		t.Errorf("%d bytes, shortened %q, %+v, %v", len(b), f.Shortened, f.AWS, err)
	}
	if strings.Contains(string(b), secret) {
		t.Error("a shortened value has the secret")
	}
	n := 0
	for _, h := range f.Response.Headers {
		n += len(h.Value)
	}
	if n > flow.MaxRecord {
		t.Errorf("%d bytes of header fields stay in memory", n)
	}
}
