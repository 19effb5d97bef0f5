// Package browserpolicy says what the policies of a managed browser mean for the isolated
// browser of a run. [JSON], [PropertyList] and [Key.Values] read what a source of policies
// holds, and [Judge] returns the effects of all sources together. The package is pure;
// package installed finds the sources of this machine.
package browserpolicy

import "strings"

// A Family is the browsers that share a vendor's policies.
type Family string

// The families. Unknown is a browser whose policies aren't known.
const (
	Unknown  Family = ""
	Chrome   Family = "Chrome"
	Chromium Family = "Chromium"
	Edge     Family = "Edge"
	Brave    Family = "Brave"
	Firefox  Family = "Firefox"
)

// FamilyOf returns the family of a browser by the path of its program.
func FamilyOf(program string) Family {
	path := strings.ToLower(strings.ReplaceAll(program, `\`, "/"))
	name := path[strings.LastIndex(path, "/")+1:]
	has := func(s string) bool { return strings.Contains(name, s) }
	switch {
	case has("firefox"):
		return Firefox
	case has("chromium"), name == "chrome.exe" && strings.Contains(path, "/chromium/"):
		return Chromium
	case has("edge"):
		return Edge
	case has("brave"):
		return Brave
	case has("chrome"):
		return Chrome
	}
	return Unknown
}

// A Source is one place that has policies: a file or a registry key. Those of the browsers
// of Chromium's kind have a level and a scope; those of Firefox are all mandatory.
type Source struct {
	Place       string         // its path
	Recommended bool           // a user, or the command line, may override it
	User        bool           // it is for this user only
	Values      map[string]any // by the policy's name, as package encoding/json decodes them
	Err         string         // why it can't be read; "": it was
}

// A Kind is what an effect does to the isolated browser.
type Kind int

// The kinds, the worst first.
const (
	Bypass   Kind = iota + 1 // the browser doesn't use detour: detour sees none of its requests
	Breaks                   // the browser uses detour, but its pages fail
	Alters                   // the browser or its traffic isn't only what detour started
	Unread                   // there may be policies that detour can't read
	Harmless                 // it concerns something that detour uses, and changes nothing
)

// An Effect is what policies do to the isolated browser.
type Effect struct {
	Kind     Kind
	Policies []string // their names; none: of Kind Unread
	Text     string   // a sentence without a full stop
}

// A Browser is the browser that a run would start.
type Browser struct {
	Family Family
	System string // as runtime.GOOS
	Proxy  string // detour's host:port; "": it isn't known yet
}

// Judge returns what the policies of sources do to a browser, the worst first. Sources are
// in the order in which the browser reads them: of two of the same level and scope, the
// later one wins.
func Judge(b Browser, sources []Source) []Effect {
	var out []Effect
	for _, s := range sources {
		if s.Err != "" {
			out = append(out, Effect{Kind: Unread, Text: s.Place + " may have policies, but can't be read: " + s.Err})
		}
	}
	if b.Family == Firefox {
		return sorted(append(out, b.firefox(sources)...))
	}
	return sorted(append(out, b.chromium(sources)...))
}
