package detail

import (
	"time"

	"detour/internal/flow"
	"detour/ui/pane"
	"detour/ui/table"
)

// A Subject is what the detail pane is about.
type Subject struct {
	Flow     *flow.Flow
	Findings []flow.Finding // that name it
	Now      time.Time
	Masked   bool   // others look on
	Step     string // that it began in
	Probe    *Probe // nil: its host wasn't probed
}

// A Tab is a page of the detail, as data.
type Tab struct {
	Name  string
	Moves bool // it says how long things take, so it changes with the clock
	Page  func(Subject) pane.Page
}

// Tabs are the pages, in the order of the digits that show them.
func Tabs() []Tab {
	return []Tab{
		{"Overview", true, overviewPage},
		{"Request", false, requestPage},
		{"Response", false, responsePage},
		{"DNS", true, dnsPage},
		{"Connection", true, connectionPage},
		{"Raw record", false, rawPage},
	}
}

// overviewPage says why the flow has its origin, what became of it and how long each phase took.
func overviewPage(x Subject) pane.Page {
	var p pane.Page
	overview(&p, x.Flow, x.Findings, x.Now)
	p.Add("step", x.Step, pane.Plain)
	if table.ErrorAnswer(x.Flow) {
		responseLines(&p, x.Flow)
	}
	failureLines(&p, x.Flow)
	timingLines(&p, x.Flow, x.Now)
	probeLines(&p, x.Probe)
	for _, y := range x.Findings {
		p.Head("Finding: " + LevelWord(y))
		findingLines(&p, y)
	}
	return p
}

func requestPage(x Subject) pane.Page {
	var p pane.Page
	requestLines(&p, x.Flow)
	r := x.Flow.Request
	headerLines(&p, "Request headers", r.Headers)
	bodyLines(&p, x.Flow, body{r.Headers, r.Body, r.BodySize, r.BodyTruncated, x.Masked})
	return p
}

func responsePage(x Subject) pane.Page {
	var p pane.Page
	r := x.Flow.Response
	if r == nil {
		p.Head("Response")
		if x.Flow.Final() {
			p.Add("", "there is no response", pane.Plain)
		} else {
			p.Add("", "there is no response yet", pane.Plain)
		}
		failureLines(&p, x.Flow)
		return p
	}
	responseLines(&p, x.Flow)
	failureLines(&p, x.Flow)
	headerLines(&p, "Response headers", r.Headers)
	bodyLines(&p, x.Flow, body{r.Headers, r.Body, r.BodySize, r.BodyTruncated, x.Masked})
	return p
}

func dnsPage(x Subject) pane.Page {
	var p pane.Page
	dnsLines(&p, x.Flow, x.Now)
	if len(p) == 0 {
		p.Head("DNS")
		p.Add("", "there was no DNS lookup for this flow", pane.Plain)
		return p
	}
	digLines(&p, x.Flow.Conn.Resolution)
	return p
}

func connectionPage(x Subject) pane.Page {
	var p pane.Page
	connLines(&p, x.Flow, x.Now)
	tlsLines(&p, x.Flow, x.Now)
	unusedLines(&p, x.Flow, x.Now)
	if len(p) == 0 {
		p.Head("Connection")
		p.Add("", "this flow had no connection", pane.Plain)
	}
	return p
}
