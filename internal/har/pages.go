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
func pagesOf(flows flow.Flows) (pages, error) {
	p := pages{ids: make(map[string]string)}
	for f, err := range flows {
		if err != nil {
			return p, err
		}
		if f.Page == "" || p.ids[f.Page] != "" {
			continue
		}
		id := "page_" + strconv.Itoa(len(p.list)+1)
		p.ids[f.Page] = id
		p.list = append(p.list, page{Started: stamp(f.Times.Start), ID: id, Title: f.Page, Timings: pageTimings{-1, -1}})
	}
	if len(p.list) == 0 {
		return p, nil
	}
	loads, err := p.loads(flows)
	for i := range p.list {
		if at := loads[bare(p.list[i].Title)]; at != "" && at < p.list[i].Started {
			p.list[i].Started = at
		}
	}
	return p, err
}

// loads returns when the pages' documents were first requested, by their URL.
func (p pages) loads(flows flow.Flows) (map[string]string, error) {
	loads := make(map[string]string)
	for _, x := range p.list {
		loads[bare(x.Title)] = ""
	}
	for f, err := range flows {
		if err != nil {
			return nil, err
		}
		at := bare(f.Request.URL)
		if began, is := loads[at]; is && began == "" && f.Request.Method == "GET" {
			loads[at] = stamp(f.Times.Start)
		}
	}
	return loads, nil
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
