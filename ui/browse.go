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

// startBrowse asks for a page to open, and offers the row's. On a masked screen it offers
// none: it would have to be masked, and nobody could see what is opened.
func (a *app) startBrowse() {
	p := prompt{
		kind: forPage, label: "open page: ", text: pageShown(a.screenState),
		hint: "http or https; empty opens the console's start page", enter: "open it", esc: "cancel",
		complete: func(text string) filter.Completion {
			return filter.Completion{Candidates: withPrefix(a.pagesSeen(), text)}
		},
		done: a.browse,
	}
	if a.panes.reading.Mask.Hides() {
		p.text, p.hint = "", "empty because the screen is masked"
	}
	a.prompts.ask(p)
}

// pageShown is the page of the row, or the start page.
func pageShown(state *screenState) string {
	if f := state.shown(); f != nil && isPage(f.Page) {
		return f.Page
	}
	return state.act.Browse.StartPage
}

// browse opens a page in the browser.
func (a *app) browse(text string) error {
	page, host, err := pageURL(cmp.Or(strings.TrimSpace(text), a.act.Browse.StartPage))
	if err != nil {
		return err
	}
	a.tasks.Start("opening "+host, func(ctx context.Context) func() {
		started, err := a.act.Browse.Open(ctx, page)
		return func() {
			switch {
			case err != nil:
				a.notify(pane.Bad, "couldn't open %s: %v", host, err)
			case started:
				a.notify(pane.Good, "restarted the browser with %s", host)
			default:
				a.notify(pane.Good, "opened %s in the browser", host)
			}
		}
	})
	return nil
}

// browseCommand opens the given page, or asks for one.
func (a *app) browseCommand(text string) error {
	if why := a.noBrowse(); why != "" {
		return errors.New(why)
	}
	if text == "" {
		a.startBrowse()
		return nil
	}
	return a.browse(text)
}

// pageURL parses a page as a person writes it: https:// may be omitted. It also returns the
// host, the only part that may be shown: the rest may contain a secret.
func pageURL(s string) (page, host string, err error) {
	if !strings.Contains(s, "://") {
		s = "https://" + s
	}
	u, err := url.Parse(s)
	switch {
	case err == nil && u.Scheme != "https" && u.Scheme != "http":
		return "", "", errors.New("a page's URL starts with https:// or http://")
	case err != nil || u.Hostname() == "" || strings.HasPrefix(u.Host, "-") || strings.HasSuffix(u.Host, ":"):
		return "", "", errors.New("it isn't the URL of a page")
	case u.User != nil:
		return "", "", errors.New("remove the user name and password")
	}
	host, _ = text.Head(u.Host, text.MaxCell)
	return u.Scheme + s[len(u.Scheme):], host, nil // a scheme may be in upper case
}

func isPage(s string) bool {
	return strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://")
}

// pagesSeen are the pages of the flows. On a masked screen there are none: nobody could
// read what Tab completes.
func (a *app) pagesSeen() []filter.Candidate {
	if a.panes.reading.Mask.Hides() {
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

// withPrefix returns the candidates that begin with text.
func withPrefix(cs []filter.Candidate, text string) []filter.Candidate {
	var out []filter.Candidate
	for _, c := range cs {
		if strings.HasPrefix(c.Text, text) {
			out = append(out, c)
		}
	}
	return out
}

func (a *app) noBrowse() string {
	if a.act.Browse.Open == nil {
		return cmp.Or(a.act.Browse.Unavailable, "detour runs no browser here")
	}
	return a.tasks.Busy()
}
