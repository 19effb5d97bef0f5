package ui

import (
	"time"

	"detour/internal/flow"
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
	page  func(subject) page
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
func overviewPage(x subject) page {
	var p page
	overview(&p, x.f, x.findings, x.now)
	p.add("step", x.step, tonePlain)
	if errorAnswer(x.f) {
		responseLines(&p, x.f)
	}
	failureLines(&p, x.f)
	timingLines(&p, x.f, x.now)
	probeLines(&p, x.probed)
	for _, y := range x.findings {
		p.head("Finding: " + levelWord(y))
		findingLines(&p, y)
	}
	return p
}

func requestPage(x subject) page {
	var p page
	requestLines(&p, x.f)
	r := x.f.Request
	headerLines(&p, "Request headers", r.Headers)
	bodyLines(&p, x.f, body{r.Headers, r.Body, r.BodySize, r.BodyTruncated, x.masked})
	return p
}

func responsePage(x subject) page {
	var p page
	r := x.f.Response
	if r == nil {
		p.head("Response")
		if x.f.Final() {
			p.add("", "there is none", tonePlain)
		} else {
			p.add("", "none yet", tonePlain)
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

func dnsPage(x subject) page {
	var p page
	dnsLines(&p, x.f, x.now)
	if len(p) == 0 {
		p.head("DNS")
		p.add("", "no name was looked up for this flow", tonePlain)
		return p
	}
	digLines(&p, x.f.Conn.Resolution)
	return p
}

func connectionPage(x subject) page {
	var p page
	connLines(&p, x.f, x.now)
	tlsLines(&p, x.f, x.now)
	unusedLines(&p, x.f, x.now)
	if len(p) == 0 {
		p.head("Connection")
		p.add("", "this flow had none", tonePlain)
	}
	return p
}
