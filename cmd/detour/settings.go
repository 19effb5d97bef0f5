package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"detour/internal/config"
	"detour/internal/usererr"
)

const (
	configFlag = "config"
	noConfig   = "none" // its value for "read no configuration file"
)

// A settings sets the flags that aren't on the command line: from the environment, and
// from the configuration file.
type settings struct {
	root    *cobra.Command                   // the commands whose flags there are; nil: no others are known
	lookup  func(name string) (string, bool) // of the environment
	origin  map[string]string                // of a flag that isn't on the command line: "DETOUR_UI", "…/config:3"
	notices []string                         // about settings that are ignored
}

func newSettings() *settings {
	return &settings{lookup: os.LookupEnv, origin: make(map[string]string)}
}

// withSettings makes a command and its subcommands read the environment and the
// configuration file.
func withSettings(root *cobra.Command, s *settings) {
	s.root = root
	root.PersistentFlags().String(configFlag, "", "configuration `file`, or none (default: "+shown(configFile())+"; detour help config)")
	s.wrap(root)
}

func (s *settings) wrap(c *cobra.Command) {
	c.PreRunE = func(c *cobra.Command, _ []string) error {
		err := s.load(c.Flags())
		for _, line := range s.notices {
			fmt.Fprintln(c.ErrOrStderr(), "detour: "+line)
		}
		return err
	}
	if do := c.RunE; do != nil {
		c.RunE = func(c *cobra.Command, args []string) error { return s.explain(do(c, args)) }
	}
	for _, sub := range c.Commands() {
		s.wrap(sub)
	}
}

// load sets those of a command's flags that aren't on the command line.
func (s *settings) load(flags *pflag.FlagSet) error {
	from, err := s.layers(flags)
	if err != nil {
		return err
	}
	merged, err := config.Merge(s.flags(flags), from)
	if err != nil {
		return inFile(err)
	}
	s.notices = merged.Notices
	for _, v := range merged.Values {
		name := flagSetBy(flags, v.Flag).Name
		if err := flags.Set(name, v.Value); err != nil {
			_, what := wrongValue(err)
			return usage("it sets --"+name, "%s%s", v.Subject, what)
		}
		s.origin[name] = v.Source
	}
	return nil
}

// layers are the environment, and the file that --config or its variable names.
func (s *settings) layers(flags *pflag.FlagSet) (config.Layers, error) {
	from := config.Layers{Env: s.lookup}
	f := flags.Lookup(configFlag)
	if f == nil {
		return from, nil
	}
	if v, ok := s.lookup(config.Variable(configFlag)); ok && v != "" && !f.Changed {
		if err := flags.Set(configFlag, v); err != nil {
			return from, err
		}
		s.origin[configFlag] = config.Variable(configFlag)
	}
	path := f.Value.String()
	named := path != ""
	if !named {
		path = configFile()
	}
	if path == "" || path == noConfig {
		return from, nil
	}
	b, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !named:
		return from, nil
	case err != nil:
		return from, usage("--config none reads no file", "configuration file: %w", err)
	}
	from.File = path
	from.Settings, err = config.Parse(path, string(b))
	return from, inFile(err)
}

// inFile turns a mistake in the configuration file into a usage error.
func inFile(err error) error {
	if e := (*config.Error)(nil); errors.As(err, &e) {
		return usage(e.Hint, "%w", err)
	}
	return err
}

// flags are the flags of all commands, for one that has these.
func (s *settings) flags(own *pflag.FlagSet) map[string]config.Flag {
	all := make(map[string]config.Flag)
	add := func(f *pflag.Flag) {
		if !isSetting(f.Name) {
			return
		}
		known := all[settingOf(f)]
		known.Keyed = f.Name == keysFlag
		known.Repeatable = known.Repeatable || known.Keyed || strings.HasSuffix(f.Value.Type(), "Array")
		all[settingOf(f)] = known
	}
	everyFlag(s.root, add)
	own.VisitAll(func(f *pflag.Flag) {
		add(f)
		if known, ok := all[settingOf(f)]; ok {
			known.Here, known.Given = true, f.Changed
			known.Concerns = func(value string) bool { return takes(f, value) || !s.another(f, value) }
			all[settingOf(f)] = known
		}
	})
	return all
}

// another reports whether a value that a flag refuses is one for a flag of the same name
// and another type that another command has: --json of run takes a word, that of probe
// none. Such a setting doesn't concern the command.
func (s *settings) another(f *pflag.Flag, value string) (yes bool) {
	everyFlag(s.root, func(g *pflag.Flag) {
		if settingOf(g) == settingOf(f) && g.Value.Type() != f.Value.Type() && takes(g, value) {
			yes = true
		}
	})
	return yes
}

// takes reports whether a flag accepts a value.
func takes(f *pflag.Flag, value string) bool {
	if r, ok := f.Value.(revisions); ok {
		return r.takes(value)
	}
	if f.Value.Type() == "bool" {
		_, err := strconv.ParseBool(value)
		return err == nil
	}
	return true
}

// everyFlag visits the flags of a command and of those below it. c may be nil.
func everyFlag(c *cobra.Command, visit func(*pflag.Flag)) {
	if c == nil {
		return
	}
	c.LocalFlags().VisitAll(visit)
	for _, sub := range c.Commands() {
		everyFlag(sub, visit)
	}
}

// isSetting reports whether a flag can be set in the configuration file: it makes sense
// beyond one command line, and isn't the file's own.
func isSetting(flag string) bool {
	return flag != "help" && flag != "version" && flag != "yes" && flag != runFlag && flag != configFlag
}

// settable are the names of the flags of a command and those below it that can be set in
// the configuration file.
func settable(c *cobra.Command) map[string]bool {
	out := make(map[string]bool)
	everyFlag(c, func(f *pflag.Flag) {
		if isSetting(f.Name) {
			out[settingOf(f)] = true
		}
	})
	return out
}

func keys(m map[string]bool) (out []string) {
	for k := range m {
		out = append(out, k)
	}
	return out
}

// explain adds where the flag was set to a mistake in a flag that isn't on the command
// line.
func (s *settings) explain(err error) error {
	from := s.from(err)
	if from == "" {
		return err
	}
	explained := *usererr.As(err)
	explained.Err = fmt.Errorf("%w (set by %s)", explained.Err, from)
	return &explained
}

// from is where the flag was set that a mistake is in; "" if it was on the command line,
// or if the mistake is in no flag.
func (s *settings) from(err error) string {
	ue := usererr.As(err)
	if ue == nil || ue.Class != usererr.Usage {
		return ""
	}
	for _, name := range ue.Flags {
		if from := s.origin[name]; from != "" {
			return from
		}
	}
	return ""
}

// configFile is the user's; "" if there is no home.
func configFile() string { return config.Path(runtime.GOOS, os.Getenv) }
