package main

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"detour/internal/nearest"
	"detour/ui"
)

// keysFlag is the flag whose values may have a line each in the configuration file:
// keys.mark = M.
const keysFlag = "keys"

// keyBindings are the keys that the user has bound. It is a pflag.Value.
type keyBindings struct{ bound ui.Keys }

func (k *keyBindings) register(f *pflag.FlagSet) {
	f.Var(k, keysFlag, "bind an action of the table to a key: `action=key`, for example mark=M (repeatable); see detour help config")
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
	if near := nearest.Word(action, ui.KeyNames()); err != nil && near != "" && near != action {
		return fmt.Errorf("there is no action %q; did you mean %s?", action, near)
	}
	return err
}

// Type implements pflag.Value.
func (k *keyBindings) Type() string { return "action=key" }

// String implements pflag.Value.
func (k *keyBindings) String() string { return "" }

// check checks that no key stands for two actions.
func (k *keyBindings) check() error {
	if err := k.bound.Check(); err != nil {
		return flagUsage(keysFlag, "bind the other action to another key, or choose a free key; ? in the table lists the keys",
			"--"+keysFlag+": %w", err)
	}
	return nil
}
