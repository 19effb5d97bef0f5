package account

// A truth says whether something holds: no, perhaps, or yes. What depends on a fact that isn't
// known is perhaps.
type truth int8

const (
	no      truth = -1
	perhaps truth = 0
	yes     truth = 1
)

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

func (t truth) not() truth { return -t }

// both is whether all of them hold.
func both(all ...truth) truth {
	out := yes
	for _, t := range all {
		out = min(out, t)
	}
	return out
}

// either is whether one of them holds; no if there is none.
func either(all ...truth) truth {
	out := no
	for _, t := range all {
		out = max(out, t)
	}
	return out
}

// agree is what all possibilities say; perhaps if they differ.
func agree(all ...truth) truth {
	for _, t := range all {
		if t != all[0] {
			return perhaps
		}
	}
	return all[0]
}
