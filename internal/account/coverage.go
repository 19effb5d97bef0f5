package account

import (
	"maps"
	"slices"
	"strings"

	"detour/internal/account/awscli"
)

// A coverage is which objects of a set a file has.
type coverage struct {
	awscli.Coverage
	scope string // the account and Region, as the index has them; "" if it hasn't
}

// has reports whether all objects of a set were read that have a value of a filter of AWS's. An
// ID is of one account and Region; what has another value may be in any of those in the files.
func (c *Config) has(s set, filter, value string) bool {
	r := c.sets[s]
	if r == nil || len(r.files) == 0 || len(r.partial) > 0 || r.failed != "" || len(c.doubts) > 0 {
		return false
	}
	covered := make(map[string]bool)
	for _, v := range r.coverage {
		yes := v.Covers(filter, value)
		if yes && strings.HasSuffix(filter, "-id") {
			return true
		}
		covered[v.scope] = covered[v.scope] || yes
	}
	return !slices.Contains(slices.Collect(maps.Values(covered)), false)
}

// complete reports whether all of a set was read.
func (c *Config) complete(s set) bool { return c.has(s, "", "") }

// hasEndpointInterfaces reports whether every interface of every interface endpoint was read.
func (c *Config) hasEndpointInterfaces() bool {
	if c.complete(setInterfaces) {
		return true
	}
	if !c.complete(setEndpoints) {
		return false
	}
	for _, e := range c.endpoints.all {
		for _, id := range e.Interfaces {
			if !c.has(setInterfaces, "network-interface-id", id) {
				return false
			}
		}
	}
	return len(c.byENI) > 0
}

// failed notes that a command has no output, so what sets it would have had is unknown. text is
// the error of a failure that isn't known; "" if it may have keys, so that it can't be quoted.
func (r *reader) failed(file string, f awscli.Failure, of []shape, text string) {
	if f.Operation != "" {
		if i := slices.IndexFunc(shapes, func(s shape) bool {
			return strings.EqualFold(f.Operation, s.action()[strings.IndexByte(s.action(), ':')+1:])
		}); i >= 0 {
			of = shapes[i : i+1]
		}
	}
	if len(of) == 0 {
		if f.Kind != awscli.Other || text == "" {
			text = f.Next("")
		}
		r.problem(file, "the command failed: "+text)
		other := strings.HasPrefix(f.Operation, "Describe") || strings.HasPrefix(f.Operation, "List")
		if r.indexed[file].command.Service == "" && !other {
			r.doubts = append(r.doubts, file) // it may be of any command
		}
		return
	}
	why := f.Next(of[0].action())
	for _, s := range of {
		if x := r.reading(s.set); x.failed == "" {
			x.failed = why
		}
	}
	if f.Kind == awscli.Other && text != "" {
		why = text
	}
	r.problem(file, "not an output: "+of[0].command+" failed: "+why)
}
