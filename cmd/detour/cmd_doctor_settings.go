package main

import (
	"errors"
	"os"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"detour/internal/config"
	"detour/internal/decrypt"
	"detour/internal/doctor"
	"detour/internal/doctor/gather"
	"detour/internal/usererr"
)

// asRun reads the settings that a run would use: the flags of doctor's command line, the
// environment and the configuration file. A mistake on the command line is an error; one
// in the others is a failed check.
func (o *doctorOptions) asRun(c *cobra.Command) (out doctor.Settings, err error) {
	path, _ := c.Flags().GetString("config")
	out.File = configRead(path)
	out.Unknown = config.UnknownVariables(append(keys(settable(c.Root())), configFlag), os.Environ())
	run, s := &runOptions{}, newSettings()
	s.root = c.Root()
	flags := pflag.NewFlagSet("run", pflag.ContinueOnError)
	run.register(flags)
	flags.String("config", path, "")
	c.Flags().Visit(func(f *pflag.Flag) {
		if o.settings.origin[f.Name] == "" && f.Name != "json" { // doctor's has another type
			err = errors.Join(err, give(flags, f))
		}
	})
	if err != nil {
		return out, err
	}
	if err = s.load(flags); err != nil {
		out.Wrong = mistake(err)
		return out, nil
	}
	if err = run.acceptable(); err == nil {
		return out, nil
	}
	if s.from(err) == "" {
		return out, err
	}
	out.Wrong = mistake(s.explain(err))
	if run.ui == "tui" {
		run.ui = "none"
		out.Table = run.acceptable() == nil
	}
	return out, nil
}

// acceptable is why a run with these flags would not start. Port, browser and proxy have
// checks of their own.
func (o *runOptions) acceptable() error {
	if err := o.check(); err != nil {
		return err
	}
	if _, err := decrypt.Parse(o.decrypt); err != nil {
		return err
	}
	if _, err := o.tables(); err != nil {
		return err
	}
	if _, err := o.network(); err != nil {
		return err
	}
	return o.filesWritable()
}

// filesWritable refuses the files of --capture and --log that a run couldn't write.
func (o *runOptions) filesWritable() (err error) {
	if !slices.Contains([]string{"", "auto", "none"}, o.capture) {
		err = gather.CheckNew("capture", o.capture)
	}
	if o.log != "" {
		err = errors.Join(err, gather.CheckAppend("log", o.log))
	}
	return err
}

// give sets a flag of a set to the values of another one.
func give(flags *pflag.FlagSet, f *pflag.Flag) error {
	to := flags.Lookup(f.Name)
	if to == nil {
		return nil
	}
	values := []string{f.Value.String()}
	if list, ok := f.Value.(pflag.SliceValue); ok {
		values = list.GetSlice()
	}
	for _, v := range values {
		if err := flags.Set(f.Name, v); err != nil {
			return err
		}
	}
	return nil
}

// mistake is an error, with its hint.
func mistake(err error) *doctor.Mistake {
	m := &doctor.Mistake{Text: err.Error(), Fix: "detour help config"}
	if ue := usererr.As(err); ue != nil && ue.Hint != "" {
		m.Fix = ue.Hint
	}
	return m
}

// configRead is the configuration file that is read; "" if there is none.
func configRead(path string) string {
	if path == "" {
		path = configFile()
	}
	if _, err := os.Stat(path); err != nil || path == noConfig {
		return ""
	}
	return path
}
