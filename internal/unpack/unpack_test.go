package unpack

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
)

func gz(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.WriteString(z, text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func zipped(t testing.TB, files ...[2]string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range files {
		w, err := z.Create(f[0])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, f[1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func tarred(t testing.TB, files ...[2]string) string {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range files {
		h := tar.Header{Name: f[0], Size: int64(len(f[1])), Mode: 0o600, Typeflag: tar.TypeReg}
		if strings.HasSuffix(f[0], "/") {
			h.Typeflag = tar.TypeDir
		}
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, f[1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// rank prefers objects to arrays, and reads nothing else.
func rank(begin []byte) int {
	return map[byte]int{'{': 2, '[': 1}[append(begin, 0)[0]]
}

// texts returns what Each hands out, each as "name: text" or "name! error".
func texts(file string, limits Limits) (out, left []string, err error) {
	left, err = Each(strings.NewReader(file), limits, rank, func(x Text) error {
		b, err := io.ReadAll(x)
		if err != nil {
			out = append(out, fmt.Sprintf("%s! %v", x.Name, err))
			return nil
		}
		out = append(out, x.Name+": "+string(b))
		return nil
	})
	return out, left, err
}

func TestEach_handsOutTheTextsOfAFile(t *testing.T) {
	encrypted := strings.Replace(zipped(t, [2]string{"a.har", "{}"}), "PK\x01\x02\x14\x00\x14\x00\x08", "PK\x01\x02\x14\x00\x14\x00\x09", 1)
	for name, tc := range map[string]struct {
		file       string
		want, left []string
	}{
		"plain":                {"{}", []string{": {}"}, nil},
		"empty":                {"", []string{": "}, nil},
		"gzip":                 {gz(t, "{}"), []string{": {}"}, nil},
		"gzip in gzip":         {gz(t, gz(t, "{}")), []string{": {}"}, nil},
		"two gzips in a row":   {gz(t, "{}") + gz(t, "[]"), []string{": {}[]"}, nil},
		"zip":                  {zipped(t, [2]string{"a.har", "{}"}), []string{"a.har: {}"}, nil},
		"several":              {zipped(t, [2]string{"x/", ""}, [2]string{"x/a.har", "{1"}, [2]string{"x/b.HAR", "{2"}), []string{"x/a.har: {1", "x/b.HAR: {2"}, nil},
		"gzip in zip":          {zipped(t, [2]string{"a.har.gz", gz(t, "{}")}), []string{"a.har.gz: {}"}, nil},
		"zip in gzip":          {gz(t, zipped(t, [2]string{"a.har", "{}"})), []string{"a.har: {}"}, nil},
		"zip in zip":           {zipped(t, [2]string{"in.zip", zipped(t, [2]string{"a.har", "{1"})}, [2]string{"b.har", "{2"}), []string{"in.zip/a.har: {1", "b.har: {2"}, nil},
		"tar":                  {tarred(t, [2]string{"x/", ""}, [2]string{"x/a.har", "{}"}, [2]string{"r.md", "#"}), []string{"x/a.har: {}"}, []string{"r.md"}},
		"tar in gzip":          {gz(t, tarred(t, [2]string{"a.har", "{1"}, [2]string{"b.har.gz", gz(t, "{2")})), []string{"a.har: {1", "b.har.gz: {2"}, nil},
		"by what is in it":     {zipped(t, [2]string{"a.txt", "{}"}, [2]string{"b.har", "#"}, [2]string{"c", "[]"}), []string{"a.txt: {}"}, []string{"b.har", "c"}},
		"the next best":        {zipped(t, [2]string{"f.jsonl", "[]"}, [2]string{"r.md", "3"}), []string{"f.jsonl: []"}, []string{"r.md"}},
		"the only file":        {zipped(t, [2]string{"__MACOSX/._a", "{}"}, [2]string{"__MACOSX/a", "{}"}, [2]string{"d/", ""}, [2]string{".DS_Store", "{}"}, [2]string{"export", "1"}), []string{"export: 1"}, nil},
		"nothing to read":      {zipped(t, [2]string{"a.txt", "1"}, [2]string{"b.txt", "2"}), []string{"! " + ErrEmpty.Error()}, []string{"a.txt", "b.txt"}},
		"no file":              {zipped(t), []string{"! " + ErrEmpty.Error()}, nil},
		"an empty zip in one":  {zipped(t, [2]string{"in.zip", zipped(t)}), []string{"in.zip! " + ErrEmpty.Error()}, nil},
		"encrypted":            {encrypted, []string{"a.har! " + ErrEncrypted.Error()}, nil},
		"encrypted in another": {zipped(t, [2]string{"in.zip", encrypted}), []string{"in.zip/a.har! " + ErrEncrypted.Error()}, nil},
		"zstd":                 {"\x28\xb5\x2f\xfd0000", []string{"! " + ErrFormat.Error() + ": zstd"}, nil},
		"zstd in zip":          {zipped(t, [2]string{"a.zst", "\x28\xb5\x2f\xfd0000"}, [2]string{"b", "{}"}), []string{"a.zst! " + ErrFormat.Error() + ": zstd", "b: {}"}, nil},
		"too deep":             {gz(t, gz(t, gz(t, gz(t, "{}")))), []string{"! " + ErrTooDeep.Error()}, nil},
		"too deep in zips":     {zipped(t, [2]string{"1", zipped(t, [2]string{"2", zipped(t, [2]string{"3", zipped(t, [2]string{"4", "{}"})})})}), []string{"1/2/3! " + ErrTooDeep.Error()}, nil},
		"a name from outside":  {zipped(t, [2]string{"../../etc/a\x1b[31m", "{}"}), []string{"../../etc/a\x1b[31m: {}"}, nil},
	} {
		got, left, err := texts(tc.file, Limits{})
		if err != nil || !slices.Equal(got, tc.want) || !slices.Equal(left, tc.left) {
			t.Errorf("%s: %q, left %q, %v", name, got, left, err)
		}
	}
}

func TestEach_opensWhatIsBesideAText(t *testing.T) {
	file := zipped(t, [2]string{"x/a", "{}"}, [2]string{"a-wal", "0"}, [2]string{"x/a-wal", "1"})
	_, err := Each(strings.NewReader(file), Limits{}, rank, func(x Text) error {
		wal := x.Beside("-wal")
		if wal == nil || x.Beside("-shm") != nil {
			t.Fatal("not found, or found what isn't there")
		}
		if b, err := io.ReadAll(wal); string(b) != "1" || err != nil {
			t.Errorf("%q, %v", b, err)
		}
		return wal.Close()
	})
	if err != nil {
		t.Error(err)
	}
}

func TestEach_aTextThatExpandsTooFarEndsWithAnError(t *testing.T) {
	zeros := "{" + strings.Repeat("0", 4<<20)
	bomb := gz(t, zeros)
	for name, file := range map[string]string{
		"gzip": bomb, "gzip in gzip": gz(t, bomb), "zip": zipped(t, [2]string{"a.har", zeros}), "tar": gz(t, tarred(t, [2]string{"a.har", zeros})),
		"many in a zip": zipped(t, [2]string{"a.har", zeros[:600<<10]}, [2]string{"b.har", zeros[:600<<10]}),
	} {
		n, failed := 0, error(nil)
		_, err := Each(strings.NewReader(file), Limits{Expanded: 1 << 20}, rank, func(x Text) error {
			b, err := io.ReadAll(x)
			n += len(b)
			failed = errors.Join(failed, err)
			return nil
		})
		if err != nil || !errors.Is(failed, ErrTooLarge) || n > 1<<20+1<<17 {
			t.Errorf("%s: %d bytes, %v, %v", name, n, failed, err)
		}
	}
	if got, _, _ := texts(zipped(t, [2]string{"a.har", strings.Repeat("0", 100)}), Limits{Archive: 50}); !strings.Contains(got[0], "too large") {
		t.Errorf("a large archive: %q", got)
	}
	inner := zipped(t, [2]string{"a.har", "{}"})
	nested := zipped(t, [2]string{"1.zip", inner}, [2]string{"2.zip", inner}, [2]string{"3.zip", inner})
	if got, _, _ := texts(nested, Limits{Archive: int64(len(nested) + 2*len(inner))}); !strings.Contains(strings.Join(got, "\n"), "too large") {
		t.Errorf("archives that are too large together: %q", got)
	}
	var many [][2]string
	for i := range 5 {
		many = append(many, [2]string{fmt.Sprint(i, ".har"), "{}"})
	}
	if got, left, _ := texts(zipped(t, many...), Limits{Texts: 3}); len(got) != 3 || len(left) != 2 {
		t.Errorf("many texts: %q, left %q", got, left)
	}
}

func TestEach_aDamagedTextDoesNotPreventTheNext(t *testing.T) {
	for name, whole := range map[string]string{
		"zip": zipped(t, [2]string{"a.har.gz", gz(t, "{}")[:12]}, [2]string{"b.har", "{}"}),
		"tar": tarred(t, [2]string{"a.har.gz", gz(t, "{}")[:12]}, [2]string{"b.har", "{}"}),
	} {
		got, _, err := texts(whole, Limits{})
		if err != nil || len(got) != 2 || !strings.HasPrefix(got[0], "a.har.gz! ") || got[1] != "b.har: {}" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		for n := range len(whole) { // a torn zip has no list
			if got, _, err := texts(whole[:n], Limits{}); err != nil || len(got) == 0 {
				t.Errorf("%s: %d bytes: %q, %v", name, n, got, err)
			}
		}
		stop := errors.New("stop")
		if _, err := Each(strings.NewReader(whole), Limits{}, rank, func(Text) error { return stop }); !errors.Is(err, stop) {
			t.Errorf("%s: an error of read: %v", name, err)
		}
	}
	torn := tarred(t, [2]string{"a.har", "{" + strings.Repeat("x", 5000)})
	if got, _, _ := texts(torn[:2000], Limits{}); len(got) != 1 || got[0] != "a.har! unexpected EOF" {
		t.Errorf("a text that is cut off: %.80q", got)
	}
	packed := gz(t, tarred(t, [2]string{"a.har", "{}"}, [2]string{"b.har", strings.Repeat("{", 5000)}))
	if got, _, _ := texts(packed[:len(packed)-20], Limits{}); len(got) < 2 || got[0] != "a.har: {}" {
		t.Errorf("an archive that is cut off: %.200q", got)
	}
}

func TestEach_stops(t *testing.T) {
	stop := errors.New("stop")
	left := 2
	limits := Limits{Stop: func() error {
		if left--; left < 0 {
			return stop
		}
		return nil
	}}
	got, _, err := texts(zipped(t, [2]string{"a.har", "{" + strings.Repeat("0", 1<<20)}, [2]string{"b.har", "{}"}), limits)
	if err != nil || len(got) != 1 || got[0] != "! stop" {
		t.Errorf("%.80q, %v", got, err)
	}
}

func FuzzEach(f *testing.F) {
	f.Add([]byte(gz(f, "{}")))
	f.Add([]byte(zipped(f, [2]string{"a.har", "{}"}, [2]string{"b.har.gz", gz(f, "{}")})))
	f.Add([]byte(tarred(f, [2]string{"a.har", "{}"}, [2]string{"b.zip", zipped(f, [2]string{"a", "{}"})})))
	f.Add([]byte("BZh91AY&SY"))
	f.Fuzz(func(t *testing.T, b []byte) {
		total := 0
		_, err := Each(bytes.NewReader(b), Limits{Archive: 1 << 20, Expanded: 1 << 20}, rank, func(x Text) error {
			n, _ := io.Copy(io.Discard, x)
			total += int(n)
			return nil
		})
		if err != nil || total > 1<<20+1<<17+len(b) {
			t.Errorf("%d bytes, %v", total, err)
		}
	})
}
