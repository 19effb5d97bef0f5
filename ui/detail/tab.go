package detail

import (
	"time"

	"detour/internal/flow"
	"detour/ui/pane"
)

// A Subject is the flow that the pages are about, with what the screen knows about it.
type Subject struct {
	Flow     *flow.Flow
	Findings []flow.Finding // those that name the flow
	Now      time.Time
	Masked   bool   // the screen is masked
	Step     string // that the flow belongs to
	Probe    *Probe // of its host; nil: none
}

// A Tab is a page of the detail, as data.
type Tab struct {
	Name  string
	Moves bool // it shows durations, so it changes with time
	Page  func(Subject) pane.Page
}

// Tabs returns the tabs, in the order of their digits.
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

// overviewPage says what failed and what is found about it, then why the flow has its origin,
// and how long each phase took.
func overviewPage(x Subject) pane.Page {
	var p pane.Page
	trouble := leadLines(&p, x)
	overview(&p, x.Flow, trouble, x.Now)
	p.Add("step", x.Step, pane.Plain)
	timingLines(&p, x.Flow, x.Now)
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
		failureLines(&p, x.Flow, x.Now)
		return p
	}
	responseLines(&p, x.Flow)
	failureLines(&p, x.Flow, x.Now)
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
