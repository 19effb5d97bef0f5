package har

import (
	"bytes"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"detour/internal/flow"
)

// same compares as far as a HAR can tell: to a microsecond.
func same() cmp.Options {
	return cmp.Options{
		cmpopts.EquateComparable(netip.Addr{}, netip.AddrPort{}), cmpopts.EquateEmpty(), cmpopts.EquateApproxTime(2 * time.Microsecond),
		cmp.Comparer(func(a, b time.Duration) bool { return (a - b).Abs() <= 2*time.Microsecond }),
	}
}

func TestDecode_ofWhatWasEncodedIsTheCapture(t *testing.T) {
	c := story()
	flows, info, err := read(t, bytes.NewReader(encode(t, c)))
	if err != nil || info.Notes != nil || info.Creator != "detour 1.0" || info.Browser != "Chromium 156.0" {
		t.Fatalf("%+v: %v", info, err)
	}
	if d := cmp.Diff(c.Flows, flows, same()); d != "" {
		t.Errorf("flows (-written +read):\n%s", d)
	}
	c.Flows = nil
	if d := cmp.Diff(c, info.Capture, same()); d != "" {
		t.Errorf("capture (-written +read):\n%s", d)
	}
}

func TestDecode_ofWhatWasReadAndEncodedIsTheSame(t *testing.T) {
	files, err := filepath.Glob("testdata/*.har")
	if err != nil || len(files) < 3 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		once, info, err := read(t, bytes.NewReader(raw))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		again := encode(t, &flow.Capture{Creator: info.Creator, Flows: once})
		if wrong := violations(t, again); wrong != nil {
			t.Errorf("%s: %v", name, wrong)
		}
		twice, after, err := read(t, bytes.NewReader(again))
		if err != nil || after.Capture.Creator != info.Creator || after.Notes != nil {
			t.Errorf("%s: %+v, %v", name, after, err)
		}
		if d := cmp.Diff(once, twice, same()); d != "" {
			t.Errorf("%s (-once +twice):\n%s", name, d)
		}
	}
}

func TestDecode_onlyOursIsBelieved(t *testing.T) {
	c := story()
	file := bytes.Replace(encode(t, c), []byte(`"name":"detour"`), []byte(`"name":"detour2"`), 1)
	flows, info, err := read(t, bytes.NewReader(file))
	if err != nil || info.Capture != nil || len(flows) != len(c.Flows) {
		t.Fatalf("%d flows, %+v, %v", len(flows), info, err)
	}
	f := flows[1]
	if f.ID != 2 || f.Origin != "" || f.AWS != nil || f.Marked || f.Source != flow.SourceHAR || f.Conn.Attempts[0].Interface != "" {
		t.Errorf("somebody else's _detour is believed: %+v", f)
	}
	if f.Failure.Stage != flow.StageDial || f.Conn.Attempts[0].Outcome != flow.DialTimeout || f.Conn.Attempts[0].Addr != addr("10.0.2.23:443") {
		t.Errorf("what the entry says itself is lost: %+v of %+v", f.Failure, f.Conn)
	}
}
