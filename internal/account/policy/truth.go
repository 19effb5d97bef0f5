package policy

// A Truth says whether something holds: no, perhaps, or yes. What depends on a fact that isn't
// known is perhaps.
type Truth int8

const (
	No      Truth = -1
	Perhaps Truth = 0
	Yes     Truth = 1
)

func truthOf(b bool) Truth {
	if b {
		return Yes
	}
	return No
}

func (t Truth) not() Truth { return -t }

// both is whether all of them hold.
func both(all ...Truth) Truth {
	out := Yes
	for _, t := range all {
		out = min(out, t)
	}
	return out
}

// either is whether one of them holds; no if there is none.
func either(all ...Truth) Truth {
	out := No
	for _, t := range all {
		out = max(out, t)
	}
	return out
}

// agree is what all possibilities say; perhaps if they differ.
func agree(all ...Truth) Truth {
	for _, t := range all {
		if t != all[0] {
			return Perhaps
		}
	}
	return all[0]
}
