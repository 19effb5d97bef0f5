package main

import (
	"errors"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"detour/internal/aws"
	"detour/internal/intake"
	"detour/internal/parentshell"
	"detour/internal/tablestate"
	"detour/ui"
)

// screenOptions are the flags of the table, shared by all commands that show it.
type screenOptions struct {
	filter    string
	view      string
	theme     string
	presenter bool
	keys      keyBindings
}

func (o *screenOptions) register(f *pflag.FlagSet) {
	f.StringVar(&o.filter, "filter", "", "show and write only flows that match this `expression`; see detour help filters")
	f.StringVar(&o.view, "view", "", "`name` of the view to start with: "+strings.Join(ui.ViewNames(), ", ")+", or one that you saved")
	f.StringVar(&o.theme, "theme", ui.Themes()[0], "colour theme of the table: "+strings.Join(ui.Themes(), ", "))
	f.BoolVar(&o.presenter, "presenter", false,
		"mask account IDs, ARNs, hosts, addresses and e-mail addresses on the screen; p in the table toggles it")
	o.keys.register(f)
}

func (o *screenOptions) check() error {
	if _, err := parseFilter(o.filter); err != nil {
		return err
	}
	if err := oneOf("theme", o.theme, append([]string{""}, ui.Themes()...)...); err != nil {
		return err
	}
	if o.view != "" {
		if err := oneOf("view", o.view, viewNames()...); err != nil {
			return err
		}
	}
	return o.keys.check()
}

// viewNames are the built-in views and the saved ones.
func viewNames() []string {
	names := ui.ViewNames()
	for _, v := range tablestate.Views().Load() {
		names = append(names, v.Name)
	}
	return names
}

// oneOf checks that a flag's value is one of the words.
func oneOf(flag, value string, words ...string) error {
	for _, w := range words {
		if w == value {
			return nil
		}
	}
	return flagUsage(flag, "choose one of: "+strings.TrimSpace(strings.Join(words, " ")), "--%s %q is unknown", flag, value)
}

// options are the table's options, from the flags and from what earlier runs saved. act
// gets the actions that save for later runs.
func (o *screenOptions) options(act *ui.Actions) ui.Options {
	views := tablestate.Views()
	text := intake.New(intake.Config{}).Text
	act.Save.View = func(v ui.SavedView) error {
		if text(v.Name) != v.Name || text(v.Filter) != v.Filter {
			return errors.New("it has a secret in it, which is never stored; flows have a pseudonym instead")
		}
		return views.Save(v)
	}
	act.Save.ForgetView = views.Forget
	act.Save.Columns = tablestate.SaveColumns
	return ui.Options{
		Concepts:  concepts,
		Filter:    o.filter,
		View:      o.view,
		Theme:     o.theme,
		Presenter: o.presenter,
		Keys:      o.keys.bound,
		Views:     views.Load(),
		Columns:   tablestate.LoadColumns(),
		Last:      os.Stdout, // --json doesn't go with the table
		Shell:     parentshell.OnWindows(),
	}
}

// awsNames are AWS's own names, as the table needs them.
func awsNames(t *aws.Tables) ui.AWSNames {
	n := ui.AWSNames{EndpointServices: t.EndpointServicePrefixes()}
	for _, d := range t.Domains() {
		n.Domains = append(n.Domains, ui.AWSDomain{
			Name: d.Name, Services: d.ServiceLabels, SignIn: d.Kind == aws.DomainSignIn, Console: d.Kind == aws.DomainConsole,
			Commercial: d.Kind != aws.DomainCustomer && slices.Contains(d.Partitions, "aws"),
		})
	}
	return n
}
