package proxy

import (
	"bufio"
	"io"
	"net/http"
	"testing"

	"detour/internal/flow"
)

// It was a "connection_terminated" 502 at the stage send, although no server was asked.
func TestExchange_aSchemeOtherThanHTTPIsTheClientsMistake(t *testing.T) {
	for _, url := range []string{"ftp://example.com/x", "file:///etc/passwd", "x://example.com/"} {
		b := newFixture(t, setup{}, http.NotFoundHandler())
		c := b.dialRaw(t)
		_, _ = io.WriteString(c, "GET "+url+" HTTP/1.1\r\nHost: example.com\r\n\r\n")
		resp, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if ps := resp.Header.Get("Proxy-Status"); resp.StatusCode != http.StatusBadRequest || ps != "detour; error=http_request_error" {
			t.Errorf("%s: %d, %q", url, resp.StatusCode, ps)
		}
		if f := b.sink.finals(t, 1)[0]; f.Failure == nil || f.Failure.Stage != flow.StageProxy {
			t.Errorf("%s: failure %+v", url, f.Failure)
		}
	}
}
