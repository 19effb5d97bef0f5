package ui

import (
	"fmt"
	"strconv"

	"detour/internal/diagnose"
	"detour/internal/flow"
)

// findingsPage ranks the findings, most telling first, and says all about the
// one that is chosen.
func findingsPage(fs []flow.Finding, chosen int) []line {
	var p page
	if len(fs) == 0 {
		p.add("", "no findings: nothing that came through looks wrong so far", tonePlain)
		return p
	}
	if len(fs) > 1 {
		p.head("Ranked")
		for i, f := range fs {
			label, t := "  "+strconv.Itoa(i+1), toneDim
			if i == chosen {
				label, t = "▸ "+strconv.Itoa(i+1), levelTone(f.Level)
			}
			p.add(label, levelWord(f)+": "+f.Title, t)
		}
	}
	p.head(fmt.Sprintf("Finding %d of %d: %s", chosen+1, len(fs), levelWord(fs[chosen])))
	findingLines(&p, fs[chosen])
	return p
}

func findingLines(p *page, f flow.Finding) {
	p.add("", f.Title, levelTone(f.Level))
	for _, s := range diagnose.Sections(f) {
		label := s.Head
		for _, l := range s.Lines {
			if l.Text != "" {
				p.add(label, "- "+l.Sentence(), tonePlain)
				label = ""
			}
			p.add(label, l.Command, tonePlain) // without a dash: it is copied into a shell
			label = ""
		}
	}
	p.list("Hosts", "", f.Hosts)
	p.add("confidence", string(f.Confidence), toneDim)
	p.add("code", f.Code, toneDim)
	p.add("flows", flowList(f.Flows), toneDim)
}

// flowList names the first flows and counts the rest.
func flowList(ids []flow.ID) string {
	const most = 12
	s := ""
	for i, id := range ids {
		if i == most {
			return s + fmt.Sprintf(" and %d more", len(ids)-most)
		}
		if i > 0 {
			s += " "
		}
		s += fmt.Sprintf("#%d", id)
	}
	return s
}
