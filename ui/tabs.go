package ui

import (
	"time"

	"detour/internal/flow"
	"detour/ui/pane"
	"detour/ui/table"
)

// A subject is what the detail pane is about.
type subject struct {
	f        *flow.Flow
	findings []flow.Finding // that name it
	now      time.Time
	masked   bool    // others look on
	step     string  // that it began in
	probed   *probed // nil: its host wasn't probed
}

// A tab is a page of the detail, as data.
type tab struct {
	name  string
	moves bool // it says how long things take, so it changes with the clock
	page  func(subject) pane.Page
}

// tabs are the pages, in the order of the digits that show them.
func tabs() []tab {
	return []tab{
		{"Overview", true, overviewPage},
		{"Request", false, requestPage},
		{"Response", false, responsePage},
		{"DNS", true, dnsPage},
		{"Connection", true, connectionPage},
		{"Raw record", false, rawPage},
	}
}

// overviewPage says why the flow has its origin, what became of it and how long each phase took.
func overviewPage(x subject) pane.Page {
	var p pane.Page
	overview(&p, x.f, x.findings, x.now)
	p.Add("step", x.step, pane.Plain)
	if table.ErrorAnswer(x.f) {
		responseLines(&p, x.f)
	}
	failureLines(&p, x.f)
	timingLines(&p, x.f, x.now)
	probeLines(&p, x.probed)
	for _, y := range x.findings {
		p.Head("Finding: " + levelWord(y))
		findingLines(&p, y)
	}
	return p
}

func requestPage(x subject) pane.Page {
	var p pane.Page
	requestLines(&p, x.f)
	r := x.f.Request
	headerLines(&p, "Request headers", r.Headers)
	bodyLines(&p, x.f, body{r.Headers, r.Body, r.BodySize, r.BodyTruncated, x.masked})
	return p
}

func responsePage(x subject) pane.Page {
	var p pane.Page
	r := x.f.Response
	if r == nil {
		p.Head("Response")
		if x.f.Final() {
			p.Add("", "there is none", pane.Plain)
		} else {
			p.Add("", "none yet", pane.Plain)
		}
		failureLines(&p, x.f)
		return p
	}
	responseLines(&p, x.f)
	failureLines(&p, x.f)
	headerLines(&p, "Response headers", r.Headers)
	bodyLines(&p, x.f, body{r.Headers, r.Body, r.BodySize, r.BodyTruncated, x.masked})
	return p
}

func dnsPage(x subject) pane.Page {
	var p pane.Page
	dnsLines(&p, x.f, x.now)
	if len(p) == 0 {
		p.Head("DNS")
		p.Add("", "no name was looked up for this flow", pane.Plain)
		return p
	}
	digLines(&p, x.f.Conn.Resolution)
	return p
}

func connectionPage(x subject) pane.Page {
	var p pane.Page
	connLines(&p, x.f, x.now)
	tlsLines(&p, x.f, x.now)
	unusedLines(&p, x.f, x.now)
	if len(p) == 0 {
		p.Head("Connection")
		p.Add("", "this flow had none", pane.Plain)
	}
	return p
}
