package report

import (
	"strings"

	"detour/internal/flow"
	"detour/internal/lazyregexp"
)

// maxSlack is well below the 40,000 characters that Slack cuts a message to: nobody reads more in
// a chat.
const maxSlack = 12_000

// inSlack is Slack's mrkdwn. It has no headings and no tables.
func inSlack() style {
	return style{
		heading: func(_ int, text string) string {
			if text = strings.TrimSpace(flow.Printable(text)); acts.MatchString(text) || strings.Contains(text, "`") {
				return slack(text)
			}
			return "*" + entities.Replace(text) + "*"
		},
		label: func(label, text string) string {
			if text == "" {
				return "*" + label + "*"
			}
			return "*" + label + ":* " + slack(text)
		},
		paragraph: slack,
		item:      func(text string) string { return "• " + slack(text) },
		command: func(command string) (string, bool) {
			return "```\n" + entities.Replace(command) + "\n```", !strings.Contains(command, "```")
		},
		table: func(*Table) string { return "" },
		limit: maxSlack,
		brief: true,
	}
}

// entities are the characters that Slack wants escaped: with them, nothing is a link or mention.
var entities = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// slack escapes a line of text. mrkdwn has no escape for its own signs: a word with one that may
// act becomes code, in which none does.
func slack(s string) string {
	words := strings.Split(strings.ReplaceAll(flow.Printable(s), "`", "'"), " ")
	for i, w := range words {
		if acts.MatchString(w) {
			words[i] = "`" + entities.Replace(w) + "`"
		} else {
			words[i] = entities.Replace(w)
		}
	}
	return strings.Join(words, " ")
}

// acts is what may be bold, italic, struck, an emoji or a mention.
var acts = lazyregexp.New(`[*~@]|(?:^|[^\pL\pN])_|_(?:[^\pL\pN]|$)|:(?:\pN*[\pL_+'-][\pL\pN_+'-]*|100|1234):`)
