package har

import (
	"strconv"
	"strings"

	"detour/internal/flow"
)

// A page is one that flows belong to. When it was loaded nobody saw.
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

// pages are those of a capture, by first sight.
type pages struct {
	list []page
	ids  map[string]string // by the page's URL
}

// pagesOf lists the pages. One begins with the load of its document, if that was
// seen, or with its first request.
func pagesOf(flows []*flow.Flow) pages {
	p := pages{ids: make(map[string]string)}
	loads := make(map[string]string) // when a page's document was asked for
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

// of is the page of a flow; "" if it belongs to none. A page's document is its own.
func (p pages) of(f *flow.Flow) string {
	if f.Page == "" && f.Request.Method == "GET" {
		return p.ids[f.Request.URL]
	}
	return p.ids[f.Page]
}

// bare is a URL without its fragment, which no request has.
func bare(url string) string {
	url, _, _ = strings.Cut(url, "#")
	return url
}
