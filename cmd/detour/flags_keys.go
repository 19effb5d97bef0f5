package main

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"detour/internal/config"
	"detour/ui"
)

// keysFlag is the flag whose values may have a line of their own in the file of
// settings: keys.mark = M.
const keysFlag = "keys"

// keyBindings are the keys that a person has bound; a pflag.Value.
type keyBindings struct{ bound ui.Keys }

func (k *keyBindings) register(f *pflag.FlagSet) {
	f.Var(k, keysFlag, "`action=key` of the table, as mark=M (repeatable); detour help config")
}

// Set implements pflag.Value.
func (k *keyBindings) Set(s string) error {
	action, _, found := strings.Cut(s, "=")
	if !found {
		return fmt.Errorf("%q is not ACTION=KEY", s)
	}
	if k.bound == nil {
		k.bound = ui.Keys{}
	}
	err := k.bound.Add(s)
	if near := config.Nearest(action, ui.KeyNames()); err != nil && near != "" && near != action {
		return fmt.Errorf("there is no action %q; did you mean %s?", action, near)
	}
	return err
}

// Type implements pflag.Value.
func (k *keyBindings) Type() string { return "action=key" }

// String implements pflag.Value.
func (k *keyBindings) String() string { return "" }

// check says which key would stand for two actions.
func (k *keyBindings) check() error {
	if err := k.bound.Check(); err != nil {
		return flagUsage(keysFlag, "bind that one to another key, too, or take a free one; ? in the table lists them", "--"+keysFlag+": %w", err)
	}
	return nil
}
