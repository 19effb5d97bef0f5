package intake

import (
	"slices"
	"strconv"
	"strings"

	"detour/internal/filter"
)

// where returns a SQL condition on a capture's columns that every matching flow meets, so the
// database excludes most others. Flows in progress always pass, because reading ends them
// (flow.CutOff).
func where(keep filter.Filter) (cond string, args []any) {
	var all []string
	for _, t := range keep.Terms() {
		column, exact := columnOf(t.Key)
		switch {
		case t.Key == "status":
			n, err := strconv.Atoi(t.Value) // not 4xx
			if err == nil && strings.Contains("= > >= < <=", t.Op) {
				all, args = append(all, "f.status "+t.Op+" ?"), append(args, n)
			}
		case column == "" || slices.Contains([]string{"reused", "pending"}, t.Value): // the column has the connection's value
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

// columnOf returns the column with the values of a key; "" if there is none. exact says that
// both have the same values.
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

// ascii reports whether s is ASCII: SQLite's lower doesn't convert other characters.
func ascii(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= 0x80 }) < 0
}
