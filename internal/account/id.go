package account

import (
	"errors"

	"detour/internal/lazyregexp"
)

// An ID as AWS writes it, an ARN, or "local". Commands that detour prints have IDs of the files
// in them, so nothing else may get there: no space, quote, or sign of a shell.
var idForm = lazyregexp.New(`^[0-9A-Za-z][0-9A-Za-z_.:/-]{0,199}$`)

// A host, or an address, as a command may have it.
var hostForm = lazyregexp.New(`^[0-9A-Za-z][0-9A-Za-z.:_-]{0,254}$`)

var regionForm = lazyregexp.New(`^[a-z]{2,4}(?:-[a-z]+)+-\d{1,2}$`)

var errBadID = errors.New("an ID in it isn't one of AWS's")

// formed reports IDs that aren't of AWS's form. What is empty is for the rules to judge.
func formed(ids ...string) error {
	for _, s := range ids {
		if s != "" && !idForm.MatchString(s) {
			return errBadID
		}
	}
	return nil
}
