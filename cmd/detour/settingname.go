package main

import "github.com/spf13/pflag"

// settingName is the annotation of a flag whose setting has another name.
const settingName = "setting"

// nameSetting gives a flag a setting of its own: another command has a flag of the name
// that means something else.
func nameSetting(flags *pflag.FlagSet, flag, setting string) {
	flags.Lookup(flag).Annotations = map[string][]string{settingName: {setting}}
}

// settingOf is the name under which a flag is set in the environment and in the
// configuration file.
func settingOf(f *pflag.Flag) string {
	if own := f.Annotations[settingName]; len(own) > 0 {
		return own[0]
	}
	return f.Name
}

// flagSetBy is the flag that a setting sets; nil if none of these is.
func flagSetBy(flags *pflag.FlagSet, setting string) (out *pflag.Flag) {
	flags.VisitAll(func(f *pflag.Flag) {
		if settingOf(f) == setting {
			out = f
		}
	})
	return out
}
