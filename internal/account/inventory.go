package account

// An Inventory says of one kind of object whether the files have it.
type Inventory struct {
	Command string // that prints it, without aws
	Objects int
	Files   []string
	Partial []string // of Files, those that lack a page or a part
	Refused string   // the permission that was missing; "" if none was
	Decides string   // what can't be decided without it
}

// Inventory is what was read and what is missing, in the order of need.
func (c *Config) Inventory() (out []Inventory) {
	for _, s := range sets() {
		if s.decides == "" {
			continue
		}
		x := Inventory{Command: s.command, Decides: s.decides}
		if s.count != nil {
			x.Objects = s.count(c)
		}
		if r := c.sets[s.set]; r != nil {
			x.Files, x.Partial, x.Refused = r.files, r.partial, r.refused
		}
		out = append(out, x)
	}
	return out
}
