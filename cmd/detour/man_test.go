package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// writtenManual writes the manual, and returns its directory and the commands.
func writtenManual(t *testing.T) (dir string, root *cobra.Command) {
	t.Helper()
	shortHome(t)
	dir = filepath.Join(t.TempDir(), "man")
	var out, errs bytes.Buffer
	if code := run([]string{"help", "--man", dir}, &out, &errs); code != exitDone || out.Len()+errs.Len() > 0 {
		t.Fatalf("exit %d: %s%s", code, &out, &errs)
	}
	root = rootCommand(&out, &errs)
	return dir, root
}

func TestManual_hasEveryCommandAndEveryFlag(t *testing.T) {
	dir, root := writtenManual(t)
	pages := 0
	var look func(c *cobra.Command)
	look = func(c *cobra.Command) {
		pages++
		b, err := os.ReadFile(filepath.Join(dir, manName(c)+".1"))
		if err != nil {
			t.Error(err)
		}
		has := func(s string) {
			if !strings.Contains(string(b), s) {
				t.Errorf("%s lacks %q", manName(c), s)
			}
		}
		has(roff(manName(c) + " - "))
		c.Flags().VisitAll(func(f *pflag.Flag) { has(roff("--" + f.Name)) })
		for _, sub := range c.Commands() {
			has("\n.B \"" + roff(manName(sub)+"(1)") + "\"\n")
		}
		for _, e := range exitCodes {
			has(fmt.Sprintf("\n.TP\n.B \"%d\"\n", e.code))
		}
		if strings.Contains(string(b), "/h/") {
			t.Errorf("%s has the home of whoever made it", manName(c))
		}
		for _, sub := range c.Commands() {
			look(sub)
		}
	}
	for _, c := range root.Commands() {
		if c.IsAdditionalHelpTopicCommand() {
			root.RemoveCommand(c)
		}
	}
	look(root)
	front, err := os.ReadFile(filepath.Join(dir, "detour.1"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`.SH "FILES"`, `.SH "EXAMPLES"`, roff("detour probe "), roff("detour-filters(7)")} {
		if !strings.Contains(string(front), want) {
			t.Errorf("detour.1 lacks %q", want)
		}
	}
	for _, topic := range topics() {
		b, err := os.ReadFile(filepath.Join(dir, "detour-"+topic.name+".7"))
		if err != nil || !strings.Contains(string(b), roff(topic.short)) || strings.Contains(string(b), "/usr/bin") {
			t.Errorf("%s: %v, or it lacks its line, or has a path of this machine", topic.name, err)
		}
	}
	if files, _ := filepath.Glob(filepath.Join(dir, "*.1")); len(files) != pages+1 { // help itself has one, too
		t.Errorf("%d pages for %d commands", len(files), pages)
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
		if !strings.Contains(line, "STYLE: input text line longer") {
			t.Error(line)
		}
	}
}

func TestRoff_showsJustTheText(t *testing.T) {
	mandoc, err := exec.LookPath("mandoc")
	if err != nil {
		t.Skip("mandoc is not installed")
	}
	for _, s := range []string{".suffix", "'quoted'", `back\slash`, "a-b --c", `"q" ^ ~ ` + "`x`", "tls://… ü 漢", "\x1b[31mred", ".\\\" no comment"} {
		m := &manual{tidy: func(s string) string { return s }}
		m.request("TH", "X", "1", "2026-01-01")
		m.request("SH", "NAME")
		m.line(s)
		cmd := exec.CommandContext(t.Context(), mandoc, "-Tutf8")
		cmd.Stdin = strings.NewReader(m.b.String())
		out, err := cmd.Output()
		if want := strings.ReplaceAll(s, "\x1b", ""); err != nil || !strings.Contains(string(out), want) {
			t.Errorf("%q is shown as\n%s", s, out)
		}
	}
}
