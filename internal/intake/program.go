package intake

import (
	"slices"
	"strings"

	"detour/internal/lazyregexp"
)

// unknownProgram stands for a program whose name isn't shown.
const unknownProgram = "an unknown program"

// The forms of a program's name and version: an exporter may write anything there, also who
// uses it.
var (
	programName = lazyregexp.New(`^[A-Za-z][A-Za-z._'-]{0,23}[0-9]{0,2}(?: [A-Za-z][A-Za-z._'-]{0,23}[0-9]{0,2}){0,3}$`)
	version     = lazyregexp.New(`^\(?v?[0-9]{1,8}(?:[.-][0-9]{1,8}){0,5}(?:[.+-]?[a-z]{1,8}[0-9]{0,4})?\)?$`)
	ownVersion  = lazyregexp.New(`^[0-9A-Za-z.+()-]{1,64}$`)
)

// program returns the name and the version of the program that wrote a file, without what
// isn't one. If known is true, it returns only names of programs that are known to write HARs.
func program(s string, known bool) string {
	name, v := s, ""
	if i := strings.LastIndexByte(s, ' '); i > 0 && strings.ContainsAny(s[i:], "0123456789()") {
		name, v = s[:i], s[i+1:]
	}
	switch {
	case s == "":
		return ""
	case name == "detour" && (v == "" || ownVersion.MatchString(v)):
		return s
	case !programName.MatchString(name) || known && !slices.Contains(harWriters(), name):
		return unknownProgram
	case !version.MatchString(v):
		return name
	}
	return s
}

// harWriters returns the names of programs that write HARs.
func harWriters() []string {
	return []string{
		unknownProgram, "WebInspector", "WebKit Web Inspector", "Firefox", "Firefox Developer Tools", "Chrome", "Chromium", "Microsoft Edge",
		"mitmproxy", "mitmproxy har_dump", "Fiddler", "Charles Proxy", "Proxyman", "Playwright", "Puppeteer", "HTTP Toolkit", "HTTPToolkit",
		"Postman", "Insomnia", "BrowserMob Proxy", "HttpWatch", "Burp Suite", "Requestly", "Reqable", "Network Inspector",
	}
}
