package main

import (
	"context"
	"strings"

	"detour/internal/intake"
	"detour/internal/wording"
	"detour/ui"
)

// proveWith lets the table prove its findings with an account: set takes what was read. from is
// what --from says.
func (o *accountOptions) proveWith(act *ui.Actions, set func(intake.Account)) {
	act.Account.Use = func(_ context.Context, path string) (string, error) {
		next := accountOptions{account: path, from: o.from}
		a, err := next.readAccount(strings.NewReader(""))
		if err != nil {
			return "", err
		}
		set(a)
		return wording.Count(a.Config.Files, "file") + " of account " + wording.Some(a.Config.Accounts, 3), nil
	}
}
