package archtest

import (
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// A page is one of Markdown that people read.
type page struct {
	name  string // from the module's root, with slashes
	lines []string
}

// pages are README.md, CHANGELOG.md and the pages below docs.
func pages(t *testing.T) (out []page) {
	t.Helper()
	top := root(t)
	read := func(name string) {
		b, err := os.ReadFile(filepath.Join(top, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, page{name: name, lines: strings.Split(string(b), "\n")})
	}
	read("README.md")
	read("CHANGELOG.md")
	err := fs.WalkDir(os.DirFS(top), "docs", func(name string, _ fs.DirEntry, err error) error {
		if err == nil && path.Ext(name) == ".md" {
			read(name)
		}
		return err
	})
	if err != nil || len(out) < 10 {
		t.Fatalf("%d pages: %v", len(out), err)
	}
	return out
}

// each calls visit with every line, and with the language of the fence that it is in;
// prose is in none.
func (p page) each(visit func(number int, line, fence string)) {
	fence := ""
	for i, line := range p.lines {
		if lang, ok := strings.CutPrefix(strings.TrimSpace(line), "```"); ok {
			switch {
			case fence != "":
				fence = ""
			case lang == "":
				fence = "text"
			default:
				fence = lang
			}
			continue
		}
		visit(i+1, line, fence)
	}
}

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	address = regexp.MustCompile(`https?://\S+`)
)

// links are the targets of a page's links that are files of the project, as the page
// has them.
func (p page) links() (out []string) {
	p.each(func(_ int, line, fence string) {
		for _, m := range link.FindAllStringSubmatch(line, -1) {
			if fence == "" && !strings.Contains(m[1], "://") {
				out = append(out, m[1])
			}
		}
	})
	return out
}

// anchors are the names that a link may have after #, as GitHub makes them of heads.
func (p page) anchors() (out []string) {
	p.each(func(_ int, line, fence string) {
		if fence != "" || !strings.HasPrefix(line, "#") {
			return
		}
		out = append(out, strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
				return unicode.ToLower(r)
			}
			return -1
		}, strings.TrimSpace(strings.TrimLeft(line, "#"))))
	})
	return out
}

// maxProse is how many characters a line of prose may have, so that a diff of it can be read.
const maxProse = 120

func TestPapers_linesOfProseAreShort(t *testing.T) {
	for _, p := range pages(t) {
		p.each(func(number int, line, fence string) {
			if fence != "" || strings.HasPrefix(line, "|") || strings.HasPrefix(line, "![") || strings.HasPrefix(line, "<!--") {
				return
			}
			if n := utf8.RuneCountInString(address.ReplaceAllString(line, "")); n > maxProse {
				t.Errorf("%s:%d has %d characters, more than %d", p.name, number, n, maxProse)
			}
		})
	}
}

func TestPapers_everyLinkLeadsSomewhere(t *testing.T) {
	byName := map[string]page{}
	for _, p := range pages(t) {
		byName[p.name] = p
	}
	for _, p := range byName {
		for _, l := range p.links() {
			file, anchor, _ := strings.Cut(l, "#")
			target := p.name
			if file != "" {
				target = path.Join(path.Dir(p.name), file)
			}
			if _, err := os.Stat(filepath.Join(root(t), filepath.FromSlash(target))); err != nil {
				t.Errorf("%s links to %s: %v", p.name, l, err)
				continue
			}
			if to, ok := byName[target]; anchor != "" && ok && !slices.Contains(to.anchors(), anchor) {
				t.Errorf("%s links to %s, and %s has no such heading", p.name, l, target)
			}
		}
	}
}

func TestPapers_theIndexLeadsToEveryPage(t *testing.T) {
	const index = "docs/README.md"
	all := pages(t)
	i := slices.IndexFunc(all, func(p page) bool { return p.name == index })
	if i < 0 {
		t.Fatalf("there is no %s", index)
	}
	var linked []string
	for _, l := range all[i].links() {
		linked = append(linked, path.Join("docs", l))
	}
	for _, p := range all {
		if strings.HasPrefix(p.name, "docs/") && p.name != index && !slices.Contains(linked, p.name) {
			t.Errorf("%s has no link to %s", index, p.name)
		}
	}
}

// TestPapers_commandsParse holds what stands in a fence of sh to a shell's grammar.
func TestPapers_commandsParse(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("needs sh: ", err)
	}
	for _, p := range pages(t) {
		var script strings.Builder
		p.each(func(_ int, line, fence string) {
			if fence == "sh" {
				script.WriteString(line + "\n")
			}
		})
		cmd := exec.Command(sh, "-n")
		cmd.Stdin = strings.NewReader(script.String())
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", p.name, err, out)
		}
	}
}

// inTree is a path of the project in backquotes or in a marker of a generated section.
var inTree = regexp.MustCompile("(?:`|edit )((?:internal|cmd|docs|ui)/[a-z0-9_./-]+)")

func TestDocs_pathsAreThere(t *testing.T) {
	n := 0
	for _, p := range pages(t) {
		for _, line := range p.lines {
			for _, m := range inTree.FindAllStringSubmatch(line, -1) {
				n++
				if _, err := os.Stat(filepath.Join(root(t), filepath.FromSlash(m[1]))); err != nil {
					t.Errorf("%s names %s: %v", p.name, m[1], err)
				}
			}
		}
	}
	if n < 50 {
		t.Errorf("only %d paths were looked at", n)
	}
}
