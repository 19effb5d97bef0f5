package browserpolicy

import (
	"net/url"
	"slices"
	"strings"

	"detour/internal/wording"
)

// sorted returns the effects with the worst first.
func sorted(list []Effect) []Effect {
	slices.SortStableFunc(list, func(a, b Effect) int { return int(a.Kind) - int(b.Kind) })
	return list
}

// Worst returns the worst kind among effects; Harmless if there are none.
func Worst(list []Effect) Kind {
	worst := Harmless
	for _, e := range list {
		worst = min(worst, e.Kind)
	}
	return worst
}

// Serious returns the effects that keep the browser from detour or its pages from loading,
// each as a sentence without a full stop.
func Serious(list []Effect) (out []string) {
	for _, e := range list {
		switch e.Kind {
		case Bypass:
			out = append(out, "the browser bypasses detour: "+e.Text)
		case Breaks:
			out = append(out, "AWS's pages fail in the browser: "+e.Text)
		case Alters, Unread, Harmless:
		}
	}
	return out
}

// Advice is what to do about serious effects. other is a kind of browser that has none, as
// --browser takes it; "": none is installed.
func Advice(other string) string {
	if other != "" {
		return "choose another browser: --browser " + other
	}
	return "install a browser without such policies and name it with --browser, or ask your IT department for an exception"
}

// subject is "the policy A (place)", or "the policies A and B (place)".
func subject(names []string, place string) string {
	if len(names) == 1 {
		return "the policy " + names[0] + " (" + place + ")"
	}
	return "the policies " + wording.List(names) + " (" + place + ")"
}

// verb is the singular or plural of a verb for these policies.
func verb(names []string, singular, plural string) string {
	if len(names) == 1 {
		return singular
	}
	return plural
}

// withoutUser returns text, a URL or a host:port, without user and password.
func withoutUser(text string) string {
	if u, err := url.Parse(text); err == nil && u.Host != "" {
		u.User = nil
		return u.String()
	}
	if i := strings.LastIndex(text, "@"); i >= 0 {
		return text[i+1:]
	}
	return text
}

// texts returns the strings of a list; nil if value isn't one.
func texts(value any) (out []string) {
	list, _ := value.([]any)
	for _, v := range list {
		if s, ok := v.(string); ok {
			out = append(out, s)
		}
	}
	return out
}
