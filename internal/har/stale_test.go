package har

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"detour/internal/flow"
)

// firefoxHAR has an entry for each duration that a request really took; the file has 0.
func firefoxHAR(skew time.Duration, headers string, took ...time.Duration) string {
	began := time.Date(2026, 11, 20, 10, 28, 0, 400e6, time.UTC)
	var entries []string
	for i, d := range took {
		at := began.Add(time.Duration(i) * time.Second)
		entries = append(entries, fmt.Sprintf(`{"startedDateTime":%q,"_securityState":"secure","request":{"method":"GET","url":"https://h%d.example/"},`+
			`"response":{"status":200,"headers":[{"name":"Date","value":%q}%s]},"timings":{"blocked":-1,"dns":0,"connect":0,"ssl":0,"send":0,"wait":0,"receive":0},"time":0}`,
			at.Format(time.RFC3339Nano), i, at.Add(d+skew).Format("Mon, 02 Jan 2006 15:04:05 GMT"), headers))
	}
	return `{"log":{"creator":{"name":"Firefox","version":"153.0"},"entries":[` + strings.Join(entries, ",") + `]}}`
}

func TestDecoder_staleDurationsOfFirefoxFollowFromDate(t *testing.T) {
	const fast, slow = 20 * time.Millisecond, 6 * time.Second
	for _, skew := range []time.Duration{0, time.Hour, -90 * time.Second} {
		flows, info, err := read(t, strings.NewReader(firefoxHAR(skew, "", fast, fast, slow, fast, fast)))
		if err != nil || len(info.Late) != 1 || info.Late[flows[2].ID].Round(2*time.Second) != slow {
			t.Errorf("skew %v: %v, %v", skew, info.Late, err)
		}
		was := flows[2].Elapsed(time.Time{})
		got := Prolonged(flows[2], slow)
		if got.Elapsed(time.Time{}) != was+slow || got.Timings().Wait != slow || flows[2].Elapsed(time.Time{}) != was {
			t.Errorf("took %v, wait %v", got.Elapsed(time.Time{}), got.Timings().Wait)
		}
	}
	for name, file := range map[string]string{
		"too few":     firefoxHAR(0, "", fast, slow, fast),
		"all fast":    firefoxHAR(time.Hour, "", fast, fast, fast, fast, 900*time.Millisecond),
		"from caches": firefoxHAR(0, `,{"name":"Age","value":"6"}`, fast, slow, fast, fast, fast),
		"Chromium's":  strings.Replace(firefoxHAR(0, "", fast, fast, slow, fast, fast), "Firefox", "WebInspector", 1),
	} {
		if _, info, err := read(t, strings.NewReader(file)); err != nil || len(info.Late) != 0 {
			t.Errorf("%s: %v, %v", name, info.Late, err)
		}
	}
	for _, name := range []string{"firefox-healthy-nolna.har", "firefox-slow-full-nolna.har", "firefox-no-cors.har"} {
		if _, info, _ := read(t, bytes.NewReader(fileOf(t, filepath.Join(recorded, name)))); len(info.Late) != 0 {
			t.Errorf("%s: %v", name, info.Late)
		}
	}
}

func TestDecode_phasesOfAFailedRequestSayHowFarItCame(t *testing.T) {
	for timings, want := range map[string]struct {
		kind    flow.FailureKind
		notSent bool
	}{
		`{"blocked":1,"dns":2,"connect":3,"send":0,"wait":9000,"receive":0}`:     {flow.KindNoResponse, false},
		`{"blocked":1,"dns":2,"connect":21000,"send":-1,"wait":-1,"receive":-1}`: {flow.KindUnknown, true},
		`{"blocked":4004,"dns":-1,"connect":-1,"send":0,"wait":0,"receive":0}`:   {flow.KindUnknown, false},
		`{}`: {flow.KindUnknown, false},
	} {
		file := strings.Replace(strings.Replace(plainHAR("a.example"), `"timings":{}`, `"timings":`+timings, 1), `"status":200`, `"status":0`, 1)
		flows, _, err := read(t, strings.NewReader(file))
		if err != nil || flows[0].Failure == nil || flows[0].Failure.Kind != want.kind || flows[0].Failure.NotSent != want.notSent || flows[0].Failure.Message == "" {
			t.Errorf("%s: %+v, %v", timings, flows[0].Failure, err)
		}
	}
}
