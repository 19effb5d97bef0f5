package proxy

import (
	"bytes"
	"io"
	"net/http"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// TestH2Conn_opensNoTunnel sends CONNECT in a tunnel.
func TestH2Conn_opensNoTunnel(t *testing.T) {
	b := newFixture(t, setup{h2: true}, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the server got a request") }))
	tc := b.openTLS(t, "h2")
	_ = tc.SetDeadline(time.Now().Add(time.Minute))
	_, _ = io.WriteString(tc, http2.ClientPreface)
	fr := http2.NewFramer(tc, tc)
	_ = fr.WriteSettings()
	var block bytes.Buffer
	enc := hpack.NewEncoder(&block)
	_ = enc.WriteField(hpack.HeaderField{Name: ":method", Value: "CONNECT"})
	_ = enc.WriteField(hpack.HeaderField{Name: ":authority", Value: "example.com:443"})
	_ = fr.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, EndHeaders: true, BlockFragment: block.Bytes()})
	fr.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	for {
		f, err := fr.ReadFrame()
		if err != nil {
			t.Fatal(err)
		}
		if head, ok := f.(*http2.MetaHeadersFrame); ok {
			if got := head.PseudoValue("status"); got != "501" {
				t.Errorf("status %s", got)
			}
			return
		}
	}
}
