package licences

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// A part is what has a licence of its own.
type part struct {
	name  string            // of a module its path
	texts map[string]string // by the file's name, from the module's root
}

// legal is the name of a file that belongs to a licence.
var legal = regexp.MustCompile(`(?i)^(licen[cs]e|copying|copyright|notice|patents|unlicense)`)

// leftOut are files about what isn't part of the program, and why.
var leftOut = map[string]string{
	"modernc.org/memory/LICENSE-LOGO":         "of a picture in its README",
	"modernc.org/sqlite/LICENSE-SQLITE_VEC":   "of a package that isn't imported",
	"modernc.org/sqlite/LICENSE-3RD-PARTY.md": "of its modules, which the list has on their own, and of what only its tests use",
}

// targets are the systems and processors that detour is built for. The first three have all
// of each; listing a target takes half a second.
func targets() []string {
	all := []string{"linux/amd64", "darwin/arm64", "windows/amd64", "linux/arm64", "darwin/amd64", "windows/arm64"}
	if os.Getenv("DETOUR_FULL_TESTS") == "" {
		return all[:3]
	}
	return all
}

// collect finds what is linked into detour on any system: the standard library, the modules,
// and the sources of its tables.
func collect(t *testing.T) []part {
	t.Helper()
	found := map[string]*part{}
	add := func(name, file, path string) {
		if _, ok := leftOut[name+"/"+file]; ok {
			return
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if found[name] == nil {
			found[name] = &part{name: name, texts: map[string]string{}}
		}
		found[name].texts[file] = folded(string(b))
	}
	goroot, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	add("Go's standard library", "LICENSE", filepath.Join(strings.TrimSpace(string(goroot)), "LICENSE"))
	add("tables of AWS's names", "data.txt", filepath.Join("testdata", "data.txt"))
	seen := map[string]bool{}
	for _, target := range targets() {
		for _, p := range linked(t, target) {
			for dir := p.Dir; p.Module != nil && p.Module.Dir != "" && !p.Module.Main && !seen[dir]; dir = filepath.Dir(dir) {
				seen[dir] = true
				entries, err := os.ReadDir(dir)
				if err != nil {
					t.Fatal(err)
				}
				for _, e := range entries {
					if legal.MatchString(e.Name()) && !e.IsDir() && filepath.Ext(e.Name()) != ".go" {
						path := filepath.Join(dir, e.Name())
						file, err := filepath.Rel(p.Module.Dir, path)
						if err != nil {
							t.Fatal(err)
						}
						add(p.Module.Path, filepath.ToSlash(file), path)
					}
				}
				if dir == p.Module.Dir {
					break
				}
			}
			if p.Module != nil && !p.Module.Main && found[p.Module.Path] == nil {
				t.Errorf("%s has no licence", p.Module.Path)
			}
		}
	}
	var out []part
	for _, name := range slices.Sorted(maps.Keys(found)) {
		out = append(out, *found[name])
	}
	return out
}

// folded is a text whose lines end where those of a narrow terminal do.
func folded(text string) string {
	const width = 80
	var out []string
	for line := range strings.Lines(text) {
		line = strings.TrimRight(strings.ReplaceAll(line, "\t", "    "), " \r\n")
		for utf8.RuneCountInString(line) > width {
			at := strings.LastIndexByte(line[:width+1], ' ')
			if strings.TrimSpace(line[:max(at, 0)]) == "" {
				break // a word that is longer
			}
			out = append(out, strings.TrimRight(line[:at], " "))
			line = line[at+1:]
		}
		out = append(out, line)
	}
	return strings.Trim(strings.Join(out, "\n"), "\n")
}

// A listed package is what go list says of it.
type listed struct {
	Dir    string
	Module *struct {
		Path, Dir string
		Main      bool
		Replace   *struct{ Version string }
	}
}

// linked are the packages of the program for a system.
func linked(t *testing.T, target string) (out []listed) {
	t.Helper()
	system, arch, _ := strings.Cut(target, "/")
	c := exec.CommandContext(t.Context(), "go", "list", "-deps", "-json=Dir,Module", "detour/cmd/detour")
	c.Env = append(os.Environ(), "GOOS="+system, "GOARCH="+arch, "CGO_ENABLED=0")
	b, err := c.Output()
	if err != nil {
		t.Fatalf("%s: %v", target, err)
	}
	for d := json.NewDecoder(bytes.NewReader(b)); ; {
		var p listed
		switch err := d.Decode(&p); err {
		case nil:
			if p.Module != nil && p.Module.Replace != nil && p.Module.Replace.Version == "" {
				p.Module = nil // replaced by a directory here: our own code
			}
			out = append(out, p)
		case io.EOF:
			return out
		default:
			t.Fatal(err)
		}
	}
}

// write is the text of notices.txt.
func write(t *testing.T, all []part) string {
	t.Helper()
	width := 0
	for _, c := range all {
		width = max(width, len(c.name))
	}
	var b strings.Builder
	b.WriteString("detour's own licence is Apache-2.0. It contains the following software and data:\n\n")
	having := map[string][]string{} // by text
	var order []string
	for _, c := range all {
		var ids []string
		for _, file := range slices.Sorted(maps.Keys(c.texts)) {
			text := c.texts[file]
			ids = append(ids, identify(text)...)
			if bad := copyleft.FindString(text); bad != "" {
				t.Errorf("%s, %s: it has a %s", c.name, file, bad)
			}
			if having[text] == nil {
				order = append(order, text)
			}
			having[text] = append(having[text], c.name+": "+file)
		}
		slices.Sort(ids)
		if ids = slices.Compact(ids); len(ids) == 0 {
			t.Errorf("the licence of %s isn't known: %v", c.name, slices.Sorted(maps.Keys(c.texts)))
		}
		fmt.Fprintf(&b, "  %-*s  %s\n", width, c.name, strings.Join(ids, ", "))
	}
	b.WriteByte('\n')
	for _, text := range order {
		fmt.Fprintf(&b, "%s\n%s\n\n%s\n\n", ruler, strings.Join(having[text], "\n"), text)
	}
	return b.String()
}
