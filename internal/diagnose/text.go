package diagnose

import (
	"slices"
	"strings"

	"detour/internal/flow"
	"detour/internal/wording"
)

// clean makes foreign text fit for a line of a terminal: each control character, line
// end and change of direction becomes one visible sign.
func clean(s string) string {
	return flow.Printable(strings.TrimSpace(s))
}

// counted is a number with its noun.
func counted(n int, noun string) string { return wording.Count(n, noun) }

// joinHosts are hosts as arguments of a command. Each is fit for one.
func joinHosts(hosts []string) string { return strings.Join(hosts, " ") }

// distinctWords sorts words and removes copies.
func distinctWords(words []string) []string {
	slices.Sort(words)
	return slices.Compact(words)
}

// list joins words as in a sentence; none stands for no words.
func list(words []string, none string) string {
	if len(words) == 0 {
		return none
	}
	return wording.List(words)
}

func step(text string) flow.NextStep { return flow.NextStep{Text: text} }

// shell is a step with a command. Whatever of it comes from the traffic is fit for one:
// see flowset.HostOf, command.Safe and command.Server.
func shell(text, command string) flow.NextStep { return flow.NextStep{Text: text, Command: command} }
