// Package webtest reads the data that is packed in a page, for tests: Unpack shows what a reader of
// the page can see.
package webtest

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
)

// packed matches an element with data: see pack in ui/web.
var packed = regexp.MustCompile(`(<script type="text/plain" [^>]*>)([^<]*)</script>`)

// Unpack returns a page with its data unpacked where it stands. A page without data fails the test:
// whatever isn't found in it would prove nothing.
func Unpack(t testing.TB, page string) string {
	t.Helper()
	blocks := 0
	out := packed.ReplaceAllStringFunc(page, func(element string) string {
		blocks++
		m := packed.FindStringSubmatch(element)
		data, err := unpack(m[2])
		if err != nil {
			t.Fatalf("the data of %s: %v", m[1], err)
		}
		return m[1] + "\n" + data + "\n</script>"
	})
	if blocks == 0 {
		t.Fatal("the page has no data")
	}
	return out
}

// Data returns the unpacked data of the elements that have an attribute.
func Data(t testing.TB, page, attribute string) (out []string) {
	t.Helper()
	for _, m := range packed.FindAllStringSubmatch(page, -1) {
		if !strings.Contains(m[1], attribute) {
			continue
		}
		data, err := unpack(m[2])
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, data)
	}
	return out
}

func unpack(text string) (string, error) {
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return "", err
	}
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return "", fmt.Errorf("gzip: %w", err)
	}
	data, err := io.ReadAll(z)
	return string(data), err
}
