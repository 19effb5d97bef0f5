package unpack

import (
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

// texts returns what Each hands out, each as "name: text" or "name! error".
func texts(file string, limits Limits) (out, left []string, err error) {
	left, err = Each(strings.NewReader(file), limits, func(name string, text io.Reader) error {
		b, err := io.ReadAll(text)
		if err != nil {
			out = append(out, fmt.Sprintf("%s! %v", name, err))
			return nil
		}
		out = append(out, name+": "+string(b))
		return nil
	})
	return out, left, err
}

func TestEach_handsOutTheTextsOfAFile(t *testing.T) {
	for name, tc := range map[string]struct {
		file       string
		want, left []string
	}{
		"plain":                 {"{}", []string{": {}"}, nil},
		"empty":                 {"", []string{": "}, nil},
		"gzip":                  {gz(t, "{}"), []string{": {}"}, nil},
		"gzip in gzip":          {gz(t, gz(t, "{}")), []string{": {}"}, nil},
		"two gzips in a row":    {gz(t, "{}") + gz(t, "[]"), []string{": {}[]"}, nil},
		"zip":                   {zipped(t, [2]string{"a.har", "{}"}), []string{"a.har: {}"}, nil},
		"several HARs":          {zipped(t, [2]string{"x/a.har", "1"}, [2]string{"x/b.HAR", "2"}), []string{"x/a.har: 1", "x/b.HAR: 2"}, nil},
		"gzip in zip":           {zipped(t, [2]string{"a.har.gz", gz(t, "{}")}), []string{"a.har.gz: {}"}, nil},
		"zip in gzip":           {gz(t, zipped(t, [2]string{"a.har", "{}"})), []string{"a.har: {}"}, nil},
		"HARs rather than JSON": {zipped(t, [2]string{"f.jsonl", "1"}, [2]string{"a.har", "2"}, [2]string{"r.md", "3"}), []string{"a.har: 2"}, []string{"f.jsonl", "r.md"}},
		"JSON without a HAR":    {zipped(t, [2]string{"f.jsonl", "1"}, [2]string{"r.md", "3"}), []string{"f.jsonl: 1"}, []string{"r.md"}},
		"the only file":         {zipped(t, [2]string{"__MACOSX/._a", "0"}, [2]string{"d/", ""}, [2]string{"export", "1"}), []string{"export: 1"}, nil},
		"nothing to read":       {zipped(t, [2]string{"a.txt", "1"}, [2]string{"b.txt", "2"}), []string{"! " + ErrEmpty.Error()}, []string{"a.txt", "b.txt"}},
		"zstd":                  {"\x28\xb5\x2f\xfd0000", []string{"! " + ErrFormat.Error() + ": zstd"}, nil},
		"too deep":              {gz(t, gz(t, gz(t, gz(t, "{}")))), []string{"! " + ErrTooDeep.Error()}, nil},
	} {
		got, left, err := texts(tc.file, Limits{})
		if err != nil || !slices.Equal(got, tc.want) || !slices.Equal(left, tc.left) {
			t.Errorf("%s: %q, left %q, %v", name, got, left, err)
		}
	}
}

func TestEach_aTextThatExpandsTooFarEndsWithAnError(t *testing.T) {
	bomb := gz(t, strings.Repeat("0", 4<<20))
	for name, file := range map[string]string{
		"gzip": bomb, "gzip in gzip": gz(t, bomb), "zip": zipped(t, [2]string{"a.har", strings.Repeat("0", 4<<20)}),
		"many in a zip": zipped(t, [2]string{"a.har", strings.Repeat("0", 600<<10)}, [2]string{"b.har", strings.Repeat("0", 600<<10)}),
	} {
		n, failed := 0, error(nil)
		_, err := Each(strings.NewReader(file), Limits{Expanded: 1 << 20}, func(_ string, text io.Reader) error {
			b, err := io.ReadAll(text)
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
	var many [][2]string
	for i := range 5 {
		many = append(many, [2]string{fmt.Sprint(i, ".har"), "{}"})
	}
	if got, left, _ := texts(zipped(t, many...), Limits{Texts: 3}); len(got) != 3 || len(left) != 2 {
		t.Errorf("many texts: %q, left %q", got, left)
	}
}

func TestEach_aDamagedTextDoesNotPreventTheNext(t *testing.T) {
	whole := zipped(t, [2]string{"a.har.gz", gz(t, "{}")[:12]}, [2]string{"b.har", "{}"})
	got, _, err := texts(whole, Limits{})
	if err != nil || len(got) != 2 || !strings.HasPrefix(got[0], "a.har.gz! ") || got[1] != "b.har: {}" {
		t.Errorf("%q, %v", got, err)
	}
	for n := range len(whole) { // a torn archive has no list
		if got, _, err := texts(whole[:n], Limits{}); err != nil || len(got) == 0 {
			t.Errorf("%d bytes: %q, %v", n, got, err)
		}
	}
	stop := errors.New("stop")
	if _, err := Each(strings.NewReader(whole), Limits{}, func(string, io.Reader) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("an error of read: %v", err)
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
	got, _, err := texts(zipped(t, [2]string{"a.har", strings.Repeat("0", 1<<20)}, [2]string{"b.har", "{}"}), limits)
	if err != nil || len(got) != 2 || got[0] != "a.har! stop" || got[1] != "b.har! stop" {
		t.Errorf("%q, %v", got, err)
	}
}

func FuzzEach(f *testing.F) {
	f.Add([]byte(gz(f, "{}")))
	f.Add([]byte(zipped(f, [2]string{"a.har", "{}"}, [2]string{"b.har.gz", gz(f, "{}")})))
	f.Add([]byte("BZh91AY&SY"))
	f.Fuzz(func(t *testing.T, b []byte) {
		total := 0
		_, err := Each(bytes.NewReader(b), Limits{Archive: 1 << 20, Expanded: 1 << 20}, func(_ string, text io.Reader) error {
			n, _ := io.Copy(io.Discard, text)
			total += int(n)
			return nil
		})
		if err != nil || total > 1<<20+1<<17+len(b) {
			t.Errorf("%d bytes, %v", total, err)
		}
	})
}
