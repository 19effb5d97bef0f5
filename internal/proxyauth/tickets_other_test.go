//go:build !windows

package proxyauth

import "testing"

func TestCachePath(t *testing.T) {
	for name, want := range map[string]string{"": "/tmp/krb5cc_7", "FILE:/a": "/a", "/b": "/b"} {
		if got, err := cachePath(name, 7); got != want || err != nil {
			t.Errorf("%q: %q, %v", name, got, err)
		}
	}
}
