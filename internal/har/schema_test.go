package har

import (
	"encoding/json"
	"fmt"
	"math"
	"net/netip"
	"regexp"
	"testing"
)

// A shape is what HAR 1.2 says of an object: its members, in the words of the
// specification. Members that begin with an underscore are anybody's own.
type shape map[string]member

type member struct {
	kind     string // string, number, integer, bool, date, address, or a shape's name, or a list of one: "[]header"
	optional bool
	least    float64 // of numbers
}

// har12 is the format, section by section of
// w3c.github.io/web-performance/specs/HAR/Overview.html.
func har12() map[string]shape {
	must := func(kind string) member { return member{kind: kind, least: math.Inf(-1)} }
	may := func(kind string) member { return member{kind: kind, optional: true, least: math.Inf(-1)} }
	size := member{kind: "integer", least: -1}
	phase := member{kind: "number", least: -1, optional: true}
	spent := member{kind: "number", least: 0}
	return map[string]shape{
		"root":        {"log": must("log")},
		"log":         {"version": must("string"), "creator": must("tool"), "browser": may("tool"), "pages": may("[]page"), "entries": must("[]entry"), "comment": may("string")},
		"tool":        {"name": must("string"), "version": must("string"), "comment": may("string")},
		"page":        {"startedDateTime": must("date"), "id": must("string"), "title": must("string"), "pageTimings": must("pageTimings"), "comment": may("string")},
		"pageTimings": {"onContentLoad": phase, "onLoad": phase, "comment": may("string")},
		"entry": {
			"pageref": may("string"), "startedDateTime": must("date"), "time": spent, "request": must("request"), "response": must("response"),
			"cache": must("cache"), "timings": must("timings"), "serverIPAddress": may("address"), "connection": may("string"), "comment": may("string"),
		},
		"request": {
			"method": must("string"), "url": must("string"), "httpVersion": must("string"), "cookies": must("[]cookie"), "headers": must("[]pair"),
			"queryString": must("[]pair"), "postData": may("postData"), "headersSize": size, "bodySize": size, "comment": may("string"),
		},
		"response": {
			"status": member{kind: "integer"}, "statusText": must("string"), "httpVersion": must("string"), "cookies": must("[]cookie"), "headers": must("[]pair"),
			"content": must("content"), "redirectURL": must("string"), "headersSize": size, "bodySize": size, "comment": may("string"),
		},
		"cookie": {
			"name": must("string"), "value": must("string"), "path": may("string"), "domain": may("string"), "expires": may("date"),
			"httpOnly": may("bool"), "secure": may("bool"), "comment": may("string"),
		},
		"pair":     {"name": must("string"), "value": must("string"), "comment": may("string")},
		"postData": {"mimeType": must("string"), "params": may("[]pair"), "text": may("string"), "comment": may("string")},
		"content": {
			"size": member{kind: "integer"}, "compression": may("integer"), "mimeType": must("string"), "text": may("string"), "encoding": may("string"), "comment": may("string"),
		},
		"cache":   {"beforeRequest": may("state"), "afterRequest": may("state"), "comment": may("string")},
		"state":   {},
		"timings": {"blocked": phase, "dns": phase, "connect": phase, "send": spent, "wait": spent, "receive": spent, "ssl": phase, "comment": may("string")},
	}
}

var iso8601 = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$`)

// violations lists what of a file isn't HAR 1.2: wrong or missing members, unknown
// ones, and entries of which the time isn't the sum of the phases.
func violations(tb testing.TB, file []byte) (wrong []string) {
	tb.Helper()
	var root any
	if err := json.Unmarshal(file, &root); err != nil {
		return []string{err.Error()}
	}
	shapes := har12()
	var check func(at, kind string, v any)
	complain := func(at, format string, args ...any) { wrong = append(wrong, at+": "+fmt.Sprintf(format, args...)) }
	check = func(at, kind string, v any) {
		if len(kind) > 2 && kind[:2] == "[]" {
			list, ok := v.([]any)
			if !ok {
				complain(at, "no list")
			}
			for i, x := range list {
				check(fmt.Sprintf("%s[%d]", at, i), kind[2:], x)
			}
			return
		}
		is, known := shapes[kind]
		if !known {
			if !scalar(kind, v) {
				complain(at, "%v is no %s", v, kind)
			}
			return
		}
		object, ok := v.(map[string]any)
		if !ok {
			complain(at, "no object")
			return
		}
		for name, m := range is {
			x, has := object[name]
			switch n, number := x.(float64); {
			case !has && !m.optional:
				complain(at, "%s is missing", name)
			case !has:
			case number && n < m.least:
				complain(at, "%s is %v", name, n)
			default:
				check(at+"."+name, m.kind, x)
			}
		}
		for name := range object {
			if _, has := is[name]; !has && name[0] != '_' && kind != "state" {
				complain(at, "%s is not in HAR 1.2", name)
			}
		}
		if kind == "entry" {
			if d := sumOf(object["timings"]) - figure(object["time"]); math.Abs(d) > 0.001 {
				complain(at, "time is %v less than the phases", d)
			}
		}
	}
	check("", "root", root)
	return wrong
}

func scalar(kind string, v any) bool {
	s, isString := v.(string)
	n, isNumber := v.(float64)
	_, isBool := v.(bool)
	switch kind {
	case "string":
		return isString
	case "date":
		return iso8601.MatchString(s)
	case "address":
		a, err := netip.ParseAddr(s)
		return err == nil && a.Zone() == ""
	case "number":
		return isNumber
	case "integer":
		return isNumber && n == math.Trunc(n)
	case "bool":
		return isBool
	}
	return false
}

// sumOf adds the phases, without ssl, which connect includes.
func sumOf(timings any) (sum float64) {
	t, _ := timings.(map[string]any)
	for _, name := range []string{"blocked", "dns", "connect", "send", "wait", "receive"} {
		sum += max(0, figure(t[name]))
	}
	return sum
}

func figure(v any) float64 { n, _ := v.(float64); return n }
