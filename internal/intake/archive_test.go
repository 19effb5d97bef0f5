package intake

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"detour/internal/capture/disk"
	"detour/internal/flow"
)

// har returns a HAR with an entry for each host, from the given addresses in turn.
func harOf(hosts, addresses []string) string {
	var entries []string
	for i, h := range hosts {
		entries = append(entries, fmt.Sprintf(`{"startedDateTime":"2026-11-20T10:28:%02dZ","request":{"method":"POST","url":"https://%s/"},`+
			`"response":{"status":200},"serverIPAddress":%q,"timings":{}}`, i, h, addresses[i%len(addresses)]))
	}
	return `{"log":{"creator":{"name":"WebInspector","version":"537.36"},"entries":[` + strings.Join(entries, ",") + `]}}`
}

func readFile(t *testing.T, name string, content []byte) (*flow.Capture, []string, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	var notices []string
	got, err := Reader{Tables: load(t), Notice: func(n Notice) { notices = append(notices, n.Text) }}.Read(t.Context(), path)
	return got, notices, err
}

func zipOf(t *testing.T, files ...[2]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range files {
		w, err := z.Create(f[0])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(f[1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestRead_compressedHARs(t *testing.T) {
	a := harOf([]string{"a.example", "b.example"}, []string{"203.0.113.1", "203.0.113.2"})
	b := harOf([]string{"c.example"}, []string{"203.0.113.3"})
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write([]byte(a + b))
	_ = z.Close()
	for name, file := range map[string][]byte{
		"x.har.gz": packed.Bytes(), "x.zip": zipOf(t, [2]string{"a.har", a}, [2]string{"b.har", b}), "x.har": []byte(a + "\n" + b),
	} {
		got, notices, err := readFile(t, name, file)
		if err != nil || len(got.Flows) != 3 || got.Creator != "WebInspector 537.36" || got.Unread.AtLeast {
			t.Errorf("%s: %+v, %q, %v", name, got, notices, err)
			continue
		}
		for i, f := range got.Flows {
			if f.ID != flow.ID(i+1) {
				t.Errorf("%s: flow %d has ID %d", name, i, f.ID)
			}
		}
	}
}

func TestRead_saysWhatOfAnArchiveWasNotRead(t *testing.T) {
	a := harOf([]string{"a.example", "b.example"}, []string{"203.0.113.1", "203.0.113.2"})
	got, notices, err := readFile(t, "x.zip", zipOf(t, [2]string{"torn.har", a[:len(a)*2/3]}, [2]string{"whole.har", a}, [2]string{"report.md", "#"}))
	said := strings.Join(notices, "\n")
	if err != nil || len(got.Flows) != 3 || !got.Unread.AtLeast || !strings.Contains(said, "torn.har: HAR: after 1 entry") ||
		!strings.Contains(said, "read torn.har and whole.har of the archive, but not report.md") {
		t.Errorf("%d flows of %+v, %s, %v", len(got.Flows), got, said, err)
	}
	for name, file := range map[string][]byte{
		"x.zip": zipOf(t, [2]string{"a.txt", "1"}, [2]string{"b.txt", "2"}), "x.zst": []byte("\x28\xb5\x2f\xfd0000"), "y.zip": zipOf(t, [2]string{"a.har", "{}"}),
	} {
		if got, _, err := readFile(t, name, file); err == nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestRead_anAddressOfAllHostsIsThatOfAProxy(t *testing.T) {
	hosts := []string{"ap-northeast-1.console.aws.amazon.com", "monitoring.ap-northeast-1.amazonaws.com", "saas.example"}
	for name, tc := range map[string]struct {
		hosts, addresses []string
		proxied          bool
	}{
		"a private one for all":                     {hosts, []string{"10.1.2.3"}, true},
		"a public one for all":                      {hosts, []string{"198.51.100.7"}, true},
		"each its own":                              {hosts, []string{"203.0.113.1", "10.0.1.23", "203.0.113.3"}, false},
		"names of one endpoint":                     {[]string{"monitoring.us-east-1.amazonaws.com", "monitoring.us-east-1.api.aws"}, []string{"10.0.1.23"}, false},
		"endpoints behind one, and others":          {[]string{"monitoring.us-east-1.amazonaws.com", "logs.us-east-1.amazonaws.com", "saas.example"}, []string{"10.0.1.23", "10.0.1.23", "203.0.113.1"}, false},
		"a private one for AWS and somebody else":   {append(hosts, "other.example"), []string{"203.0.113.1", "10.1.2.3", "10.1.2.3", "203.0.113.9"}, true},
		"a public one of a content network for two": {append(hosts, "other.example"), []string{"203.0.113.1", "10.0.1.23", "198.51.100.7", "198.51.100.7"}, false},
	} {
		got, notices, err := readFile(t, "x.har", []byte(harOf(tc.hosts, tc.addresses)))
		if err != nil {
			t.Fatal(err)
		}
		c := got.Flows[1].Conn
		private := len(c.Resolution.Addrs) > 0
		if (c.UpstreamProxy != "") != tc.proxied || private == tc.proxied || (len(notices) > 0) != tc.proxied {
			t.Errorf("%s: %+v, resolution %+v, %q", name, c, c.Resolution, notices)
		}
	}
}

// TestRead_severalHARsOfAnArchiveAreOneCaptureByTime: each flow says which HAR it is from.
func TestRead_severalHARsOfAnArchiveAreOneCaptureByTime(t *testing.T) {
	late := strings.ReplaceAll(harOf([]string{"late.example", "later.example"}, []string{"203.0.113.1"}), "T10:", "T11:")
	early := harOf([]string{"early.example"}, []string{"203.0.113.2"})
	got, notices, err := readFile(t, "x.zip", zipOf(t, [2]string{"d/", ""}, [2]string{"d/late.har", late}, [2]string{"__MACOSX/d/._late.har", "x"}, [2]string{"early.har", early}))
	if err != nil || len(got.Flows) != 3 || strings.Join(notices, "") != "read d/late.har and early.har as one capture, by time" {
		t.Fatalf("%+v, %q, %v", got, notices, err)
	}
	for i, want := range []string{"https://early.example/ from early.har", "https://late.example/ from d/late.har", "https://later.example/ from d/late.har"} {
		if f := got.Flows[i]; f.ID != flow.ID(i+1) || f.Request.URL+" "+f.Note != want { //nolint:gosec // a count
			t.Errorf("flow %d: %d %s %q", i, f.ID, f.Request.URL, f.Note)
		}
	}
	lines := recorded(t, 2, start)
	got, _, err = readFile(t, "x.tgz", zipOf(t, [2]string{"a.txt", lines}, [2]string{"b", recorded(t, 3, start.Add(time.Hour))}))
	if err != nil || len(got.Flows) != 5 || got.Flows[4].Request.URL != "https://logs.eu-west-1.amazonaws.com/2" {
		t.Errorf("JSON Lines: %+v, %v", got, err)
	}
}

// TestRead_ofACaptureInAnArchive: it is read as the file itself is, with its log.
func TestRead_ofACaptureInAnArchive(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.detour")
	f, err := disk.Create(path, disk.Header{Creator: "detour 1.0", Environment: &flow.Environment{OS: "linux", Interfaces: []flow.Interface{}}})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	x := &flow.Flow{
		ID: 7, Rev: 1, State: flow.StateDone, Request: flow.Request{Method: "GET", URL: "https://a.example/"}, Response: &flow.Response{Status: 200},
		Times: flow.Times{Start: start, Done: start.Add(time.Second)},
	}
	if err := f.Write(disk.Batch{Flows: []*flow.Flow{x}}); err != nil {
		t.Fatal(err)
	}
	if err := f.AddStep(flow.Step{At: start, Text: "open the alarms"}); err != nil {
		t.Fatal(err)
	}
	file := func(suffix string) string {
		b, err := os.ReadFile(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	capture, wal := file(""), file("-wal")
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	for name, archive := range map[string][]byte{
		"with its log":  zipOf(t, [2]string{"x/run.detour", capture}, [2]string{"x/run.detour-wal", wal}, [2]string{"notes.txt", "x"}),
		"beside a HAR":  zipOf(t, [2]string{"a.har", harOf([]string{"b.example"}, []string{"203.0.113.1"})}, [2]string{"run.detour", capture}, [2]string{"run.detour-wal", wal}),
		"by no name":    zipOf(t, [2]string{"evidence", capture}, [2]string{"evidence-wal", wal}),
		"another again": zipOf(t, [2]string{"run.detour", capture}, [2]string{"run.detour-wal", wal}, [2]string{"two.detour", capture}),
	} {
		got, notices, err := readFile(t, "x.zip", archive)
		if err != nil || len(got.Flows) != 1 || got.Flows[0].ID != 7 || len(got.Steps) != 1 || got.Environment == nil || got.Creator != "detour 1.0" {
			t.Errorf("%s: %+v, %q, %v", name, got, notices, err)
		}
		if said := strings.Join(notices, "\n"); strings.Contains(said, tmp) || strings.Contains(said, "-wal") || name == "another again" != strings.Contains(said, "two.detour: the archive has several captures") {
			t.Errorf("%s: %s", name, said)
		}
	}
	if _, _, err := readFile(t, "x.zip", zipOf(t, [2]string{"run.detour", capture})); err == nil || !strings.Contains(err.Error(), "-wal file is missing") {
		t.Errorf("without its log: %v", err)
	}
	if left, err := os.ReadDir(tmp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestRead_saysWhyAnArchiveIsNotRead(t *testing.T) {
	encrypted := bytes.Replace(zipOf(t, [2]string{"a\x1b.har", "{}"}), []byte("PK\x01\x02\x14\x00\x14\x00\x08"), []byte("PK\x01\x02\x14\x00\x14\x00\x09"), 1)
	for name, tc := range map[string]struct {
		file []byte
		want string
	}{
		"encrypted":  {encrypted, "a�.har: encrypted: decrypt it first"},
		"Fiddler":    {zipOf(t, [2]string{"raw/1_c.txt", "GET"}, [2]string{"raw/1_s.txt", "HTTP"}), "it is an archive of Fiddler's sessions"},
		"others":     {zipOf(t, [2]string{"a.txt", "x"}, [2]string{"b.txt", "x"}), "no file that can be read: it has a.txt and b.txt"},
		"nothing":    {zipOf(t), "the archive is empty"},
		"diagnosis":  {zipOf(t, [2]string{"d.json", `{"v":1,"file":"x","findings":[]}`}), "d.json: it is the output of detour diagnose"},
		"empty file": {zipOf(t, [2]string{"d.har", ""}), "the file is empty"},
		"cut off":    {zipOf(t, [2]string{"a.har", "{}"})[:60], "the archive is damaged, or was cut off"},
	} {
		_, _, err := readFile(t, "x.zip", tc.file)
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
