// Package awscli understands what the AWS CLI was asked for, and what it says of a failure:
// [Parse], [FailureIn].
package awscli

import (
	"slices"
	"strings"
)

// A Coverage is which objects of a set an output has: all of an account's Region, or those with
// one of the values of a filter.
type Coverage struct {
	All    bool
	Filter string // as "vpc-id"; "" if All is set, or if what the command asked for can't be told
	Values []string
}

// Covers reports whether all objects are there that have the filter's value.
func (v Coverage) Covers(filter, value string) bool {
	return v.All || filter != "" && v.Filter == filter && slices.Contains(v.Values, value)
}

// harmless are the options that don't change which objects an output has. What AWS's own paging
// leaves out shows in the output's token.
var harmless = map[string]bool{
	"--region": true, "--profile": true, "--output": true, "--page-size": true, "--max-results": true, "--max-items": true,
	"--no-paginate": true, "--no-cli-pager": true, "--no-cli-auto-prompt": true, "--color": true, "--endpoint-url": true,
	"--ca-bundle": true, "--no-verify-ssl": true, "--cli-read-timeout": true, "--cli-connect-timeout": true, "--cli-binary-format": true,
	"--cli-error-format": true, "--debug": true, "--no-dry-run": true,
	// What an output is about, if it has the objects of one thing.
	"--prefix-list-id": true, "--transit-gateway-route-table-id": true, "--resolver-endpoint-id": true,
	"--vpc-id": true, "--vpc-region": true, "--attribute": true,
}

// A Command is a command as an index has it.
type Command struct {
	Service, Operation string
	options            map[string][]string // with their values
}

// Parse takes a command apart. ok is false if it isn't one of the AWS CLI.
func Parse(command string) (c Command, ok bool) {
	words := unquoted(command)
	i := slices.IndexFunc(words, func(w string) bool {
		return slices.Contains([]string{"ec2", "route53", "route53resolver", "directconnect"}, w)
	})
	if i < 1 || i+1 >= len(words) {
		return c, false
	}
	c = Command{words[i], words[i+1], make(map[string][]string)}
	name := ""
	for _, w := range words[i+2:] {
		if !strings.HasPrefix(w, "--") {
			c.options[name] = append(c.options[name], w)
			continue
		}
		before, value, joined := strings.Cut(w, "=")
		name = before
		if _, known := c.options[name]; !known {
			c.options[name] = nil
		}
		if joined {
			c.options[name] = append(c.options[name], value)
		}
	}
	return c, true
}

// unquoted are the words of a command for a POSIX shell.
func unquoted(command string) (out []string) {
	var word strings.Builder
	var quote rune
	in, escaped := false, false
	for _, r := range command {
		switch {
		case escaped:
			word.WriteRune(r)
			escaped = false
		case r == '\\' && quote != '\'':
			in, escaped = true, true
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '\'' || r == '"'):
			in, quote = true, r
		case quote == 0 && (r == ' ' || r == '\t' || r == '\n'):
			if in {
				out = append(out, word.String())
			}
			word.Reset()
			in = false
		default:
			word.WriteRune(r)
			in = true
		}
	}
	if in {
		out = append(out, word.String())
	}
	return out
}

// Coverage is which objects the output of a command has.
func (c Command) Coverage() Coverage {
	var narrow []Coverage
	_, resumed := c.options["--starting-token"]
	for name, values := range c.options {
		switch {
		case harmless[name], name == "--query" && keepsAll(values):
		case name == "--filters" && c.Operation == "search-transit-gateway-routes" && slices.Equal(values, []string{EveryRoute}):
		case name == "--filters" && len(values) == 1:
			filter, list, found := strings.Cut(strings.TrimPrefix(values[0], "Name="), ",Values=")
			if !found || strings.Contains(list, "Name=") {
				filter = ""
			}
			narrow = append(narrow, Coverage{Filter: filter, Values: strings.Split(list, ",")})
		case strings.HasSuffix(name, "-ids"):
			narrow = append(narrow, Coverage{Filter: strings.TrimSuffix(strings.TrimPrefix(name, "--"), "s"), Values: values})
		default:
			narrow = append(narrow, Coverage{})
		}
	}
	_, queried := c.options["--query"]
	cut := slices.ContainsFunc([]string{"--max-items", "--max-results", "--no-paginate"}, func(name string) bool {
		_, given := c.options[name]
		return given
	})
	switch {
	case resumed, cut && queried, len(narrow) > 1: // --query leaves out the token
		return Coverage{}
	case len(narrow) == 1:
		return narrow[0]
	}
	return Coverage{All: true}
}

// EveryRoute is the filter that search-transit-gateway-routes can't do without, with all states.
const EveryRoute = "Name=state,Values=active,blackhole"

// keepsAll reports whether a --query only chooses members, as those of the collector do: an
// expression that selects objects has other signs.
func keepsAll(query []string) bool {
	return len(query) == 1 && strings.HasPrefix(query[0], "{") &&
		!strings.ContainsAny(strings.ReplaceAll(strings.ReplaceAll(query[0], "[*]", ""), "[]", ""), "[]?|()&@`'\"!<>=")
}

// ClientVPNFilter is the value of the filter "description" that selects the interfaces of AWS
// Client VPN.
const ClientVPNFilter = "ClientVPN*"

// AddressFilter selects interfaces by their IPv4 addresses.
const AddressFilter = "addresses.private-ip-address"
