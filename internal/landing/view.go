package landing

import (
	_ "embed"
	"fmt"
	"strings"
	"time"

	"detour/internal/wording"
)

//go:embed page.html
var pageHTML string

// A page is what the template takes.
type page struct {
	Proxy, Version string
	Began          time.Time
	Roots          []rootLink
	InMemory       bool
	System         string // the visitor's; "": unknown
	Chapters       []shownChapter
	Facts          []string
}

// A rootLink is a root certificate, and the path that has it alone.
type rootLink struct {
	Path, File, For, Fingerprint, Ends string
}

// A shownChapter is a chapter for one visitor: the steps for other systems are apart.
type shownChapter struct {
	chapter
	Open   bool
	Others []step
}

// pageFor returns the page for a visitor whose browser has this User-Agent.
func (r Run) pageFor(agent string) page {
	now := r.State()
	out := page{
		Proxy: r.URL(), Version: r.Version, Began: r.Began, Roots: r.rootLinks(), System: systemOf(agent), InMemory: r.InMemory,
		Facts: []string{fmt.Sprintf("stored: %s, %d of them in progress; dropped: %d",
			wording.Count(now.Flows, "flow"), now.Pending, now.Evicted)},
	}
	firefox := strings.Contains(agent, "Firefox/")
	for i, c := range r.instructions() {
		x := shownChapter{chapter: c, Open: firefox && c.Title == firefoxChapter || !firefox && i == 0}
		if out.System != "" {
			x.Steps = nil
			for _, step := range c.Steps {
				if step.System == "" || step.System == out.System {
					x.Steps = append(x.Steps, step)
				} else {
					x.Others = append(x.Others, step)
				}
			}
		}
		out.Chapters = append(out.Chapters, x)
	}
	if r.Warning != "" {
		out.Facts = append(out.Facts, r.Warning)
	}
	if len(now.Passthrough) > 0 {
		out.Facts = append(out.Facts, "passed through without decryption: "+strings.Join(now.Passthrough, ", "))
	}
	return out
}

// rootLinks are the certificates to trust. If there are several, each has a file of its
// own, since most programs import one certificate per file.
func (r Run) rootLinks() (out []rootLink) {
	for i, root := range r.Roots {
		l := rootLink{"/ca.pem", "detour-ca.pem", "", root.Fingerprint, root.NotAfter.UTC().Format(time.DateOnly)}
		if len(r.Roots) > 1 {
			l.Path, l.File = fmt.Sprintf("/ca-%d.pem", i+1), fmt.Sprintf("detour-ca-%d.pem", i+1)
			l.For = wording.Some(root.Domains, 3)
		}
		out = append(out, l)
	}
	return out
}

// systemOf is the desktop system in a browser's User-Agent; "" for others.
func systemOf(agent string) string {
	switch {
	case strings.Contains(agent, "Windows NT"):
		return onWindows
	case strings.Contains(agent, "Macintosh"):
		return onMac
	case strings.Contains(agent, "Linux") && !strings.Contains(agent, "Android"):
		return onLinux
	}
	return ""
}
