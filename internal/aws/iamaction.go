package aws

import (
	"strings"

	"detour/internal/flow"
)

// nameAction sets the action of a call that was refused. IAM's own words come first: one call
// may need several actions, and not all have the operation's name.
func nameAction(prefixes map[string]string, c *flow.AWS) {
	if c.Error == nil {
		return
	}
	if c.Error.Action = actionIn(c.Error.Message); c.Error.Action != "" {
		return
	}
	if prefix := prefixes[c.Service]; prefix != "" && c.Operation != "" {
		c.Error.Action = prefix + ":" + c.Operation
	}
}

// actionIn returns the action that a message names. IAM's wording is fixed: "User: ARN is not
// authorized to perform: ACTION …", "because no KIND allows the ACTION action".
func actionIn(message string) string {
	for _, before := range [...]string{"not authorized to perform: ", "allows the "} {
		_, rest, ok := strings.Cut(message, before)
		if !ok {
			continue
		}
		action, _, _ := strings.Cut(rest, " ")
		if action = strings.TrimRight(action, ".,"); isAction(action) {
			return action
		}
	}
	return ""
}

// isAction reports whether s is a prefix, a colon and a name.
func isAction(s string) bool {
	const most = 128
	prefix, name, ok := strings.Cut(s, ":")
	return ok && len(s) <= most && prefix != "" && strings.Trim(prefix, "abcdefghijklmnopqrstuvwxyz0123456789-") == "" && isWord(name)
}
