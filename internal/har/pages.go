package har

import (
	"strconv"
	"strings"

	"detour/internal/flow"
)

// A page is a console page that flows belong to. Its load time isn't known.
type page struct {
	Started string      `json:"startedDateTime"`
	ID      string      `json:"id"`
	Title   string      `json:"title"`
	Timings pageTimings `json:"pageTimings"`
}

type pageTimings struct {
	OnContentLoad int `json:"onContentLoad"` // -1: not known
	OnLoad        int `json:"onLoad"`
}

// pages are the pages of a capture, in order of their first flow.
type pages struct {
	list []page
	ids  map[string]string // by the page's URL
}

// pagesOf returns the pages. A page starts with the request of its document, if there is
// one, or with its first request.
func pagesOf(flows []*flow.Flow) pages {
	p := pages{ids: make(map[string]string)}
	loads := make(map[string]string) // when a page's document was requested
	for _, f := range flows {
		if f.Page != "" {
			loads[bare(f.Page)] = ""
		}
	}
	for _, f := range flows {
		at := bare(f.Request.URL)
		if began, is := loads[at]; is && began == "" && f.Request.Method == "GET" {
			loads[at] = stamp(f.Times.Start)
		}
	}
	for _, f := range flows {
		if f.Page == "" || p.ids[f.Page] != "" {
			continue
		}
		id := "page_" + strconv.Itoa(len(p.list)+1)
		p.ids[f.Page] = id
		began := stamp(f.Times.Start)
		if at := loads[bare(f.Page)]; at != "" && at < began {
			began = at
		}
		p.list = append(p.list, page{Started: began, ID: id, Title: f.Page, Timings: pageTimings{-1, -1}})
	}
	return p
}

// of returns the page of a flow; "" if it has none. A document belongs to its own page.
func (p pages) of(f *flow.Flow) string {
	if f.Page == "" && f.Request.Method == "GET" {
		return p.ids[f.Request.URL]
	}
	return p.ids[f.Page]
}

// bare returns a URL without its fragment.
func bare(url string) string {
	url, _, _ = strings.Cut(url, "#")
	return url
}
