package ui

func (d *core) noDetail() string {
	if d.second != onDetail {
		return "no detail is open; Enter opens it"
	}
	return ""
}

func (d *core) noGroup() string {
	if len(d.m.groups) == 0 {
		return "there are no groups yet"
	}
	return ""
}

func (d *core) noRow() string {
	if d.shown() == nil {
		return "there are no rows yet"
	}
	return ""
}

func (d *core) noFinding() string {
	if len(d.m.findings) == 0 {
		return "there are no findings"
	}
	return ""
}

func (d *core) noPane() string {
	if d.focus == onTable && d.second == 0 {
		return d.noRow()
	}
	return ""
}

func (d *core) follows() string {
	if d.m.cursor.following() {
		return "detour follows it already"
	}
	return ""
}

func forRows(*app) string { return "it works on one flow; Enter shows the flows of the group" }
