package h2client

import (
	"io"
	"strings"
	"testing"

	"golang.org/x/net/http2"
)

// faults are what a server does wrong, the result, and how the client ends the stream or the
// connection.
var faults = map[string]struct {
	play   func(p *peer)
	result string
	end    string
}{
	"a name in upper case":     {func(p *peer) { p.head(true, ":status", "200", "X-A", "b") }, "error: stream error", "RST_STREAM PROTOCOL_ERROR"},
	"no status":                {func(p *peer) { p.head(true, "x-a", "b") }, "no status", "RST_STREAM PROTOCOL_ERROR"},
	"a status that is none":    {func(p *peer) { p.head(true, ":status", "ok") }, "no number", "RST_STREAM PROTOCOL_ERROR"},
	"two statuses":             {func(p *peer) { p.head(true, ":status", "200", ":status", "200") }, "error: stream error", "RST_STREAM PROTOCOL_ERROR"},
	"a pseudo-header after":    {func(p *peer) { p.head(true, "x-a", "b", ":status", "200") }, "error: stream error", "RST_STREAM PROTOCOL_ERROR"},
	"an unknown pseudo-header": {func(p *peer) { p.head(true, ":status", "200", ":x", "b") }, "error: stream error", "RST_STREAM PROTOCOL_ERROR"},
	"a pseudo-header of ours":  {func(p *peer) { p.head(true, ":status", "200", ":path", "/") }, "error: stream error", "RST_STREAM PROTOCOL_ERROR"},
	"a value with a newline":   {func(p *peer) { p.head(true, ":status", "200", "x-a", "b\nc") }, "error: stream error", "RST_STREAM PROTOCOL_ERROR"},
	"DATA before the head":     {func(p *peer) { p.data("x", true) }, "DATA before", "RST_STREAM PROTOCOL_ERROR"},
	"an interim one that ends": {func(p *peer) { p.head(true, ":status", "103") }, "interim", "RST_STREAM PROTOCOL_ERROR"},
	"another protocol":         {func(p *peer) { p.head(false, ":status", "101"); p.answer("x") }, "101", "RST_STREAM PROTOCOL_ERROR"},
	"two lengths":              {func(p *peer) { p.head(true, ":status", "200", "content-length", "1", "content-length", "2") }, "Content-Length", "RST_STREAM PROTOCOL_ERROR"},
	"a length that is none":    {func(p *peer) { p.head(true, ":status", "200", "content-length", "+1") }, "Content-Length", "RST_STREAM PROTOCOL_ERROR"},
	"one length twice": {func(p *peer) {
		p.head(false, ":status", "200", "content-length", "1", "content-length", "1")
		p.data("x", true)
	}, `200 map[Content-Length:[1]] "x"`, "closed"},
	"a trailer that isn't last": {func(p *peer) { p.answerPart(); p.head(false, "x-sum", "1") }, "trailer", "RST_STREAM PROTOCOL_ERROR"},
	"a pseudo-header in it":     {func(p *peer) { p.answerPart(); p.head(true, ":status", "200") }, "trailer", "RST_STREAM PROTOCOL_ERROR"},
	"too much":                  {func(p *peer) { p.head(false, ":status", "200", "content-length", "2"); p.data("abc", true) }, "longer", "RST_STREAM PROTOCOL_ERROR"},
	"too little": {func(p *peer) {
		p.head(false, ":status", "200", "content-length", "5")
		p.data("abc", true)
	}, `"abc" trailer map[] error: unexpected EOF`, "closed"},
	"nothing of a length": {func(p *peer) { p.head(true, ":status", "200", "content-length", "5") }, "error: unexpected EOF", "closed"},
	"a head that is too long": {func(p *peer) {
		kv := []string{":status", "200"}
		for range 20 {
			kv = append(kv, "x-long", strings.Repeat("x", 4000))
		}
		p.longHead(p.Fields(kv...))
	}, "longer than allowed", "RST_STREAM PROTOCOL_ERROR"},
	"endless CONTINUATION": {func(p *peer) {
		p.HPACK.SetMaxDynamicTableSizeLimit(0)
		_ = p.fr.WriteHeaders(http2.HeadersFrameParam{StreamID: p.stream, BlockFragment: p.Fields(":status", "200")})
		for i := 0; i < 1000 && p.fr.WriteContinuation(p.stream, false, p.Fields("x-a", strings.Repeat("x", 16000))) == nil; i++ {
		}
	}, "error: ", "GOAWAY PROTOCOL_ERROR|closed"},
	"a block that isn't HPACK": {func(p *peer) {
		_ = p.fr.WriteHeaders(http2.HeadersFrameParam{StreamID: p.stream, BlockFragment: []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, EndHeaders: true})
	}, "COMPRESSION_ERROR", "GOAWAY COMPRESSION_ERROR"},
	"a frame that is too long": {func(p *peer) { _ = p.fr.WriteRawFrame(http2.FrameData, 0, 1, make([]byte, 17<<10)) }, "FRAME_SIZE_ERROR", "GOAWAY FRAME_SIZE_ERROR|closed"},
	"PUSH_PROMISE": {func(p *peer) {
		_ = p.fr.WritePushPromise(http2.PushPromiseParam{StreamID: 1, PromiseID: 2, EndHeaders: true})
	}, "PROTOCOL_ERROR", "GOAWAY PROTOCOL_ERROR"},
	"a stream of the server":    {func(p *peer) { _ = p.fr.WriteData(2, true, nil) }, "PROTOCOL_ERROR", "GOAWAY PROTOCOL_ERROR"},
	"a stream to come":          {func(p *peer) { _ = p.fr.WriteRSTStream(9, http2.ErrCodeNo) }, "PROTOCOL_ERROR", "GOAWAY PROTOCOL_ERROR"},
	"a window that overflows":   {func(p *peer) { _ = p.fr.WriteWindowUpdate(0, 1<<31-1) }, "FLOW_CONTROL_ERROR", "GOAWAY FLOW_CONTROL_ERROR"},
	"a stream's that overflows": {func(p *peer) { _ = p.fr.WriteWindowUpdate(1, 1<<31-1) }, "FLOW_CONTROL_ERROR", "RST_STREAM FLOW_CONTROL_ERROR"},
	"an initial one that does":  {func(p *peer) { _ = p.fr.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1 << 31}) }, "FLOW_CONTROL_ERROR", "GOAWAY FLOW_CONTROL_ERROR"},
	"too many settings": {func(p *peer) {
		_ = p.fr.WriteSettings(make([]http2.Setting, 101)...)
	}, "PROTOCOL_ERROR", "GOAWAY PROTOCOL_ERROR"},
	"RST_STREAM":                 {func(p *peer) { _ = p.fr.WriteRSTStream(1, http2.ErrCodeInternal) }, "INTERNAL_ERROR; received from peer", "closed"},
	"RST_STREAM after the whole": {func(p *peer) { p.answer("ok"); _ = p.fr.WriteRSTStream(1, http2.ErrCodeInternal) }, `200 map[] "ok"`, "closed"},
	"the end":                    {func(p *peer) { p.fin() }, "error: unexpected EOF", "closed"},
	"GOAWAY and the end":         {func(p *peer) { _ = p.fr.WriteGoAway(1, http2.ErrCodeInternal, []byte("why")); _ = p.conn.Close() }, `INTERNAL_ERROR, last stream 1, "why"`, "closed"},
	"GOAWAY before the response": {func(p *peer) { _ = p.fr.WriteGoAway(1, http2.ErrCodeNo, nil); p.answer("ok") }, `200 map[] "ok"`, "closed"},
	"GOAWAY with an error":       {func(p *peer) { _ = p.fr.WriteGoAway(0, http2.ErrCodeEnhanceYourCalm, []byte("why")) }, `ENHANCE_YOUR_CALM, last stream 0, "why"`, "closed"},
}

