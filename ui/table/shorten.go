package table

import (
	"strconv"
	"strings"

	"detour/internal/wording"
	"detour/ui/text"
)

// What many rows have in common is mostly at their end: the domain of AWS's hosts, the
// console's host in front of every page. Cut at the end they read alike, so some columns
// shorten their texts themselves.

// shortened shortens s if it doesn't fit in w cells. Texts are masked before, while they
// are whole.
func (c Column) shortened(ds *Domains, s string, w int) string {
	if c.shorten == nil || len(s) <= w {
		return s
	}
	return c.shorten(ds, text.Clean(s), w)
}

// shortHost shortens a host, with or without a port, to w cells. A host on an AWS domain
// keeps as much as possible of service, Region and kind of domain; others keep their
// registered domain.
func shortHost(ds *Domains, s string, w int) string {
	if text.Width(s) <= w {
		return s
	}
	host, port := cutPort(s)
	w -= text.Width(port)
	if w < 8 {
		return text.Fit(s, w+text.Width(port))
	}
	for _, d := range ds.list() {
		if n := len(host) - len(d.whole); n > 1 && host[n-1] == '.' && strings.EqualFold(host[n:], d.whole) {
			return shortName(host[:n-1], d, w) + port
		}
	}
	owned := registeredDomain(host)
	if w < text.Width(owned)+4 {
		return text.Ellipsis + text.LastCells(host, w-1) + port
	}
	return text.FirstCells(host, w-1-text.Width(owned)) + text.Ellipsis + owned + port
}

// shortName shortens the domain, and then what precedes it.
func shortName(name string, d domain, w int) string {
	names := []string{name}
	if id, rest, ok := strings.Cut(name, "."); ok && strings.HasPrefix(id, "vpce-") && len(id) > 9 {
		names = append(names, id[:9]+text.Ellipsis+"."+rest)
	}
	for _, n := range names {
		for _, short := range d.short {
			if text.Width(n)+1+text.Width(short) <= w {
				return n + "." + short
			}
		}
	}
	least := d.short[len(d.short)-1]
	room := w - 1 - text.Width(least)
	if room < 4 {
		return text.Ellipsis + text.LastCells(name+"."+d.whole, w-1)
	}
	keep := room * 2 / 3
	if first := strings.IndexByte(name, '.') + 1; first > 0 && first+4 <= room { // the service, and both ends of the Region
		keep = first + (room-first-1)/2
	}
	return text.Middle(names[len(names)-1], keep, room) + "." + least
}

// cutPort splits ":8443" off a host.
func cutPort(s string) (host, port string) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 || strings.Trim(s[i+1:], "0123456789") != "" || strings.Count(s, ":") > 1 && !strings.HasPrefix(s, "[") {
		return s, ""
	}
	return s[:i], s[i:]
}

// registeredDomain is the end of a host that says whose it is, with its dot: two labels, or
// three if the second one is as short as in co.jp.
func registeredDomain(host string) string {
	labels := strings.Split(host, ".")
	n := 2
	if len(labels) > 2 && len(labels[len(labels)-2]) <= 3 {
		n = 3
	}
	if len(labels) <= n {
		return ""
	}
	return "." + strings.Join(labels[len(labels)-n:], ".")
}

// shortPage shortens a page to w cells. Of a console page the Region and the path stay, or
// only the path. The blank after the Region distinguishes it from a host.
func shortPage(ds *Domains, s string, w int) string {
	if text.Width(s) <= w {
		return s
	}
	i := strings.IndexByte(s, '/')
	if i < 0 {
		return shortHost(ds, s, w)
	}
	host, path := s[:i], s[i:]
	for _, d := range ds.consoleNames() {
		region, ok := strings.CutSuffix("."+host, "."+d)
		if !ok {
			continue
		}
		if region = strings.TrimPrefix(region, "."); region == "" {
			region = "console"
		}
		if short := region + " " + path; text.Width(short) <= w {
			return short
		}
		return text.Fit(text.Ellipsis+path, w)
	}
	host = shortHost(ds, host, w-min(text.Width(path), w/2))
	return host + text.Fit(path, w-text.Width(host))
}

// optional precedes the last part of a cell that a narrow column omits: a number and its
// unit.
const optional = " · "

// shortConnect writes "×2" for two addresses, and omits the number of SYNs if there is still
// no room.
func shortConnect(_ *Domains, s string, w int) string {
	if text.Width(s) <= w {
		return s
	}
	outcome, rest, _ := strings.Cut(s, ", ")
	n := leadingNumber(rest)
	after, counts := strings.CutPrefix(rest, wording.Count(n, "address"))
	if !counts {
		outcome, after, n = s, "", 0
	}
	syns := ""
	for _, part := range []*string{&outcome, &after} {
		if i := strings.LastIndex(*part, optional); i >= 0 && leadingNumber((*part)[i+len(optional):]) > 0 {
			*part, syns = (*part)[:i], (*part)[i:]
		}
	}
	times := ""
	if n > 0 {
		times = " ×" + strconv.Itoa(n)
	}
	for _, short := range []string{outcome + times + after + syns, outcome + times + after, outcome} {
		if text.Width(short) <= w {
			return short
		}
	}
	return s
}

// leadingNumber is the number that s begins with; 0 if it begins with none.
func leadingNumber(s string) int {
	n, _ := strconv.Atoi(s[:len(s)-len(strings.TrimLeft(s, "0123456789"))])
	return n
}
