package main

import (
	"path/filepath"
	"testing"
)

func TestProfile_isOneDirectoryAmongTheProfiles(t *testing.T) {
	privateHome(t)
	for _, name := range []string{".", "..", "/", "a/b", `a\b`, "../../evil", ".hidden", "a\x00b", "c:x"} {
		if err := checkProfile(name); err == nil || (&runOptions{profile: name}).profileDir() != "" {
			t.Errorf("%q is taken", name)
		}
	}
	for _, name := range []string{"work", "Acme prod", "a.b-c_d", "仕事"} {
		if err := checkProfile(name); err != nil || filepath.Dir((&runOptions{profile: name}).profileDir()) != profilesDir() {
			t.Errorf("%q: %v", name, err)
		}
	}
}