// answerPart sends the head and a part of the body of a response.
func (p *peer) answerPart() { p.head(false, ":status", "200"); p.data("x", false) }

// longHead writes a head in as many frames as it needs.
func (p *peer) longHead(block []byte) {
	n := min(len(block), 16<<10)
	_ = p.fr.WriteHeaders(http2.HeadersFrameParam{StreamID: p.stream, BlockFragment: block[:n], EndHeaders: n == len(block), EndStream: true})
	for block = block[n:]; len(block) > 0; block = block[n:] {
		n = min(len(block), 16<<10)
		_ = p.fr.WriteContinuation(p.stream, n == len(block), block[:n])
	}
}

func TestFaults_ofAServer(t *testing.T) {
	for name, f := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newTestPool(t)
			ended := make(chan string, 1)
			addPeer(t, p, func(s *peer) {
				s.request()
				f.play(s)
				ended <- s.end()
			})
			contains(t, result(p, newRequest(t, "GET", nil)), f.result)
			p.Close()
			end := <-ended
			for want := range strings.SplitSeq(f.end, "|") {
				if strings.Contains(end, want) {
					return
				}
			}
			t.Errorf("the client's end: %s, want %s", end, f.end)
		})
	}
}

// A server that sends more than its window allows, to a client that reads nothing, ends the stream.
func TestFaults_moreThanTheWindow(t *testing.T) {
	p := newTestPool(t)
	ended := make(chan string, 1)
	addPeer(t, p, func(s *peer) {
		s.request()
		s.head(false, ":status", "200")
		for range 17 {
			_ = s.fr.WriteData(s.stream, false, make([]byte, 16<<10))
		}
		ended <- s.end()
	})
	resp, err := p.RoundTrip(newRequest(t, "GET", nil))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	contains(t, <-ended, "RST_STREAM FLOW_CONTROL_ERROR")
	if _, err := io.ReadAll(resp.Body); err == nil || !strings.Contains(err.Error(), "FLOW_CONTROL_ERROR") {
		t.Errorf("the body ends with %v", err)
	}
}

// A fault of one stream must not harm another on the same connection.
func TestFaults_ofOneStreamLeaveTheOthers(t *testing.T) {
	p := newTestPool(t)
	addPeer(t, p, func(s *peer) {
		for s.request() {
			if s.stream == 1 {
				s.head(true, "X-A", "b", "x-b", "c")
				continue
			}
			s.head(true, ":status", "200", "x-b", "c")
		}
	})
	contains(t, result(p, newRequest(t, "GET", nil)), "PROTOCOL_ERROR")
	contains(t, result(p, newRequest(t, "GET", nil)), "200 map[X-B:[c]]")
}
