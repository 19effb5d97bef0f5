package helptext

import "strings"

// Table returns the entries of the topic's first table with this head, without the marks of
// code; none if there is no such table.
func Table(source, head string) []Entry {
	for _, b := range parse(source, Fill{}) {
		if b.kind != table || b.list.Name != head {
			continue
		}
		out := make([]Entry, len(b.list.Entries))
		for i, e := range b.list.Entries {
			out[i] = Entry{e.Name, strings.ReplaceAll(e.Text, "`", "")}
		}
		return out
	}
	return nil
}
