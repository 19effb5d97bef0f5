package clipboard

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// fake makes a program in dir that writes its arguments and its input to files, and then runs
// the rest of the script.
func fake(t *testing.T, dir, name, rest string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("a shell script isn't a program on Windows")
	}
	script := "#!/bin/sh\necho \"$@\" >" + dir + "/" + name + ".args\ncat >" + dir + "/" + name + ".in\necho noise; echo noise >&2\n" + rest + "\n"
	if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o700); err != nil { //nolint:gosec // a program
		t.Fatal(err)
	}
}

// system is one with the programs of a directory, which have a minute.
func system(goos, dir string, env map[string]string) System {
	return System{timeout: time.Minute, GOOS: goos, Env: func(name string) string { return env[name] }, Look: func(name string) (string, error) {
		path := filepath.Join(dir, name)
		if _, err := os.Stat(path); err != nil {
			return "", errors.Join(exec.ErrNotFound, err)
		}
		return path, nil
	}}
}

func content(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestCopy_usesTheSystemsPrograms(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"pbcopy", "clip.exe", "wl-copy", "xclip", "xsel", "tmux"} {
		fake(t, dir, name, "")
	}
	const secretish = "curl 'https://x' — 'é'\n"
	for name, tc := range map[string]struct {
		goos string
		env  map[string]string
		want []string
	}{
		"macOS":                   {"darwin", nil, []string{"pbcopy"}},
		"macOS over ssh":          {"darwin", map[string]string{"SSH_CONNECTION": "x"}, nil},
		"Windows":                 {"windows", nil, []string{"clip.exe"}},
		"WSL with a screen":       {"linux", map[string]string{"WSL_DISTRO_NAME": "Debian", "WAYLAND_DISPLAY": "wayland-0"}, []string{"clip.exe", "wl-copy"}},
		"Wayland":                 {"linux", map[string]string{"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}, []string{"wl-copy", "xclip"}},
		"X11, also over ssh":      {"linux", map[string]string{"DISPLAY": "localhost:10.0", "SSH_TTY": "/dev/pts/1"}, []string{"xclip"}},
		"tmux over ssh":           {"linux", map[string]string{"TMUX": "/tmp/x,1,0", "SSH_CONNECTION": "x"}, []string{"tmux"}},
		"tmux on macOS":           {"darwin", map[string]string{"TMUX": "/tmp/x,1,0"}, []string{"pbcopy", "tmux"}},
		"nothing on this machine": {"linux", nil, nil},
	} {
		if there := system(tc.goos, dir, tc.env).Programs(); !slices.Equal(there, tc.want) {
			t.Errorf("%s: %q are there", name, there)
		}
		got := system(tc.goos, dir, tc.env).Copy(t.Context(), secretish)
		if !slices.Equal(got, tc.want) {
			t.Errorf("%s: %q", name, got)
		}
		for _, tool := range got {
			in := content(t, filepath.Join(dir, tool+".in"))
			if tool != "clip.exe" && in != secretish || strings.Contains(content(t, filepath.Join(dir, tool+".args")), "curl") {
				t.Errorf("%s: %s got %q", name, tool, in)
			}
		}
	}
}

func TestCopy_triesTheNextProgram(t *testing.T) {
	dir := t.TempDir()
	fake(t, dir, "xclip", "exit 1")
	fake(t, dir, "xsel", "")
	fake(t, dir, "tmux", "[ \"$2\" != -w ]") // before 3.2
	got := system("linux", dir, map[string]string{"DISPLAY": ":0", "TMUX": "x"}).Copy(t.Context(), "text")
	if !slices.Equal(got, []string{"xsel", "tmux"}) || content(t, filepath.Join(dir, "tmux.args")) != "load-buffer -\n" {
		t.Errorf("%q", got)
	}
}

// TestCopy_endsAProgramThatHangs: the others have taken the text.
func TestCopy_endsAProgramThatHangs(t *testing.T) {
	dir := t.TempDir()
	fake(t, dir, "xclip", "exec sleep 1000")
	fake(t, dir, "tmux", "sleep 5 >/dev/null 2>&1 & exit 0") // a child that goes on, as xclip's does
	s := system("linux", dir, map[string]string{"DISPLAY": ":0", "TMUX": "x"})
	s.timeout = 0
	began := time.Now()
	if got := s.Copy(t.Context(), "text"); !slices.Equal(got, []string{"tmux"}) || time.Since(began) < Timeout {
		t.Errorf("%q after %v", got, time.Since(began))
	}
}

func TestForWindows_isUTF16WithoutAMarkUnlessASCII(t *testing.T) {
	for text, want := range map[string]string{"a\nb\r\n": "a\r\nb\r\n", "é\n": "\xe9\x00\r\x00\n\x00", "𝛼": "\x35\xd8\xfc\xde", "": ""} {
		if got := forWindows(text); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}

// TestCopy_withARealTmux: the buffer of tmux has the text.
func TestCopy_withARealTmux(t *testing.T) {
	tmux, err := exec.LookPath("tmux")
	if err != nil {
		t.Skip("tmux isn't installed")
	}
	socket := filepath.Join(t.TempDir(), "s")
	run := func(args ...string) string {
		out, err := exec.Command(tmux, append([]string{"-S", socket}, args...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return string(out)
	}
	run("-f", "/dev/null", "new-session", "-d", "sleep 600")
	t.Cleanup(func() { run("kill-server") })
	t.Setenv("TMUX", socket+",1,0") // tmux itself reads it
	const text = "curl 'https://x' \\\n  -H 'é'\n"
	s := System{timeout: time.Minute, GOOS: "linux", Env: func(name string) string { return map[string]string{"TMUX": socket}[name] }, Look: exec.LookPath}
	if by := s.Copy(t.Context(), text); !slices.Equal(by, []string{"tmux"}) {
		t.Fatalf("%q", by)
	}
	if got := run("show-buffer"); got != text {
		t.Errorf("%q", got)
	}
}
