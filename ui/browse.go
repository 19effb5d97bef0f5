package ui

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"

	"detour/internal/filter"
	"detour/ui/pane"
	"detour/ui/text"
)

// startBrowse asks for a page to open; the row's is there already. On a masked screen
// nothing is: it would have to be masked, and then nobody sees what is opened.
func (a *app) startBrowse() {
	p := prompt{
		kind: forPage, label: "open page: ", text: a.pageShown(), hint: "http or https; empty is the console's start page", enter: "open it", esc: "leave it",
		complete: func(text string) filter.Completion {
			return filter.Completion{Candidates: beginning(pagesSeen(a), text)}
		},
		done: a.browse,
	}
	if a.reading.Mask != nil {
		p.text, p.hint = "", "not filled in: the screen is masked"
	}
	a.ask(p)
}

// pageShown is the page of the row, or else the one to begin with.
func (a *app) pageShown() string {
	if f := a.shown(); f != nil && isPage(f.Page) {
		return f.Page
	}
	return a.act.StartPage
}

// browse has the browser show a page.
func (a *app) browse(text string) error {
	page, host, err := pageURL(cmp.Or(strings.TrimSpace(text), a.act.StartPage))
	if err != nil {
		return err
	}
	a.send("opening "+host, func(ctx context.Context) func() {
		started, err := a.act.Browse(ctx, page)
		return func() {
			switch {
			case err != nil:
				a.say(pane.Bad, "%s isn't open: %v", host, err)
			case started:
				a.say(pane.Good, "started the browser again, with %s", host)
			default:
				a.say(pane.Good, "opened %s in the browser", host)
			}
		}
	})
	return nil
}

// browseText opens a page that was given, or asks for one.
func (a *app) browseText(text string) error {
	if why := noBrowse(a); why != "" {
		return errors.New(why)
	}
	if text == "" {
		a.startBrowse()
		return nil
	}
	return a.browse(text)
}

// pageURL reads a page as a person writes it; https:// may be left out. What is
// said of it is its host alone: the rest may be a secret.
func pageURL(s string) (page, host string, err error) {
	if !strings.Contains(s, "://") {
		s = "https://" + s
	}
	u, err := url.Parse(s)
	switch {
	case err == nil && u.Scheme != "https" && u.Scheme != "http":
		return "", "", errors.New("a page's URL begins with https:// or http://")
	case err != nil || u.Hostname() == "" || strings.HasPrefix(u.Host, "-") || strings.HasSuffix(u.Host, ":"):
		return "", "", errors.New("it isn't a page's URL")
	case u.User != nil:
		return "", "", errors.New("leave the user's name and password out")
	}
	host, _ = text.Head(u.Host, text.MaxCell)
	return u.Scheme + s[len(u.Scheme):], host, nil // a scheme is written in any case
}

func isPage(s string) bool {
	return strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://")
}

// pagesSeen are the pages of the flows at hand; on a masked screen none, as what Tab
// wrote couldn't be read.
func pagesSeen(a *app) []filter.Candidate {
	if a.reading.Mask != nil {
		return nil
	}
	var out []filter.Candidate
	for _, p := range slices.Sorted(slices.Values(a.m.seen("page"))) {
		if isPage(p) {
			out = append(out, filter.Candidate{Text: p})
		}
	}
	return out
}

// beginning are the candidates that begin with text.
func beginning(cs []filter.Candidate, text string) []filter.Candidate {
	var out []filter.Candidate
	for _, c := range cs {
		if strings.HasPrefix(c.Text, text) {
			out = append(out, c)
		}
	}
	return out
}

func noBrowse(a *app) string {
	if a.act.Browse == nil {
		return cmp.Or(a.act.NoBrowse, "there is no browser here")
	}
	return busy(a)
}
