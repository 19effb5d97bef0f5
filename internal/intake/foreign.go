package intake

import (
	"bytes"
	"errors"
	"slices"

	"detour/internal/lazyregexp"
)

// A foreign is a kind of text that isn't read: what it is, and what to do instead. It is an
// error.
type foreign struct{ is, hint string }

// Error says what the text is.
func (f foreign) Error() string { return f.is }

// hintOf returns what to do about an error; "" if nothing special is known.
func hintOf(err error) string {
	var f foreign
	if errors.As(err, &f) {
		return f.hint
	}
	var newer newerError
	if errors.As(err, &newer) {
		return updateHint
	}
	return ""
}

// Hints.
const (
	openSource = "use the capture or HAR that it was made from"
	saveHAR    = "save a HAR: developer tools, Network, save all as HAR"
	openBundle = "open the bundle's zip, or capture.har in it"
	exportHAR  = openSource + ", or export --format har or jsonl"
	wrapLog    = "put it back: jq '{log: .}' FILE >x.har"
	wrapEntry  = "put them back: jq -s '{log: {entries: flatten}}' FILE >x.har"
)

// Kinds that several forms have.
var (
	csvExport  = foreign{"it is CSV, as detour export writes it, which lacks most facts", exportHAR}
	webPage    = foreign{"it is an HTML page, such as a report of detour's", openSource}
	picture    = foreign{"it is a picture", saveHAR}
	executable = foreign{"it is a program", saveHAR}
	packets    = foreign{"it is a capture of packets, whose requests are encrypted", "open it with Wireshark, or " + saveHAR}
	telemetry  = foreign{"it is OpenTelemetry's JSON, as detour sends it", openSource}
)

// foreignObjects are JSON objects that aren't read, by members that they have.
var foreignObjects = []struct {
	names []string
	foreign
}{
	{[]string{"v", "file", "findings"}, foreign{"it is the output of detour diagnose, which has findings but no requests", openSource}},
	{[]string{"v", "a", "b", "hosts"}, foreign{"it is the output of detour diff, which has differences but no requests", openSource}},
	{[]string{"v", "level", "checks"}, foreign{"it is the output of detour doctor --json, which has no requests", openSource}},
	{[]string{"detour", "creator", "files"}, foreign{"it is the manifest of a bundle", openBundle}},
	{[]string{"detour", "os", "arch"}, foreign{"it is the environment of a bundle", openBundle}},
	{[]string{"origin", "why", "aws"}, foreign{"it is the output of detour classify, which doesn't have the requests", openSource}},
	{[]string{"method", "url", "headers"}, foreign{"it is the input of detour classify", "detour classify <FILE reads it"}},
	{[]string{"VpcEndpoints"}, foreign{"it is the output of aws ec2 describe-vpc-endpoints", "detour scan --vpc-endpoints FILE reads it"}},
	{[]string{"Records"}, foreign{"it is a log of CloudTrail or S3 events, which doesn't have the browser's requests", saveHAR}},
	{[]string{"constants"}, foreign{"it is a NetLog of Chrome", saveHAR}},
	{[]string{"traceEvents"}, foreign{"it is a performance trace", saveHAR}},
	{[]string{"resourceLogs"}, telemetry},
	{[]string{"resourceSpans"}, telemetry},
	{[]string{"info", "item"}, foreign{"it is a collection of Postman, which has no responses", saveHAR}},
	{[]string{"entries"}, foreign{"it is the log of a HAR without the object around it", wrapLog}},
	{[]string{"startedDateTime", "request"}, foreign{"it has entries of a HAR without its log", wrapEntry}},
}

// recordOnly are members that tell a flow record from objects that have some of its members.
var recordOnly = []string{"id", "rev", "timings", "connection", "request", "final"}

// foreignObject returns what an object with these members is, if it is known and no flow record.
func foreignObject(names []string) (foreign, bool) {
	for _, f := range foreignObjects {
		has := func(name string) bool { return slices.Contains(names, name) }
		if slices.Contains(f.names, "startedDateTime") || !slices.ContainsFunc(recordOnly, has) {
			if !slices.ContainsFunc(f.names, func(name string) bool { return !has(name) }) {
				return f.foreign, true
			}
		}
	}
	return foreign{}, false
}

var mitmproxyFlows = lazyregexp.New(`^[0-9]{2,9}:[0-9]{1,3}:[a-z_]+[;:]`)

// foreignTexts are other texts and binary files, by how they begin: lower case, without white
// space before it.
var foreignTexts = []struct {
	begin string
	foreign
}{
	{"id,started,origin,", csvExport},
	{"id;started;origin;", csvExport},
	{"# detour report", foreign{"it is a report of detour's, for people to read", openSource}},
	{"<!doctype html", webPage},
	{"<html", webPage},
	{"<?xml", foreign{"it is XML", saveHAR}},
	{"curl ", foreign{"it is a curl command", saveHAR}},
	{"-----begin", foreign{"it is a certificate or a key", saveHAR}},
	{"%pdf-", foreign{"it is a PDF", saveHAR}},
	{"\x89png", picture},
	{"\xff\xd8\xff", picture},
	{"gif8", picture},
	{"\xd4\xc3\xb2\xa1", packets},
	{"\xa1\xb2\xc3\xd4", packets},
	{"\x4d\x3c\xb2\xa1", packets},
	{"\xa1\xb2\x3c\x4d", packets},
	{"\x0a\x0d\x0d\x0a", packets},
	{"\x7felf", executable},
	{"mz\x90", executable},
}

// foreignText returns what a text is that has no JSON object.
func foreignText(begin []byte) (foreign, bool) {
	const most = 64
	ascii := asciiLower(begin[:min(len(begin), most)])
	trimmed := bytes.TrimLeft(ascii, " \t\r\n")
	for _, f := range foreignTexts {
		if bytes.HasPrefix(ascii, []byte(f.begin)) || bytes.HasPrefix(trimmed, []byte(f.begin)) {
			return f.foreign, true
		}
	}
	if mitmproxyFlows.Match(begin) {
		return foreign{"it is a file of mitmproxy's flows", "mitmdump -nr FILE --set hardump=x.har writes a HAR"}, true
	}
	return foreign{}, false
}

// asciiLower returns a copy with ASCII letters in lower case.
func asciiLower(b []byte) []byte {
	out := bytes.Clone(b)
	for i, c := range out {
		if c >= 'A' && c <= 'Z' {
			out[i] = c + 'a' - 'A'
		}
	}
	return out
}
