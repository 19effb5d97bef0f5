package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"detour/internal/capture/disk"
	"detour/internal/privatedir"
	"detour/internal/session"
	"detour/internal/usererr"
)

// captureOptions are the flags that say what is stored of a run.
type captureOptions struct {
	capture     string
	bodies      string
	privacy     string
	keepSecrets bool
}

func (o *captureOptions) register(f *pflag.FlagSet, file string) {
	f.StringVar(&o.capture, "capture", file, "`file` to save every flow in, auto (a new one in "+shown(capturesDir())+"), or none")
	f.StringVar(&o.bodies, "bodies", "errors", "bodies to save, up to 64 KiB each: errors (those of failed requests), none, or all")
	f.StringVar(&o.privacy, "privacy", "normal",
		"what to redact: normal (secrets), or strict (also account IDs, names in ARNs, e-mail and private addresses)")
	f.BoolVar(&o.keepSecrets, "keep-secrets", false, "redact nothing: the capture and everything made from it contain working credentials")
}

func (o *captureOptions) check() error {
	for _, f := range []struct{ name, value, allowed string }{
		{"bodies", o.bodies, "errors none all"}, {"privacy", o.privacy, "normal strict"},
	} {
		if f.value != "" && !slices.Contains(strings.Fields(f.allowed), f.value) { // "" is the default
			return flagUsage(f.name, "choose one of: "+f.allowed, "--%s %q is unknown", f.name, f.value)
		}
	}
	if o.keepSecrets && o.privacy == "strict" {
		return conflict("keep-secrets", "privacy", "--keep-secrets and --privacy strict are opposites")
	}
	return nil
}

// storage is what is stored of a run. flags are those of the command.
func (o *captureOptions) storage(flags *pflag.FlagSet) session.Storage {
	st := session.Storage{
		Bodies: session.Bodies(o.bodies), Strict: o.privacy == "strict", KeepSecrets: o.keepSecrets, Discard: o.capture == "auto",
	}
	if o.capture != "none" && o.capture != "" {
		st.Create = o.create
	}
	flags.Visit(func(f *pflag.Flag) {
		others := []string{"capture", "ui", "json", "filter", "log", "config", "otlp", "otlp-send", "otlp-traces"}
		if !slices.Contains(others, f.Name) { // these don't change where requests go
			st.Flags = append(st.Flags, "--"+f.Name+"="+f.Value.String())
		}
	})
	return st
}

// create creates the capture's file and, with auto, its directory.
func (o *captureOptions) create(now time.Time, h disk.Header) (*disk.File, error) {
	if o.capture == "auto" {
		dir := capturesDir()
		if dir == "" {
			return nil, errors.New(noState().Error()) // not a usage error: no file was named
		}
		if err := privatedir.Make(dir); err != nil {
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
		return nil, flagUsage("capture", "a capture never overwrites a file: choose another name, or move that file away",
			"--capture %s already exists", o.capture)
	}
	if err != nil {
		return nil, flagUsage("capture", "--capture none saves nothing", "--capture: %w", usererr.CantWrite(o.capture, err))
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
