package doctor

// A Port is where the proxy would listen.
type Port struct {
	Address string
	Default bool     // nobody chose it
	Own     string   // the proxy of a running detour that has it; "": none has
	Err     string   // why it can't be used; "": it is free
	Wrong   *Mistake // why no run would take the address; nil: one would
}

func (p Port) check() Check {
	const code, fix = "port", "--listen 127.0.0.1:0 picks any free port"
	switch {
	case p.Wrong != nil:
		return fail(code, p.Wrong.Fix, "%s", p.Wrong.Text)
	case p.Err == "":
		return ok(code, "%s is free", p.Address)
	case p.Own != "" && p.Default:
		return ok(code, "%s is in use by a running detour; another run picks a free port", p.Address)
	case p.Own != "":
		return fail(code, fix, "%s is in use by a running detour", p.Address)
	case p.Default:
		return ok(code, "%s is in use by another program; a run picks a free port", p.Address)
	}
	return fail(code, fix, "can't listen on %s: %s", p.Address, p.Err)
}
