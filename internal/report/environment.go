package report

import (
	"fmt"
	"strconv"
	"strings"

	"detour/internal/flow"
	"detour/internal/wording"
)

// simulated is what a report of the demo says of itself.
const simulated = "This is a demo: the browser, the network and AWS were simulated."

// environment is the machine that the capture was made on.
func (s survey) environment() Chapter {
	p := Chapter{ID: "environment", Title: "Environment"}
	e := s.Environment
	if e == nil && s.Strict {
		p.Blocks = []Block{{Note: "Left out: under strict privacy it would identify the machine."}}
		return p
	}
	if e == nil {
		p.Blocks = []Block{{Note: "Unknown: it wasn't recorded."}}
		return p
	}
	var facts Block
	say := func(what, value string) {
		if value != "" {
			facts.Lines = append(facts.Lines, what+": "+value)
		}
	}
	if e.Simulated {
		p.Blocks = append(p.Blocks, Block{Note: simulated})
	}
	say("detour", e.Detour)
	say("system", strings.TrimSpace(or(e.System, e.OS)+" "+e.Arch))
	say("kernel", e.Kernel)
	say("browser", e.Browser)
	if !e.Began.IsZero() {
		say("started", e.Began.UTC().Format("2006-01-02 15:04:05 UTC"))
	}
	say("nameservers", wording.Some(e.Nameservers, maxList))
	say("search domains", wording.Some(e.Search, maxList))
	for _, name := range sorted(e.Proxies) {
		say(name, e.Proxies[name])
	}
	if p := e.UnusedProxy; p != nil {
		say("not used", p.String())
	}
	say("flags", wording.Some(e.Flags, maxList))
	if e.ClockOffset != 0 {
		say("clock", fmt.Sprintf("%+d s from AWS's", e.ClockOffset))
	}
	for _, i := range e.Interfaces[:min(len(e.Interfaces), maxLines)] {
		say("interface", interfaceLine(i))
	}
	if m := more(len(e.Interfaces), maxLines, "interface"); m != "" {
		say("and", m)
	}
	for _, r := range e.Routes[:min(len(e.Routes), maxLines)] {
		say("route", r)
	}
	if m := more(len(e.Routes), maxLines, "route"); m != "" {
		say("and", m)
	}
	if len(facts.Lines) > 0 {
		p.Blocks = append(p.Blocks, facts)
	}
	if len(p.Blocks) == 0 {
		p.Blocks = []Block{{Note: "Unknown."}}
	}
	return p
}

// interfaceLine is an interface on one line: "tun0 (tunnel), 172.16.8.5/24, MTU 1400".
func interfaceLine(i flow.Interface) string {
	text := i.Name
	if i.Kind != "" {
		text += " (" + string(i.Kind) + ")"
	}
	text += ", " + or(wording.Some(i.Addresses, maxList), "no address")
	if i.MTU > 0 {
		text += ", MTU " + strconv.Itoa(i.MTU)
	}
	return text
}
