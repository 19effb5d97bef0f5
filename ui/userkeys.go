package ui

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gdamore/tcell/v2"
)

// Keys are key bindings by the name of the action: {"mark": "M"}. A binding replaces the
// letters of the action; Enter, Esc and the arrows stay.
type Keys map[string]string

// KeyNames are the actions that a key can be bound to, sorted.
func KeyNames() []string {
	names := map[string]bool{}
	for _, c := range keyActions(&app{}, builtIn(), nil) {
		if c.name != "" {
			names[c.name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// Add binds a key by "ACTION=KEY". A key is a character, Ctrl-X, or F1 to F12. An unknown
// action or key is an error.
func (k Keys) Add(binding string) error {
	name, key, _ := strings.Cut(binding, "=")
	name, key = strings.TrimSpace(name), strings.TrimSpace(key)
	if all := KeyNames(); !slices.Contains(all, name) {
		return fmt.Errorf("unknown action %q; choose one of %s", name, strings.Join(all, ", "))
	}
	if _, _, err := keyOf(key); err != nil {
		return err
	}
	if old, ok := k[name]; ok && old != key {
		return fmt.Errorf("%s has the key %s already", name, old)
	}
	k[name] = key
	return nil
}

// Check reports the first key that two actions of the same place share; nil if there is
// none.
func (k Keys) Check() error {
	cs := keyActions(&app{}, builtIn(), k)
	for i, c := range cs {
		for _, d := range cs[i+1:] {
			if c.on&d.on == 0 || k[c.name] == "" && k[d.name] == "" {
				continue
			}
			if shared := sharedKey(c, d); shared != "" {
				mine, other := c, d
				if k[mine.name] == "" {
					mine, other = d, c
				}
				return fmt.Errorf("%s can't be the key of %s: it is the key of %s", shared, mine.name, cmp.Or(other.name, "a view or a tab"))
			}
		}
	}
	return nil
}

// sharedKey returns a key that two actions share; "" if there is none.
func sharedKey(c, d keyAction) string {
	for _, r := range c.runes {
		if strings.ContainsRune(d.runes, r) {
			return string(r)
		}
	}
	for _, k := range c.keys {
		if slices.Contains(d.keys, k) {
			return keyName(k)
		}
	}
	return ""
}

// keyName is how a key that isn't a character is written.
func keyName(k tcell.Key) string {
	if k >= tcell.KeyCtrlA && k <= tcell.KeyCtrlZ {
		return "Ctrl-" + string(rune('A'+k-tcell.KeyCtrlA))
	}
	return tcell.KeyNames[k]
}

// keyOf parses a key: a character r, or another key k.
func keyOf(s string) (r rune, k tcell.Key, err error) {
	if r, n := utf8.DecodeRuneInString(s); n > 0 && n == len(s) && unicode.IsPrint(r) && r != ' ' {
		if unicode.IsDigit(r) {
			return 0, 0, fmt.Errorf("%s is the key of a view or a tab", s)
		}
		return r, 0, nil
	}
	letter, isCtrl := strings.CutPrefix(strings.ToLower(s), "ctrl-")
	if isCtrl && len(letter) == 1 && letter[0] >= 'a' && letter[0] <= 'z' {
		if strings.Contains("chijlmz", letter) { // Ctrl-C, Backspace, Tab, line feed, redraw, Enter, suspend
			return 0, 0, fmt.Errorf("%s is reserved by terminals or by detour", s)
		}
		return 0, tcell.KeyCtrlA + tcell.Key(letter[0]-'a'), nil
	}
	for f := tcell.KeyF1; f <= tcell.KeyF12; f++ {
		if strings.EqualFold(s, tcell.KeyNames[f]) {
			return 0, f, nil
		}
	}
	return 0, 0, fmt.Errorf("%q isn't a key; use a character, Ctrl-E or F5", s)
}

// bind gives actions their bound keys.
func (k Keys) bind(cs []keyAction) []keyAction {
	if len(k) == 0 {
		return cs
	}
	out := slices.Clone(cs)
	for i, c := range cs {
		out[i].show = k.shown(cs, i)
		r, special, err := keyOf(k[c.name])
		switch {
		case k[c.name] == "" || err != nil: // Add refuses these
		case r != 0:
			out[i].runes = string(r)
		default:
			out[i].runes, out[i].keys = "", append(slices.Clone(c.keys), special)
		}
	}
	return out
}

// shown is how the keys of an action are written. Its line in the help may cover the
// action for the other direction, too.
func (k Keys) shown(cs []keyAction, i int) string {
	var out []string
	done := map[string]bool{}
	for _, w := range strings.Fields(cs[i].show) {
		owner := slices.IndexFunc(cs, func(c keyAction) bool {
			return c.on&cs[i].on != 0 && utf8.RuneCountInString(w) == 1 && strings.Contains(c.runes, w)
		})
		if owner < 0 || k[cs[owner].name] == "" {
			out = append(out, w)
			continue
		}
		if name := cs[owner].name; !done[name] {
			out, done[name] = append(out, k[name]), true
		}
	}
	if name := cs[i].name; k[name] != "" && !done[name] {
		out = append([]string{k[name]}, out...)
	}
	return strings.Join(out, " ")
}
