// Package clipboard copies text with the programs that a system has for that: pbcopy, wl-copy,
// xclip, xsel, clip.exe and tmux. A terminal's own way, OSC 52, isn't part of it.
package clipboard

import (
	"cmp"
	"context"
	"encoding/binary"
	"os/exec"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"
)

// A System is where text is copied. It is immutable and may be used concurrently.
type System struct {
	GOOS string
	Env  func(name string) string                   // os.Getenv
	Look func(name string) (path string, err error) // exec.LookPath

	timeout time.Duration // 0: Timeout
}

// Timeout ends a program that doesn't take the text, for example because its display is gone.
const Timeout = 2 * time.Second

// A tool is a program that takes text on its standard input.
type tool struct {
	name string // as people call it
	args []string
	wide bool // takes UTF-16: other text would be in the system's old code page
	// before is what older versions take instead, if the program fails; nil: nothing.
	before []string
}

// tools returns the programs for this system, those of a terminal last. Only one of a group that
// copies to the same clipboard is used.
func (s System) tools() (groups [][]tool) {
	remote := s.Env("SSH_CONNECTION") != "" || s.Env("SSH_TTY") != ""
	wsl := s.Env("WSL_DISTRO_NAME") != "" || s.Env("WSL_INTEROP") != ""
	switch {
	case s.GOOS == "darwin" && !remote: // over ssh, they copy where nobody sits
		groups = append(groups, []tool{{name: "pbcopy", args: []string{"pbcopy"}}})
	case (s.GOOS == "windows" || wsl) && !remote:
		groups = append(groups, []tool{{name: "clip.exe", args: []string{"clip.exe"}, wide: true}})
	}
	if s.Env("WAYLAND_DISPLAY") != "" {
		groups = append(groups, []tool{{name: "wl-copy", args: []string{"wl-copy", "--type", "text/plain;charset=utf-8"}}})
	}
	if s.Env("DISPLAY") != "" && s.GOOS != "darwin" {
		groups = append(groups, []tool{
			{name: "xclip", args: []string{"xclip", "-selection", "clipboard", "-in"}},
			{name: "xsel", args: []string{"xsel", "--clipboard", "--input"}},
		})
	}
	if s.Env("TMUX") != "" { // -w: also to the terminal's clipboard, since tmux 3.2
		groups = append(groups, []tool{{
			name: "tmux", args: []string{"tmux", "load-buffer", "-w", "-"}, before: []string{"tmux", "load-buffer", "-"},
		}})
	}
	return groups
}

// Programs returns the names of the programs that [System.Copy] tries and that are installed.
func (s System) Programs() (names []string) {
	for _, group := range s.tools() {
		for _, t := range group {
			if _, err := s.Look(t.args[0]); err == nil {
				names = append(names, t.name)
				break
			}
		}
	}
	return names
}

// Copy copies text with each program that there is, and returns the names of those that took it.
// It takes up to [Timeout], and ends with ctx.
func (s System) Copy(ctx context.Context, text string) (by []string) {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(s.timeout, Timeout))
	defer cancel()
	groups := s.tools()
	took := make([]string, len(groups))
	done := make(chan struct{})
	for i, group := range groups {
		go func() {
			defer func() { done <- struct{}{} }()
			for _, t := range group {
				if s.run(ctx, t, t.args, text) || t.before != nil && s.run(ctx, t, t.before, text) {
					took[i] = t.name
					return
				}
			}
		}()
	}
	for range groups {
		<-done
	}
	for _, name := range took {
		if name != "" {
			by = append(by, name)
		}
	}
	return by
}

// run gives a program the text, which isn't part of its arguments: everybody can see those. Its
// output goes nowhere.
func (s System) run(ctx context.Context, t tool, args []string, text string) bool {
	path, err := s.Look(args[0])
	if err != nil {
		return false
	}
	cmd := exec.CommandContext(ctx, path, args[1:]...)
	cmd.WaitDelay = 100 * time.Millisecond // for a child of it that holds on to its input
	if cmd.Stdin = strings.NewReader(text); t.wide {
		cmd.Stdin = strings.NewReader(forWindows(text))
	}
	return cmd.Run() == nil
}

// forWindows returns text with Windows' line ends, in UTF-16 unless it is ASCII. It has no byte
// order mark, which clip.exe would copy.
func forWindows(text string) string {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n")
	if strings.IndexFunc(text, func(r rune) bool { return r > unicode.MaxASCII }) < 0 {
		return text
	}
	var b []byte
	for _, u := range utf16.Encode([]rune(text)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return string(b)
}
