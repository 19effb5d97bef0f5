package ui

func (c *screenState) noDetail() string {
	if c.panes.second != onDetail {
		return "no detail is open; Enter opens it"
	}
	return ""
}

func (c *screenState) noGroup() string {
	if len(c.m.groups) == 0 {
		return "there are no groups yet"
	}
	return ""
}

func (c *screenState) noRow() string {
	if c.shown() == nil {
		return "there are no rows yet"
	}
	return ""
}

func (c *screenState) noFinding() string {
	if len(c.m.findings) == 0 {
		return "there are no findings"
	}
	return ""
}

func (c *screenState) noPane() string {
	if c.panes.focus == onTable && c.panes.second == 0 {
		return c.noRow()
	}
	return ""
}

func (c *screenState) follows() string {
	if c.m.cursor.following() {
		return "already following the newest row"
	}
	return ""
}

func forRows() string { return "it works on one flow; Enter shows the flows of the group" }
