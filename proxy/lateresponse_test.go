package proxy

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"detour/internal/flow"
)

// When the client leaves, the proxy closes the connection to the server, which may respond to that.
// net/http returns such a response if it comes at the right moment. Nobody received it.
func TestLateResponse_isNotThatOfAClientThatHasLeft(t *testing.T) {
	b := newFixture(t, setup{}, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	get(t, b.client(t, true), "https://example.com/") // leaves a connection, as a dial would be canceled
	x := b.proxy.beginExchange(flow.Request{Method: http.MethodGet, URL: "https://example.com/", Proto: "HTTP/2.0"}, nil)
	defer b.proxy.work.Leave()
	client, leave := context.WithCancel(t.Context())
	leave()
	x.client = client
	r, _ := http.NewRequestWithContext(x.withTrace(t.Context()), http.MethodGet, "https://example.com/", nil)
	r.ProtoMajor = 2 // as the client's
	resp, err := b.proxy.roundTrip(r, nil)
	if err == nil {
		_ = resp.Body.Close()
	}
	if !errors.Is(err, context.Canceled) {
		t.Errorf("response %+v, error %v", resp, err)
	}
	if stage := x.roundTripFailed(context.Canceled); stage != flow.StageClient {
		t.Errorf("stage %q", stage)
	}
	x.finish()
	if f := b.sink.finals(t, 2)[1]; f.Response != nil || f.Failure == nil || f.Failure.Stage != flow.StageClient {
		t.Errorf("response %+v, failure %+v", f.Response, f.Failure)
	}
}
