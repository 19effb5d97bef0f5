package main

import (
	"context"
	"strings"

	"detour/internal/filecomplete"
	"detour/internal/intake"
	"detour/internal/usererr"
	"detour/internal/wording"
	"detour/ui"
)

// proveWith lets the table prove its findings with an account: set takes what was read. from is
// what --from says.
func (o *accountOptions) proveWith(act *ui.Actions, set func(intake.Account)) {
	act.Account.Files = filecomplete.Completer{}.Files
	act.Account.Use = func(_ context.Context, path string) (string, error) {
		next := accountOptions{account: filecomplete.FromHome(path), from: o.from}
		a, err := next.readAccount(strings.NewReader(""))
		if err != nil {
			return "", usererr.InOneLine(err)
		}
		set(a)
		return wording.Count(a.Config.Files, "file") + " of account " + wording.Some(a.Config.Accounts, 3), nil
	}
}
