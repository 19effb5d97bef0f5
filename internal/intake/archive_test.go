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
		!strings.Contains(said, "left out of the archive: report.md") {
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
