package folder

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"detour/internal/account"
	"detour/internal/usererr"
)

const acls = `{"NetworkAcls": [{"NetworkAclId": "acl-1", "VpcId": "vpc-1", "OwnerId": "123456789012", "Associations": [], "Entries": []}]}`

func write(t *testing.T, dir string, files map[string]string) string {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// inUTF16 is a text as PowerShell's > writes it.
func inUTF16(text string, order binary.AppendByteOrder, mark bool) string {
	if mark {
		text = "\ufeff" + text
	}
	var b []byte
	for _, u := range utf16.Encode([]rune(text)) {
		b = order.AppendUint16(b, u)
	}
	return string(b)
}

func problems(c *account.Config) string { return strings.Join(c.Problems, "\n") }

// acl is what the inventory says of network ACLs.
func acl(c *account.Config) account.Inventory {
	for _, x := range c.Inventory() {
		if x.Command == "ec2 describe-network-acls" {
			return x
		}
	}
	return account.Inventory{}
}

func read(t *testing.T, dir string) *account.Config {
	t.Helper()
	c, err := Read(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestRead_everyEncoding(t *testing.T) {
	for name, text := range map[string]string{
		"UTF-8": acls, "UTF-8 with a mark": "\ufeff" + acls, "CRLF": strings.ReplaceAll(acls, ", ", ",\r\n") + "\r\n",
		"UTF-16LE": inUTF16(acls, binary.LittleEndian, false), "UTF-16LE with a mark": inUTF16(acls+"\r\n", binary.LittleEndian, true),
		"UTF-16BE with a mark": inUTF16(acls, binary.BigEndian, true),
	} {
		c := read(t, write(t, t.TempDir(), map[string]string{"a.json": text}))
		if problems(c) != "" || acl(c).Objects != 1 || len(c.Accounts) != 1 {
			t.Errorf("%s: %q, %+v", name, problems(c), acl(c))
		}
	}
}

// What isn't an output is a problem that says what it is, and puts in doubt what it may have.
func TestRead_whatIsNotAnOutput(t *testing.T) {
	deep := strings.Repeat(`{"NetworkAcls":[`, 50_000)
	for name, x := range map[string]struct{ text, want string }{
		"empty":         {"", "empty"},
		"blank":         {" \r\n", "empty"},
		"cut":           {acls[:50], "not a whole JSON object"},
		"NUL":           {strings.Repeat("\x00", 5000), "not JSON"},
		"NUL after it":  {acls + strings.Repeat("\x00", 500), "not a whole JSON object"},
		"a list":        {"[" + acls + "]", "--query"},
		"deep":          {deep, "not a whole JSON object"},
		"twice":         {`{"NetworkAcls": [], "NetworkAcls": []}`, "twice: NetworkAcls"},
		"gzip":          {"\x1f\x8b\x08\x00\x00\x00\x00\x00", "gunzip"},
		"YAML":          {"NetworkAcls:\n- NetworkAclId: acl-1\n", "not JSON"},
		"cut in UTF-16": {inUTF16(acls[:50], binary.LittleEndian, true), "not a whole JSON object"},
		"half UTF-16":   {inUTF16(acls, binary.LittleEndian, true)[:151], "not a whole JSON object"},
	} {
		for _, file := range []string{"describe-network-acls.json", "x.json"} {
			c := read(t, write(t, t.TempDir(), map[string]string{file: x.text, "whole.json": acls}))
			if !strings.Contains(problems(c), x.want) || strings.Count(problems(c), "\n") > 0 {
				t.Errorf("%s, %s: %q, want %q", name, file, problems(c), x.want)
			}
			named := file != "x.json" || strings.Contains(strings.ReplaceAll(x.text, "\x00", ""), `"NetworkAcls"`)
			if partial := len(acl(c).Partial) > 0; partial != named {
				t.Errorf("%s, %s: the set counts as partial: %t", name, file, partial)
			}
		}
	}
}

// Pages that were written to one file, one after the other, are pages.
func TestRead_pagesInOneFile(t *testing.T) {
	first := strings.Replace(acls, "{", `{"NextToken": "x", `, 1)
	c := read(t, write(t, t.TempDir(), map[string]string{"a.json": first + "\n" + strings.ReplaceAll(acls, "acl-1", "acl-2") + "\n"}))
	if problems(c) != "" || acl(c).Objects != 2 || len(acl(c).Partial) > 0 {
		t.Errorf("%q, %+v", problems(c), acl(c))
	}
	c = read(t, write(t, t.TempDir(), map[string]string{"a.json": acls + "\n" + acls[:30]}))
	if len(acl(c).Partial) == 0 || acl(c).Objects != 0 {
		t.Errorf("cut: %q, %+v", problems(c), acl(c))
	}
}

// A file that is too large isn't read, and what it has by its beginning is unknown.
func TestRead_ofALargeFileSaysSo(t *testing.T) {
	dir := write(t, t.TempDir(), map[string]string{"a.json": acls, "b.json": `{"NetworkAcls": [`})
	if err := os.Truncate(filepath.Join(dir, "b.json"), most.file+1); err != nil {
		t.Fatal(err)
	}
	c := read(t, dir)
	if problems(c) != "b.json: not read: larger than 64 MiB" || len(acl(c).Partial) != 1 || acl(c).Objects != 1 {
		t.Errorf("%q, %+v", problems(c), acl(c))
	}
}

func TestWalk_staysWithinBounds(t *testing.T) {
	files := make(map[string]string)
	for i := range 6 {
		files[fmt.Sprintf("%d.json", i)] = acls
	}
	dir := write(t, t.TempDir(), files)
	n := int64(len(acls))
	for name, x := range map[string]struct {
		bounds
		whole, unread int
		want          string
	}{
		"all":         {bounds{n, 6 * n, 6}, 6, 0, ""},
		"a byte less": {bounds{n - 1, 6 * n, 6}, 0, 6, "larger than "},
		"together":    {bounds{n, 4*n + 1, 6}, 4, 2, "together"},
		"files":       {bounds{n, 6 * n, 3}, 3, 1, "more than 3 files"}, // what the others are isn't known
	} {
		got, err := x.walk(dir)
		if err != nil {
			t.Fatal(err)
		}
		whole, unread := 0, 0
		for _, f := range got {
			if f.Unread == "" {
				whole++
			} else if unread++; !strings.Contains(f.Unread, x.want) {
				t.Errorf("%s: %s", name, f.Unread)
			}
		}
		if whole != x.whole || unread != x.unread {
			t.Errorf("%s: %d read and %d not, want %d and %d", name, whole, unread, x.whole, x.unread)
		}
		if c := account.Read(got); x.unread > 0 != (len(c.Problems) > 0) {
			t.Errorf("%s: %q", name, c.Problems)
		}
	}
}

func TestFiles_errorsHaveAHint(t *testing.T) {
	for _, path := range []string{filepath.Join(t.TempDir(), "none"), "-"} {
		_, err := Files(path, failing{})
		if err == nil || usererr.As(err) == nil || usererr.As(err).Hint == "" {
			t.Errorf("%s: %v", path, err)
		}
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("broken") }
