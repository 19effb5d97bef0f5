package docgen

import "testing"

func TestReplace_touchesNothingButTheSection(t *testing.T) {
	const page = "before\n<!-- begin a: from a -->\nold\n<!-- end a -->\nbetween\n<!-- begin b -->\nb\n<!-- end b -->\nafter\n"
	got, err := replace(page, "a", "new\n")
	const want = "before\n<!-- begin a: from a -->\n\nnew\n\n<!-- end a -->\n" +
		"between\n<!-- begin b -->\nb\n<!-- end b -->\nafter\n"
	if got != want || err != nil {
		t.Errorf("got %v\n%s\nwant\n%s", err, got, want)
	}
	if again, _ := replace(got, "a", "new\n"); again != got {
		t.Errorf("a second time it is another page:\n%s", again)
	}
	for _, page := range []string{"", "<!-- begin a -->\n", "<!-- begin a", "<!-- end a -->\n"} {
		if _, err := replace(page, "a", "new\n"); err == nil {
			t.Errorf("%q has a section", page)
		}
	}
}
