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

// A browser opens pages in the browser that detour runs.
type browser struct{ *screenState }

// startBrowse asks for a page to open, and offers the row's. On a masked screen it offers
// none: it would have to be masked, and nobody could see what is opened.
func (b *browser) startBrowse() {
	p := prompt{
		kind: forPage, label: "open page: ", text: b.pageShown(),
		hint: "http or https; empty opens the console's start page", enter: "open it", esc: "cancel",
		complete: func(text string) filter.Completion {
			return filter.Completion{Candidates: withPrefix(b.pagesSeen(), text)}
		},
		done: b.browse,
	}
	if b.reading.Mask != nil {
		p.text, p.hint = "", "empty because the screen is masked"
	}
	b.ask(p)
}

// pageShown is the page of the row, or the start page.
func (b *browser) pageShown() string {
	if f := b.shown(); f != nil && isPage(f.Page) {
		return f.Page
	}
	return b.act.Browse.StartPage
}

// browse opens a page in the browser.
func (b *browser) browse(text string) error {
	page, host, err := pageURL(cmp.Or(strings.TrimSpace(text), b.act.Browse.StartPage))
	if err != nil {
		return err
	}
	b.start("opening "+host, func(ctx context.Context) func() {
		started, err := b.act.Browse.Open(ctx, page)
		return func() {
			switch {
			case err != nil:
				b.notify(pane.Bad, "couldn't open %s: %v", host, err)
			case started:
				b.notify(pane.Good, "restarted the browser with %s", host)
			default:
				b.notify(pane.Good, "opened %s in the browser", host)
			}
		}
	})
	return nil
}

// browseCommand opens the given page, or asks for one.
func (b *browser) browseCommand(text string) error {
	if why := b.noBrowse(); why != "" {
		return errors.New(why)
	}
	if text == "" {
		b.startBrowse()
		return nil
	}
	return b.browse(text)
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
func (b *browser) pagesSeen() []filter.Candidate {
	if b.reading.Mask != nil {
		return nil
	}
	var out []filter.Candidate
	for _, p := range slices.Sorted(slices.Values(b.m.seen("page"))) {
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

func (b *browser) noBrowse() string {
	if b.act.Browse.Open == nil {
		return cmp.Or(b.act.Browse.Unavailable, "detour runs no browser here")
	}
	return b.busy()
}
