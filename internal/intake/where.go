package intake

import (
	"slices"
	"strconv"
	"strings"

	"detour/internal/filter"
)

// where is a condition on a capture's columns that every flow which passes a filter
// meets, so that the database leaves out most of the others. What is under way in the
// file is over once it is read (flow.CutOff), so it passes in any case.
func where(keep filter.Filter) (cond string, args []any) {
	var all []string
	for _, t := range keep.Terms() {
		column, exact := columnOf(t.Key)
		switch {
		case t.Key == "status":
			n, err := strconv.Atoi(t.Value) // not of 4xx
			if err == nil && strings.Contains("= > >= < <=", t.Op) {
				all, args = append(all, "f.status "+t.Op+" ?"), append(args, n)
			}
		case column == "" || slices.Contains([]string{"reused", "pending"}, t.Value): // the column has what the connection has
		case exact && (t.Op == ":" || t.Op == "="):
			all, args = append(all, "f."+column+" = ?"), append(args, t.Value)
		case t.Op == "=" && ascii(t.Value):
			all, args = append(all, "lower(f."+column+") = ?"), append(args, strings.ToLower(t.Value))
		case t.Op == ":" && ascii(t.Value):
			all, args = append(all, "instr(lower(f."+column+"), ?)"), append(args, strings.ToLower(t.Value))
		}
	}
	if all == nil {
		return "", nil
	}
	return "(NOT f.final OR " + strings.Join(all, " AND ") + ")", args
}

// columnOf is the column that has what a key asks for; "" if none has all of it.
// exact says that its words are the key's.
func columnOf(key string) (column string, exact bool) {
	switch key {
	case "origin", "dns", "tls", "failure":
		return key, true
	case "host", "page", "method", "note":
		return key, false
	case "code":
		return "error_code", false
	}
	return "", false
}

// ascii reports whether SQLite's lower, which knows ASCII alone, lowers all of s.
func ascii(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= 0x80 }) < 0
}
