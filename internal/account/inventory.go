package account

import "slices"

// An Inventory says of one kind of object whether the files have it.
type Inventory struct {
	Command string // that prints it, without aws
	Objects int
	Files   []string
	Partial []string // files that lack a page or a part, and objects that others name
	Failed  string   // why the command has no output, and what to do; "" if it has one
	Decides string   // what can't be decided without it
}

// Inventory is what was read and what is missing, in the order of need.
func (c *Config) Inventory() (out []Inventory) {
	for _, s := range shapes {
		if s.decides == "" || s.set == setEntries && c.sets[setEntries] == nil && len(c.Seen().Lists) == 0 {
			continue // no rule and no route names a prefix list
		}
		x := Inventory{Command: s.command, Decides: s.decides}
		if s.count != nil {
			x.Objects = s.count(c)
		}
		if r := c.sets[s.set]; r != nil {
			x.Files, x.Partial, x.Failed = r.files, slices.Concat(r.partial, r.lacks), r.failed
		}
		out = append(out, x)
	}
	return out
}

// Actions are the IAM actions that collecting needs, sorted.
func Actions() []string {
	var out []string
	for _, s := range shapes {
		if s.decides != "" || s.set == setLists || s.set == setZones {
			out = append(out, s.action())
		}
	}
	return sortedUnique(append(out, "ec2:DescribeVpcAttribute", "sts:GetCallerIdentity"))
}
