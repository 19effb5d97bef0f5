package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"detour/internal/capture/disk"
	"detour/internal/dial"
	"detour/internal/flow"
	"detour/internal/intake"
	"detour/internal/machine"
	"detour/internal/usererr"
)

// captureOptions are the flags that say what is kept of a run.
type captureOptions struct {
	capture     string
	bodies      string
	privacy     string
	keepSecrets bool
}

func (o *captureOptions) register(f *pflag.FlagSet, file string) {
	f.StringVar(&o.capture, "capture", file, "`file` that keeps every flow, auto (a new one in "+shown(capturesDir())+") or none")
	f.StringVar(&o.bodies, "bodies", "errors", "bodies to keep, up to 64 KiB of each: errors (of calls that failed), none or all")
	f.StringVar(&o.privacy, "privacy", "normal", "normal takes secrets out; strict also account IDs, names in ARNs, e-mail and private addresses")
	f.BoolVar(&o.keepSecrets, "keep-secrets", false, "take nothing out: the capture and all that is made of it hold credentials that work")
}

func (o *captureOptions) check() error {
	for _, f := range []struct{ name, value, allowed string }{
		{"bodies", o.bodies, "errors none all"}, {"privacy", o.privacy, "normal strict"},
	} {
		if f.value != "" && !slices.Contains(strings.Fields(f.allowed), f.value) { // "" is the default
			return flagUsage(f.name, "it is one of: "+f.allowed, "--%s %q is unknown", f.name, f.value)
		}
	}
	if o.keepSecrets && o.privacy == "strict" {
		return conflict("keep-secrets", "privacy", "--keep-secrets and --privacy strict are opposites")
	}
	return nil
}

// keeps is whether the bodies of a flow are kept. Of one that is under way nobody
// knows yet how it ends.
func (o *captureOptions) keeps(f *flow.Flow) bool {
	switch {
	case o.bodies == "none":
		return false
	case o.bodies == "all", !f.Final():
		return true
	}
	return f.Failure != nil || f.Response != nil && f.Response.Status >= 400 || f.AWS != nil && f.AWS.Error != nil
}

// errNoCapture says that none is to be made.
var errNoCapture = errors.New("no capture is asked for")

// create makes the capture's file, and its directory if the name is ours to choose.
func (o *captureOptions) create(now time.Time, h disk.Header) (*disk.File, error) {
	switch o.capture {
	case "none", "":
		return nil, errNoCapture
	case "auto":
		dir := capturesDir()
		if dir == "" {
			return nil, errors.New(noState().Error()) // no mistake: nobody asked for this one
		}
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, err
		}
		for n := 1; ; n++ {
			f, err := disk.Create(filepath.Join(dir, captureName(now, n)), h)
			if !errors.Is(err, fs.ErrExist) || n > 99 {
				return f, err
			}
		}
	}
	f, err := disk.Create(o.capture, h)
	if errors.Is(err, fs.ErrExist) {
		return nil, flagUsage("capture", "a capture never overwrites: take another name, or move that one away", "--capture %s already exists", o.capture)
	}
	if err != nil {
		return nil, flagUsage("capture", "--capture none makes none", "--capture: %w", usererr.CantWrite(o.capture, err))
	}
	return f, nil
}

func captureName(now time.Time, n int) string {
	name := now.Format("2006-01-02T150405")
	if n > 1 {
		name += fmt.Sprintf("-%d", n)
	}
	return name + ".detour"
}

// environment is what a capture says of this machine.
func (s *session) environment(ctx context.Context, c *cobra.Command) *flow.Environment {
	e := &flow.Environment{Detour: version(), Began: s.began.UTC(), Interfaces: dial.Interfaces(), Browser: s.browserName()}
	machine.Describe(ctx, e)
	asked, behind := s.opt.servers()
	for _, a := range slices.Concat(asked, behind) {
		e.Nameservers = append(e.Nameservers, a.String())
	}
	c.Flags().Visit(func(f *pflag.Flag) {
		if !slices.Contains([]string{"capture", "ui", "json", "filter", "log", "config"}, f.Name) { // no road depends on these
			e.Flags = append(e.Flags, "--"+f.Name+"="+f.Value.String())
		}
	})
	words := s.intake.Text
	if s.opt.keepSecrets { // of what was seen; the machine's own are nobody's to see
		words = intake.New(intake.Config{}).Text
	}
	intake.RedactEnvironment(e, words)
	return e
}

// browserName is the browser's program, without the path, which may name a user.
func (s *session) browserName() string {
	if s.browser == "" {
		return ""
	}
	return filepath.Base(s.browser)
}

// keepOnDisk begins the capture's file. That there is none, where nobody asked for
// it by name, is said and ends nothing.
func (s *session) keepOnDisk(ctx context.Context, c *cobra.Command) error {
	h := disk.Header{Creator: "detour " + version(), Environment: s.environment(ctx, c), RawSecrets: s.opt.keepSecrets, Strict: s.opt.privacy == "strict"}
	f, err := s.opt.create(s.began, h)
	if errors.Is(err, errNoCapture) {
		return nil
	}
	if err != nil && usererr.As(err) == nil {
		s.say("nothing is kept on disk: " + err.Error())
		return nil
	}
	if err != nil {
		return err
	}
	s.file, s.recorder = f, disk.Record(s.store, f, s.intake.Redacted)
	return nil
}

// closeCapture writes what is left. A capture without a flow whose name was ours to
// choose isn't worth its place.
func (s *session) closeCapture() {
	if s.file == nil {
		return
	}
	s.recorder.Close()
	if why := s.recorder.Trouble(); why != "" {
		fmt.Fprintf(s.stderr, "detour: %s: %s\n", s.file.Path, why)
	}
	if offset := clockOffset(s.store); offset != 0 && s.file.Header.Environment != nil {
		s.file.Header.Environment.ClockOffset = offset
		if err := s.file.WriteHeader(); err != nil {
			s.log.Warn("capture", "error", err)
		}
	}
	n, err := s.file.Count(context.Background(), disk.Query{})
	if err := s.file.Close(); err != nil {
		s.log.Warn("capture", "error", err)
	}
	if err == nil && n == 0 && s.opt.capture == "auto" {
		_ = os.Remove(s.file.Path)
		s.file = nil
	}
}

// capturePath is where the capture is; "none" if there is none.
func (s *session) capturePath() string {
	if s.file == nil {
		return "none"
	}
	return s.file.Path
}
