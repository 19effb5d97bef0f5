package wording

// Pending says how many flows had no end when a run was over, as the end of a sentence; "" for none.
func Pending(flows int) string {
	switch flows {
	case 0:
		return ""
	case 1:
		return "; 1 flow was pending"
	}
	return "; " + Count(flows, "flow") + " were pending"
}
