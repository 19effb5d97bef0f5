package har

import (
	"strings"
	"testing"
	"time"
)

func TestInstant_readsEveryFormOfOneTime(t *testing.T) {
	want := time.Date(2026, 11, 20, 10, 28, 0, 250e6, time.UTC)
	for s, zoned := range map[string]bool{
		"2026-11-20T10:28:00.250Z": true, "2026-11-20T19:28:00.25+09:00": true, "2026-11-20T19:28:00.25+0900": true,
		"2026-11-20T10:28:00,250Z": true, "2026-11-20 10:28:00.250Z": true, "2026-11-20 19:28:00.250 +0900": true,
		"2026-11-20T10:28:00.250": false, "2026-11-20 10:28:00.250": false,
		"1795170480250": true, "1795170480.25": true, "1795170480250000": true, "1795170480250000000": true, "1.79517048025e12": true,
	} {
		if got, zone := instant(s); !got.Equal(want) || zone != zoned {
			t.Errorf("%s: %v, zone %v", s, got, zone)
		}
	}
	for _, s := range []string{"Fri, 20 Nov 2026 10:28:00 GMT", "Fri Nov 20 2026 19:28:00 GMT+0900 (Japan Standard Time)", "2026-11-20T10:28Z"} {
		if got, zone := instant(s); !got.Equal(want.Truncate(time.Second)) || !zone {
			t.Errorf("%s: %v, zone %v", s, got, zone)
		}
	}
	for _, s := range []string{"", "yesterday", "0", "-1", "NaN", "1e300", "0001-01-01T00:00:00Z", "9999-01-01T00:00:00Z", "12", "20/11/2026"} {
		if got, _ := instant(s); !got.IsZero() {
			t.Errorf("%q: %v", s, got)
		}
	}
}

func TestDecode_saysWhichTimesItCouldNotRead(t *testing.T) {
	for value, want := range map[string]string{
		`"20/11/2026 10:28"`: "can't be read (20/11/2026 10:28)", `"2026-11-20T10:28:00"`: "without a zone: it is read as UTC", `""`: "no start time",
	} {
		_, info, err := read(t, strings.NewReader(strings.Replace(plainHAR("a.example"), `"2026-11-20T10:28:00Z"`, value, 1)))
		if err != nil || len(info.Notes) != 1 || !strings.Contains(info.Notes[0], want) {
			t.Errorf("%s: %q, %v", value, info.Notes, err)
		}
	}
	flows, info, err := read(t, strings.NewReader(strings.Replace(plainHAR("a.example"), `"2026-11-20T10:28:00Z"`, "1795170480250", 1)))
	if err != nil || info.Notes != nil || flows[0].Times.Start.Year() != 2026 {
		t.Errorf("%v %q, %v", flows[0].Times, info.Notes, err)
	}
}
