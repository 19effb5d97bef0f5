package detail

import (
	"fmt"
	"strconv"

	"detour/internal/alias"
	"detour/internal/finding"
	"detour/internal/flow"
	"detour/ui/pane"
)

// Findings lists the findings, the most important one first, and shows the selected one, which
// begins at the index that is returned.
func Findings(fs []flow.Finding, chosen int) (p pane.Page, begins int) {
	if len(fs) == 0 {
		p.Add("", "there are no findings so far", pane.Plain)
		return p, 0
	}
	if len(fs) > 1 {
		p.Head("All findings")
		for i, f := range fs {
			label, t := "  "+strconv.Itoa(i+1), pane.Dim
			if i == chosen {
				label, t = "▸ "+strconv.Itoa(i+1), levelTone(f.Level)
			}
			p.Add(label, LevelWord(f)+": "+f.Title, t)
		}
	}
	begins = len(p)
	p.Head(fmt.Sprintf("Finding %d of %d: %s", chosen+1, len(fs), LevelWord(fs[chosen])))
	findingLines(&p, fs[chosen])
	return p, begins
}

func findingLines(p *pane.Page, f flow.Finding) {
	p.Add("", f.Title, levelTone(f.Level))
	for _, s := range finding.Sections(f) {
		p.AddLabel(s.Head)
		for _, l := range s.Lines {
			if l.Text != "" {
				p.Add("", "- "+l.Sentence(), pane.Plain)
			}
			p.Add("", l.Command, pane.Plain) // without a dash, to be copied into a shell
		}
	}
	p.List("Hosts", "", f.Hosts)
	p.Add("confidence", string(f.Confidence), pane.Dim)
	p.Add("code", f.Code, pane.Dim)
	p.Add("flows", flowList(f.Flows), pane.Dim)
}

// flowList lists the first flows, and counts the rest.
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

// FindingMarkdown is a finding as it is copied as Markdown.
func FindingMarkdown(f flow.Finding) string { return noticed(f) + finding.Markdown(f) }

// noticed says before a finding that what it has names for are stand-ins.
func noticed(f flow.Finding) string {
	if len(f.Names) == 0 {
		return ""
	}
	return alias.Notice + "\n\n"
}

// FindingText is a finding as it is copied as text.
func FindingText(f flow.Finding) string {
	var p pane.Page
	p.Head(LevelWord(f))
	findingLines(&p, f)
	return noticed(f) + pane.PlainText(p)
}
