package proxy

import (
	"testing"
	"time"

	"detour/internal/flow"
)

// A server that neither answers nor acknowledges a ping is silent: it hasn't ended the
// connection.
func TestSilence_anUnansweredPingIsATimeoutAndNoEndByTheServer(t *testing.T) {
	released := make(chan struct{})
	s := newScriptedServer(t, true, func(p *peer) {
		p.request()
		<-released // reads nothing more, so no ping either
	})
	t.Cleanup(func() { close(released) })
	s.proxy.pingAfter, s.proxy.pingTimeout = 50*time.Millisecond, 50*time.Millisecond
	s.proxy.up.Store(s.proxy.newUpstream())
	resp, err := s.client(t, true).Post("https://example.com/", "text/plain", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	f := s.sink.finals(t, 1)[0]
	if f.Failure == nil || f.Failure.Stage != flow.StageWait || f.Failure.Kind != flow.KindResponseTimeout {
		t.Errorf("failure %+v", f.Failure)
	}
}
