package main

import (
	"bytes"
	"cmp"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
	"github.com/spf13/pflag"
)

var (
	manDir     = flag.String("man", "", "keep the manual that TestManual writes in this `directory`")
	manVersion = flag.String("man-version", version(), "the `version` that the manual is of")
)

// manHome is the home directory whose paths the manual has as ~/.
const manHome = "/home/detour-man"

// writtenManual writes a page of section 1 for each command, and one of section 7 for
// each topic. It returns their directory, and the command whose manual it is.
//
// A test writes it because the generator must not be linked into the program, and no other
// package can import package main.
func writtenManual(t *testing.T) (dir string, root *cobra.Command) {
	t.Helper()
	dir = *manDir
	if dir == "" {
		dir = t.TempDir()
	}
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // see below
		t.Fatal(err)
	}
	t.Setenv("HOME", manHome) // the manual has no paths of this user
	for _, name := range []string{"XDG_STATE_HOME", "XDG_CONFIG_HOME"} {
		t.Setenv(name, "")
	}
	root = rootCommand(nil, nil)
	root.DisableAutoGenTag = true
	var pages []*cobra.Command // of section 7
	for _, topic := range topics() {
		text := topic.text(fillOf(root, browserPlaces)) // without the paths of this machine
		pages = append(pages, &cobra.Command{Use: "detour-" + topic.name, Short: topic.short, Long: markdown(text), DisableAutoGenTag: true, DisableFlagsInUseLine: true})
	}
	refer(root)
	inMarkdown(root)
	header := func(section string) *doc.GenManHeader {
		return &doc.GenManHeader{Section: section, Source: "detour " + *manVersion, Manual: "detour"}
	}
	if err := doc.GenManTree(root, header("1"), dir); err != nil {
		t.Fatal(err)
	}
	for _, page := range pages {
		var b bytes.Buffer
		if err := doc.GenMan(page, header("7"), &b); err != nil {
			t.Fatal(err)
		}
		text := strings.Replace(b.String(), `\fB`+page.Name(), `\fBdetour help `+strings.TrimPrefix(page.Name(), "detour-"), 1) // the synopsis
		if err := os.WriteFile(filepath.Join(dir, page.Name()+".7"), []byte(text), 0o644); err != nil {                         //nolint:gosec // manuals are for everybody
			t.Fatal(err)
		}
	}
	return dir, root
}

// refer appends to the text of each command which topics have its exit codes, variables and
// files, and to that of the root which topics there are.
func refer(root *cobra.Command) {
	var all []string
	for _, topic := range topics() {
		all = append(all, "detour-"+topic.name+"(7)")
	}
	for _, c := range root.Commands() {
		c.Long = strings.TrimSpace(cmp.Or(c.Long, c.Short)) + "\n\nExit codes, variables and files: see detour-exit-codes(7), detour-environment(7) and detour-config(7).\n"
	}
	root.Long = strings.TrimSpace(root.Long) + "\n\nTopics: " + strings.Join(all, ", ") + ".\n"
}

// inMarkdown turns the texts of a command and its subcommands into Markdown, from which the
// pages are generated.
func inMarkdown(c *cobra.Command) {
	c.Long = markdown(c.Long)
	c.LocalFlags().VisitAll(func(f *pflag.Flag) {
		_, usage := pflag.UnquoteUsage(f)
		f.Usage = escaped(usage)
	})
	for _, sub := range c.Commands() {
		inMarkdown(sub)
	}
}

// markdown is a text as Markdown. Lines that are indented by two or more spaces stay as
// they are.
func markdown(text string) string {
	var b strings.Builder
	indented := false
	for line := range strings.Lines(strings.Trim(text, "\n")) {
		was := indented
		if strings.TrimSpace(line) != "" {
			indented = line[0] == ' '
		}
		if indented != was {
			b.WriteByte('\n')
		}
		if indented {
			b.WriteString("  " + strings.ReplaceAll(line, manHome+"/", "~/"))
		} else {
			b.WriteString(escaped(line))
		}
	}
	return b.String()
}

// escaped is a text with Markdown's special characters escaped.
func escaped(text string) string {
	var b strings.Builder
	for _, r := range strings.ReplaceAll(text, manHome+"/", "~/") {
		if strings.ContainsRune("\\`*_{}[]()#+-.!<>|~&", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func TestManual_hasEveryCommandFlagAndTopic(t *testing.T) {
	dir, root := writtenManual(t)
	shown := func(name string) string {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Error(err)
		}
		return strings.ReplaceAll(string(b), `\`, "")
	}
	pages := 0
	var look func(c *cobra.Command)
	look = func(c *cobra.Command) {
		if c.IsAdditionalHelpTopicCommand() || c.Name() == "help" {
			return
		}
		pages++
		name := strings.ReplaceAll(c.CommandPath(), " ", "-")
		page := shown(name + ".1")
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if !f.Hidden && !strings.Contains(page, "--"+f.Name) {
				t.Errorf("%s lacks --%s", name, f.Name)
			}
		})
		if !strings.Contains(page, c.Short) || strings.Contains(page, manHome) {
			t.Errorf("%s lacks %q, or has a path of this user", name, c.Short)
		}
		for _, sub := range c.Commands() {
			look(sub)
		}
	}
	look(root)
	if files, _ := filepath.Glob(filepath.Join(dir, "*.1")); len(files) != pages {
		t.Errorf("%d pages for %d commands", len(files), pages)
	}
	for _, topic := range topics() {
		if page := shown("detour-" + topic.name + ".7"); !strings.Contains(page, topic.short) || strings.Contains(page, "/usr/bin") || strings.Contains(page, manHome) {
			t.Errorf("%s lacks its line, or has a path of this machine", topic.name)
		}
	}
	front := shown("detour.1")
	if !strings.Contains(front, "\ndetour probe HOST") {
		t.Errorf("the commands don't stay lines:\n%s", front)
	}
	for _, topic := range topics() {
		if !strings.Contains(front, "detour-"+topic.name+"(7)") {
			t.Errorf("detour(1) doesn't refer to detour-%s(7)", topic.name)
		}
	}
	if page := shown("detour-probe.1"); !strings.Contains(page, "detour-exit-codes(7)") {
		t.Errorf("detour-probe(1) doesn't refer to the exit codes:\n%s", page)
	}
}

func TestManual_isWellFormed(t *testing.T) {
	mandoc, err := exec.LookPath("mandoc")
	if err != nil {
		t.Skip("mandoc is not installed")
	}
	dir, _ := writtenManual(t)
	files, _ := filepath.Glob(filepath.Join(dir, "*.[17]"))
	out, _ := exec.CommandContext(t.Context(), mandoc, append([]string{"-Tlint"}, files...)...).Output()
	for line := range strings.Lines(string(out)) {
		// The generator's style: a flag's text begins with a tab, the date is a month.
		if !strings.Contains(line, "STYLE:") && !strings.Contains(line, "tab in filled text") && !strings.Contains(line, "cannot parse date") {
			t.Error(line)
		}
	}
}
