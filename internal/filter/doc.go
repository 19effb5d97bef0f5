package filter

import (
	"fmt"
	"strings"
)

// rules are the syntax of expressions, by example.
func rules() [][2]string {
	return [][2]string{
		{"cloudwatch", "a word without a key: searches everything that the table shows, such as URL, service, operation, status and addresses"},
		{`"access denied"`, "quotes keep words together; within them, \\ escapes the next character"},
		{"host:logs", "part of a key's value, ignoring case"},
		{"operation=ListMetrics", "the whole value, ignoring case"},
		{"host~^(logs|ec2)[.]", "a regular expression (RE2), ignoring case"},
		{"status>=400", "a comparison of numbers, durations or sizes: = != > >= < <="},
		{"total:1s..5s", "a range, including both ends"},
		{"status:403,5xx", "any value of a list"},
		{"ip:10.0.0.0/8", "an address, a network, or a scope such as private"},
		{"origin:direct tcp:timeout", "both conditions; the word and between them is optional"},
		{"dns:nxdomain or tcp:refused", "either condition; and binds more tightly than or"},
		{"-static", "negation; also: not static, !static, status!=200, host!~console"},
		{"(is:denied or is:failed) page:ec2", "grouping"},
	}
}

// Text returns the reference for a terminal: what detour help filters prints.
func Text() string {
	var b strings.Builder
	b.WriteString("A filter selects flows: in the table after /, and on the command line with --filter.\n\n")
	for _, r := range rules() {
		fmt.Fprintf(&b, "  %-34s %s\n", r[0], r[1])
	}
	b.WriteString("\nA condition on a fact that a flow doesn't have is false: status<500 matches only\n" +
		"flows with a response, status!=200 also matches those without one.\n")
	section := ""
	for _, k := range keys() {
		if k.section != section {
			section = k.section
			fmt.Fprintf(&b, "\n%s\n", section)
		}
		fmt.Fprintf(&b, "  %-12s %s%s, e.g. %s\n", k.name, k.doc, alias(k.also, ""), k.sample())
		for _, c := range k.choices() {
			fmt.Fprintf(&b, "    %-26s %s\n", strings.Join(append([]string{c.word}, c.also...), ", "), c.doc)
		}
	}
	return trimLines(b.String())
}

// Page returns docs/filters.md.
func Page() string {
	var b strings.Builder
	b.WriteString("# Filters\n\n<!-- generated: edit internal/filter, then run \"make golden\" -->\n\n" +
		"A filter selects flows: in the table after `/`, and on the command line with `--filter`. `detour help filters`\n" +
		"prints the same list.\n\n" +
		"| example | meaning |\n|---|---|\n")
	for _, r := range rules() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", cell(r[0]), cell(r[1]))
	}
	b.WriteString("\nA condition on a fact that a flow doesn't have is false: `status<500` matches only flows with a response,\n" +
		"`status!=200` also matches those without one.\n")
	section := ""
	for _, k := range keys() {
		if k.section != section {
			section = k.section
			fmt.Fprintf(&b, "\n## %s\n\n| key | meaning | example |\n|---|---|---|\n", section)
		}
		doc := k.doc + alias(k.also, "`")
		var cs []string
		for _, c := range k.choices() {
			s := "`" + strings.Join(append([]string{c.word}, c.also...), "`, `") + "`"
			if c.doc != "" {
				s += ": " + c.doc
			}
			cs = append(cs, s)
		}
		if cs != nil {
			doc += "<br>" + strings.Join(cs, "<br>")
		}
		fmt.Fprintf(&b, "| `%s` | %s | `%s` |\n", k.name, cell(doc), cell(k.sample()))
	}
	return b.String()
}

// sample returns a condition with the key.
func (k key) sample() string {
	if k.number != nil && k.unit != unitStatus {
		return k.name + ">" + k.example
	}
	return k.name + ":" + k.example
}

// choices returns the values of a closed set or of flags.
func (k key) choices() []choice {
	out := k.words
	for _, x := range k.flags {
		out = append(out, choice{word: x.word, doc: x.doc})
	}
	return out
}

func alias(also []string, mark string) string {
	if len(also) == 0 {
		return ""
	}
	return " (also " + mark + strings.Join(also, mark+", "+mark) + mark + ")"
}

func cell(s string) string { return strings.ReplaceAll(s, "|", "\\|") }

func trimLines(s string) string {
	ls := strings.Split(s, "\n")
	for i := range ls {
		ls[i] = strings.TrimRight(ls[i], " ")
	}
	return strings.Join(ls, "\n")
}
