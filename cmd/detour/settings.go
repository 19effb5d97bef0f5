package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"detour/internal/config"
	"detour/internal/usererr"
)

// noConfig is the word for "read no configuration file".
const noConfig = "none"

// A settings is where flags come from that weren't given: the environment first,
// then the configuration file.
type settings struct {
	root   *cobra.Command              // whose commands' flags there are; nil: no others are known yet
	lookup func(string) (string, bool) // of the environment
	origin map[string]string           // of a flag that isn't from the command line: "DETOUR_UI", "…/config:3"
	old    []string                    // lines of the file that set what there is no more
}

// retired are settings that a configuration file of old may still have, each with what
// became of it. They are ignored.
var retired = map[string]string{"lang": "every text is in English"}

// withSettings has a command and those below it heed the environment and the
// configuration file.
func withSettings(root *cobra.Command, s *settings) {
	s.root = root
	root.PersistentFlags().String("config", "", "`file` of settings, or none; by default "+shown(configFile())+" (detour help config)")
	s.wrap(root)
}

func newSettings() *settings {
	return &settings{lookup: os.LookupEnv, origin: make(map[string]string)}
}

func (s *settings) wrap(c *cobra.Command) {
	c.PreRunE = func(c *cobra.Command, _ []string) error {
		if err := s.fromEnvironment(c.Flags()); err != nil {
			return err
		}
		err := s.fromFile(c.Flags())
		for _, line := range s.old {
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

// fromEnvironment sets every flag that wasn't given from DETOUR_ and its name.
func (s *settings) fromEnvironment(flags *pflag.FlagSet) error {
	var err error
	flags.VisitAll(func(f *pflag.Flag) {
		name := variable(f.Name)
		v, ok := s.lookup(name)
		if !ok || v == "" || f.Changed || err != nil || onceOnly(f.Name) {
			return
		}
		if e := flags.Set(f.Name, v); e != nil {
			if s.another(f, v) {
				return
			}
			_, what := wrongValue(e)
			err = usage("it stands for --"+f.Name, "%s%s", name, what)
		}
		s.origin[f.Name] = name
	})
	return err
}

// variable is the name in the environment of a flag.
func variable(flag string) string {
	return "DETOUR_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// another reports whether a value that a flag refuses is one for a flag of the same
// name, and of another kind, that another command has: --json of run takes a word,
// that of probe none. Such a setting doesn't concern the command.
func (s *settings) another(f *pflag.Flag, value string) (yes bool) {
	var look func(*cobra.Command)
	look = func(c *cobra.Command) {
		c.LocalFlags().VisitAll(func(g *pflag.Flag) {
			if g.Name == f.Name && g.Value.Type() != f.Value.Type() && takes(g, value) {
				yes = true
			}
		})
		for _, sub := range c.Commands() {
			look(sub)
		}
	}
	if s.root != nil {
		look(s.root)
	}
	return yes
}

// takes reports whether a flag would take a value.
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

// fromFile sets every flag that wasn't given, nor is in the environment.
func (s *settings) fromFile(flags *pflag.FlagSet) error {
	path, err := flags.GetString("config")
	if err != nil || path == noConfig {
		return err
	}
	asked := path != ""
	if !asked {
		if path = configFile(); path == "" {
			return nil
		}
	}
	b, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !asked:
		return nil
	case err != nil:
		return usage("--config none reads none", "configuration file: %w", err)
	}
	list, err := config.Parse(path, string(b))
	if err == nil {
		err = s.apply(flags, path, list)
	}
	var e *config.Error
	if errors.As(err, &e) {
		return usage(e.Hint, "%w", err)
	}
	return err
}

// apply sets those of the flags that are in the list. A name that no command has
// for a flag is a mistake; another command's is not.
func (s *settings) apply(flags *pflag.FlagSet, path string, list []config.Setting) error {
	known := settable(s.root)
	given, line := make(map[string]bool), make(map[string]int)
	flags.Visit(func(f *pflag.Flag) { given[f.Name] = true })
	for _, set := range list {
		wrong := func(hint, format string, args ...any) error {
			return &config.Error{File: path, Line: set.Line, Msg: fmt.Sprintf(format, args...), Hint: hint}
		}
		if at := line[set.Key]; at > 0 && !repeatable(s.root, set.Key) {
			return wrong("keep one of the lines", "%s is set in line %d already", set.Key, at)
		}
		line[set.Key] = set.Line
		if of, one, many := strings.Cut(set.Key, "."); many && of == keysFlag {
			set.Key, set.Value = of, one+"="+set.Value
		}
		if why, ok := retired[set.Key]; ok {
			s.old = append(s.old, fmt.Sprintf("%s:%d: %s is no longer a setting; remove the line: %s", path, set.Line, set.Key, why))
			continue
		}
		if !known[set.Key] {
			hint := "detour --help lists the flags"
			if near := config.Nearest(set.Key, keys(known)); near != "" {
				hint = "did you mean " + near + "?"
			}
			return wrong(hint, "%q is no flag", set.Key)
		}
		f := flags.Lookup(set.Key)
		if f == nil || given[set.Key] {
			continue
		}
		if err := flags.Set(set.Key, set.Value); err != nil {
			if s.another(f, set.Value) {
				continue
			}
			_, what := wrongValue(err)
			return wrong("it stands for --"+set.Key, "%s%s", set.Key, what)
		}
		s.origin[set.Key] = fmt.Sprintf("%s:%d", path, set.Line)
	}
	return nil
}

// repeatable reports whether a flag may have more than one value.
func repeatable(root *cobra.Command, name string) bool {
	f, _ := flagOf(root, name)
	return f != nil && (name == keysFlag || strings.HasSuffix(f.Value.Type(), "Array"))
}

// onceOnly reports whether a flag makes sense on a command line alone.
func onceOnly(name string) bool { return name == "help" || name == "version" }

// unknownVariables are the variables of an environment that look like flags' and are no
// flag's, each with what it probably stands for; shells' own bookkeeping (detour env)
// is passed over.
func unknownVariables(root *cobra.Command, environ []string) (out []string) {
	flags := append(keys(settable(root)), "config")
	for _, e := range environ {
		name, _, _ := strings.Cut(e, "=")
		rest, ours := strings.CutPrefix(name, variable(""))
		flag := strings.ToLower(strings.ReplaceAll(rest, "_", "-"))
		if !ours || strings.HasPrefix(rest, "SAVED") || slices.Contains(flags, flag) && name == variable(flag) {
			continue
		}
		if near := config.Nearest(flag, flags); near != "" {
			name += " (" + variable(near) + "?)"
		}
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// settable are the names of the flags of a command and those below it, without
// those that make sense on a command line alone.
func settable(c *cobra.Command) map[string]bool {
	out := make(map[string]bool)
	var add func(*cobra.Command)
	add = func(c *cobra.Command) {
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if !onceOnly(f.Name) && f.Name != "config" {
				out[f.Name] = true
			}
		})
		for _, sub := range c.Commands() {
			add(sub)
		}
	}
	add(c)
	return out
}

func keys(m map[string]bool) (out []string) {
	for k := range m {
		out = append(out, k)
	}
	return out
}

// explain adds to a mistake in a flag that isn't from the command line where the flag
// was set.
func (s *settings) explain(err error) error {
	from := s.from(err)
	if from == "" {
		return err
	}
	explained := *usererr.As(err)
	explained.Err = fmt.Errorf("%w (set by %s)", explained.Err, from)
	return &explained
}

// from is the setting that a mistake is in; "" if it is in the command line, or in no
// flag.
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
