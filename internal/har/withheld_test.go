package har

import (
	"bytes"
	"path/filepath"
	"testing"

	"detour/internal/flow"
)

// TestDecode_aResponseThatThePageMayNotReadIsAFailureOfCORS: Chromium writes the status of the
// call and net::ERR_FAILED, Firefox the status alone.
func TestDecode_aResponseThatThePageMayNotReadIsAFailureOfCORS(t *testing.T) {
	for _, browser := range []string{"chromium", "firefox"} {
		path := filepath.Join("..", "..", "cmd", "detour", "testdata", "recorded", browser+"-no-cors-answer.har")
		flows, _, err := read(t, bytes.NewReader(fileOf(t, path)))
		if err != nil {
			t.Fatal(err)
		}
		refused := 0
		for _, f := range flows {
			if f.Failure != nil && f.Failure.Kind == flow.KindCORS {
				refused++
				if f.Response == nil || f.Response.Status != 200 || f.Failure.Stage != flow.StageClient || f.Request.Method != "POST" {
					t.Errorf("%s: %s %s: %+v, %+v", browser, f.Request.Method, f.Request.URL, f.Failure, f.Response)
				}
			}
		}
		if refused != 3 {
			t.Errorf("%s: %d calls failed for CORS", browser, refused)
		}
	}
}
