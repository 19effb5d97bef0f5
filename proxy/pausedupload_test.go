package proxy

import (
	"net/http"
	"testing"
	"time"

	"detour/internal/flow"
)

// A client that pauses in an upload must see at once that the server closed the
// connection or responded, as it would without a proxy.
func TestPausedUpload_theClientSeesTheServersEndAtOnce(t *testing.T) {
	for name, v := range map[string]struct {
		play   func(p *peer)
		status int
		stage  flow.Stage
	}{
		"dies":    {func(p *peer) { p.reset() }, http.StatusBadGateway, flow.StageSend},
		"answers": {func(p *peer) { p.answer("no"); p.drain() }, http.StatusOK, ""},
	} {
		for _, server := range []bool{false, true} {
			for _, client := range []bool{false, true} {
				proto := map[bool]string{false: "h1", true: "h2"}
				t.Run(name+", "+proto[client]+" to "+proto[server], func(t *testing.T) {
					s := newScriptedServer(t, server, func(p *peer) { p.request(); p.upload(1000); v.play(p) })
					c := s.startPausedUpload(t, client, largeUpload)
					defer c.abort()
					begin := time.Now()
					resp := c.response(t)
					if took := time.Since(begin); took > atOnce {
						t.Errorf("the client saw it after %v", took)
					}
					if resp.StatusCode != v.status {
						t.Errorf("status %d, want %d", resp.StatusCode, v.status)
					}
					f := s.sink.finals(t, 1)[0]
					if v.stage == "" && f.Failure != nil || v.stage != "" && (f.Failure == nil || f.Failure.Stage != v.stage) {
						t.Errorf("failure %+v, want one at %q", f.Failure, v.stage)
					}
				})
			}
		}
	}
}
