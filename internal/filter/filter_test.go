package filter

import (
	"errors"
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"detour/internal/flow"
)

var update = flag.Bool("update", false, "write docs/filters.md anew")

var t0 = time.Date(2026, 11, 23, 10, 28, 0, 0, time.UTC)

// some are four flows: a direct call that timed out, a relayed one that was
// denied, a script, and a call that is still connecting.
func some() []*flow.Flow {
	addr := netip.MustParseAddr
	conn := func(host, ip string, o flow.DialOutcome) *flow.Conn {
		return &flow.Conn{
			Authority:  host + ":443",
			Resolution: &flow.Resolution{Name: host, Outcome: flow.DNSOK, Source: flow.SourceDNS, Addrs: []netip.Addr{addr(ip)}, Nameserver: netip.MustParseAddrPort("10.0.0.2:53")},
			Attempts: []flow.DialAttempt{{
				Addr: netip.AddrPortFrom(addr(ip), 443), Outcome: o, Start: t0, Took: 21 * time.Second, Interface: "tun0", Kernel: &flow.KernelTCP{SYNRetransmits: 3},
			}},
		}
	}
	over := func(d time.Duration) flow.Times { return flow.Times{Start: t0, Done: t0.Add(d)} }
	return []*flow.Flow{
		{
			ID: 1, State: flow.StateDone, Source: flow.SourceProxy, Origin: flow.OriginDirect, Page: "https://x.console.aws.amazon.com/cloudwatch/home",
			AWS:     &flow.AWS{Service: "monitoring", ServiceName: "CloudWatch", Operation: "GetMetricData", Region: "ap-northeast-1"},
			Request: flow.Request{Method: "POST", URL: "https://monitoring.ap-northeast-1.amazonaws.com/", BodySize: 812},
			Failure: &flow.Failure{Stage: flow.StageDial, Message: "i/o timeout"}, Times: over(21 * time.Second),
			Conn: conn("monitoring.ap-northeast-1.amazonaws.com", "10.0.1.23", flow.DialTimeout), Findings: []string{"private-endpoint-unreachable"},
		},
		{
			ID: 2, State: flow.StateDone, Source: flow.SourceProxy, Origin: flow.OriginConsole, Marked: true, Note: "ask the admins",
			AWS: &flow.AWS{
				Service: "ec2", ServiceName: "EC2", Operation: "DescribeInstances", Region: "us-east-1", InnerStatus: 403,
				Error: &flow.AWSError{Code: "UnauthorizedOperation", Message: "You are not authorized", Deny: "VPC endpoint policy", PolicyARN: "arn:aws:iam::123456789012:policy/x"},
			},
			Request:  flow.Request{Method: "POST", URL: "https://us-east-1.console.aws.amazon.com:443/ec2/api?x=static"},
			Response: &flow.Response{Status: 200, Proto: "HTTP/2.0", BodySize: 5120}, Times: over(92 * time.Millisecond), Reused: true,
			Conn: conn("us-east-1.console.aws.amazon.com", "203.0.113.10", flow.DialConnected),
		},
		{
			ID: 3, State: flow.StateDone, Source: flow.SourceHAR, Origin: flow.OriginStatic,
			Request:  flow.Request{Method: "GET", URL: "https://a.b.cdn.console.awsstatic.com/app.js"},
			Response: &flow.Response{Status: 404, Proto: "HTTP/1.1", BodySize: 2 << 20},
			Conn:     conn("a.b.cdn.console.awsstatic.com", "2001:db8::1", flow.DialConnected),
		},
		{
			ID: 4, State: flow.StateConnecting, Source: flow.SourceProxy, Origin: flow.OriginDirect,
			AWS:     &flow.AWS{Service: "logs", ServiceName: "CloudWatch Logs", Operation: "DescribeLogGroups"},
			Request: flow.Request{Method: "POST", URL: "https://logs.ap-northeast-1.amazonaws.com/"},
			Times:   flow.Times{Start: t0}, Conn: conn("logs.ap-northeast-1.amazonaws.com", "10.0.1.24", flow.DialPending),
		},
	}
}

func TestMatch(t *testing.T) {
	now := t0.Add(12 * time.Second)
	for text, want := range map[string]string{
		"": "1234", "   ": "1234",
		"origin:direct": "14", "origin:direct-endpoint": "14", "ORIGIN:Direct": "14", "origin:direct,static": "134", "origin!=direct": "23", "origin~^(direct|sign)": "14",
		"service:logs": "4", "svc:cloudwatch": "14", "service=cloudwatch": "1", `service="CloudWatch Logs"`: "4",
		"op:describe": "24", "operation=getmetricdata": "1", "op~^Describe(Log|X)": "4",
		"host:logs": "4", "host=us-east-1.console.aws.amazon.com": "2", "host~^logs": "4", "host!~amazonaws": "23", "path:/ec2/": "2", "url:console": "23",
		"region:ap-": "1", "method:get": "3", "page:cloudwatch": "1", "source:har": "3",
		"ip:10.0.0.0/8": "14", "ip:10.0.1.23": "1", "ip:private": "14", "ip:2001:db8::/32": "3", "ip:10.0.1.23,203.0.113.10": "12", "ip!=private": "23", "ip:::ffff:10.0.1.23": "1",
		"dns:ok": "134", "dns:reused": "2", "nameserver:10.0.0.2": "1234", "tcp:timeout": "1", "tcp:ok": "3", "tcp:connecting": "4", "tcp:reused": "2", "if:tun0": "1234",
		"status:200": "2", "status>=400": "3", "status:4xx": "3", "status:200,404": "23", "status:200..399": "2", "status!=200": "134", "status<500": "23",
		"inner:403": "2", "code:unauthorized": "2", "message:authorized": "2", `policy:"vpc endpoint"`: "2", "policy:arn:aws:iam": "2", "failure:dial": "1", "fail:tcp": "1", "finding:private": "1", "id:#3": "3",
		"total>2s": "14", "total>20s": "1", "total:90ms..100ms": "2", "total<100ms": "2", "took>=21s": "1", "connect>1s": "134",
		"size>5k": "23", "size>=2MiB": "3", "size<=5120": "2", "size:5120B": "2", "sent>800": "1", "attempts:1": "134", "syns>3": "134",
		"is:pending": "4", "is:failed": "1", "is:error": "23", "is:denied": "2", "is:marked": "2", "is:noted": "2", "is:private": "14", "is:call": "124", "is:marked,pending": "24", "is!=call": "3",
		"note:admins": "2", `note:"ask the"`: "2", "note:'ask the'": "2",
		"cloudwatch": "14", "static": "23", "-origin:static static": "2", "TIMEOUT": "1", "connecting": "4", "203.0.113": "2", "403": "", "404": "3",
		`"ask the admins"`: "2", "https://logs.ap-northeast-1.amazonaws.com/": "4", "/ec2/api?x=static": "2",
		"origin:direct tcp:timeout": "1", "origin:direct and tcp:timeout": "1", "tcp:timeout or status:404": "13", "tcp:timeout || status:404 && method:post": "1",
		"not origin:direct": "23", "-origin:direct": "23", "!origin:direct": "23", "not not origin:direct": "14",
		"(tcp:timeout or is:pending) op:get": "1", "-(tcp:timeout or is:pending)": "23", "((status:404))": "3", "(status:404)or(is:pending)": "34", `(note:"a)")`: "",
		"tcp:timeout or is:pending op:get": "1", "host~(logs|monitoring)[.]": "14", `host~^logs\.ap`: "4", "AND:": "err",
	} {
		x, err := Parse(text)
		got := ""
		if err != nil {
			got = "err"
		}
		for _, f := range some() {
			if err == nil && x.Match(f, now) {
				got += strconv.Itoa(int(f.ID))
			}
		}
		if got != want {
			t.Errorf("%q lets through %q, want %q (%v)", text, got, want, err)
		}
	}
}

func TestMatch_whatWaitsComesToMatch(t *testing.T) {
	x, err := Parse("total>10s is:pending")
	if err != nil || !x.Moves() {
		t.Fatalf("%v, moves %v", err, x.Moves())
	}
	f := some()[3]
	if x.Match(f, t0.Add(9*time.Second)) || !x.Match(f, t0.Add(11*time.Second)) {
		t.Error("it doesn't depend on the time")
	}
	if x, _ := Parse("status>3"); x.Moves() {
		t.Error("a status moves by itself")
	}
}

func TestParse_saysWhatIsWrongAndWhere(t *testing.T) {
	for text, want := range map[string]string{
		"hots:logs":                    "column 1: there is no key “hots”; did you mean host?",
		"logs:GetX":                    "to search for it as text, put it in quotes",
		"origin:direkt":                "column 8: “direkt” isn't a value of “origin”; did you mean origin:direct?",
		"a b origin:":                  "column 12: a value is missing after “origin:”; one of console-origin,",
		"host>3":                       "column 5: “host” can't be compared with “>”; operators of this key: : = ~ != !~",
		"status~4":                     "column 7: “status” can't be compared with “~”",
		"status:abc":                   "column 8: “abc” isn't an HTTP status; such as 403 or 4xx",
		"total>2":                      "column 7: “2” isn't a duration; write it with a unit: 250ms or 2s",
		"size>1zb":                     "column 6: “1zb” isn't a size",
		"ip:10.0.0.0/33":               "column 4: “10.0.0.0/33” isn't a network",
		"ip:privat":                    "did you mean ip:private?",
		"host~(":                       "column 6: invalid regular expression: missing closing )",
		"(a or b":                      "column 1: this parenthesis is never closed",
		"a)":                           "column 2: there is no opening parenthesis for this one",
		"a or":                         "column 5: a condition is missing here",
		"or a":                         "column 1: a condition is missing before “or”",
		"not":                          "column 4: a condition is missing here",
		"a ()":                         "column 4: a condition is missing before this parenthesis",
		`note:"abc`:                    "column 6: the quotes aren't closed",
		`"abc`:                         "column 1: the quotes aren't closed",
		"東京 hots:x":                    "column 4: there is no key “hots”",
		"is:":                          "one of call,",
		"status:500..400":              "the range “500..400” ends before it begins",
		"status:,1":                    "the list has an empty value",
		strings.Repeat("-", 200) + "a": "nested too deeply",
		strings.Repeat("x", maxText+1): "is longer than 16384 bytes",
	} {
		_, err := Parse(text)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%.40q: no error", text)
			continue
		}
		if !strings.Contains(e.Error(), want) {
			t.Errorf("%.40q: %q, want %q", text, e, want)
		}
		if e.From < 0 || e.From > e.To || e.To > len(text) {
			t.Errorf("%.40q: from %d to %d", text, e.From, e.To)
		}
	}
}

func TestComplete(t *testing.T) {
	seen := func(key string) []string {
		if key == "host" {
			return []string{"logs.example", "ec2.example", "a b"}
		}
		return nil
	}
	for text, want := range map[string]string{
		"ori": "0 origin:", "-ori": "1 origin:", "(is:call or ori": "12 origin:",
		"a origin:s": "9 sign-in static console-origin", "tcp:ok,tim": "7 timeout",
		"host:": `5 "a b" ec2.example logs.example`, "host:l": "5 logs.example ec2.example", `host:"a `: `5 "a b"`, "is:pend": "3 pending",
		"ip:pri": "3 private", "zzz": "0", "zzz:a": "5", "op:": "3", "size>": "5",
	} {
		c := Complete(text, seen)
		got := strconv.Itoa(c.From)
		for _, x := range c.Candidates {
			got += " " + x.Text
		}
		if got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
	if n := len(Complete("a ", nil).Candidates); n != len(keys()) {
		t.Errorf("after a space %d keys are offered, want all %d", n, len(keys()))
	}
}

// TestComplete_whatIsOfferedIsUnderstood tries every key and every value.
func TestComplete_whatIsOfferedIsUnderstood(t *testing.T) {
	for _, k := range keys() {
		if _, err := Parse(k.sample()); err != nil {
			t.Errorf("the example of %s: %v", k.name, err)
		}
		for _, c := range Complete(k.name+":", nil).Candidates {
			if _, err := Parse(k.name + ":" + c.Text); err != nil {
				t.Errorf("%s:%s: %v", k.name, c.Text, err)
			}
		}
	}
	for _, r := range rules() {
		if _, err := Parse(r[0]); err != nil {
			t.Errorf("%s: %v", r[0], err)
		}
	}
}

func TestKeys_areToldApart(t *testing.T) {
	seen := map[string]string{}
	for _, k := range keys() {
		for _, n := range append([]string{k.name}, k.also...) {
			if seen[n] != "" {
				t.Errorf("%s is a name of %s and of %s", n, seen[n], k.name)
			}
			seen[n] = k.name
			if name, _, at := splitKey(n + ":x"); at == 0 || name != n {
				t.Errorf("%s can't be read as a key", n)
			}
		}
		if k.doc == "" || k.example == "" || strings.HasSuffix(k.doc, ".") {
			t.Errorf("%s: doc %q, example %q", k.name, k.doc, k.example)
		}
	}
}

func TestEquals_findsJustThatValue(t *testing.T) {
	for _, note := range []string{"plain", "two words", `a"b\c`, "(x", "a,b", "'", "-x", ""} {
		x, err := Parse(Equals("note", note) + " is:call")
		if note == "" {
			continue // nobody notes nothing
		}
		f := *some()[0]
		f.Note = note
		if err != nil || !x.Match(&f, t0) {
			t.Errorf("%q: %v", note, err)
		}
	}
}

func TestDocs_filtersPageIsMadeFromTheKeys(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "filters.md")
	want := Page()
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil { //nolint:gosec // a page of the documentation
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != want {
		t.Errorf("%s isn't what the keys say (%v): run make golden", path, err)
	}
	for _, k := range keys() {
		if !strings.Contains(Text(), "\n  "+k.name+" ") {
			t.Errorf("the help lacks %s", k.name)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{`origin:direct (tcp:timeout or status>=400) -host~^lo(g|x)s note:"a b\"c"`, "ip:10.0.0.0/8,private", "total:1s..2s size>1.5MiB", "((", `"`, "not -!x", "東:x"} {
		f.Add(s)
	}
	flows := some()
	f.Fuzz(func(t *testing.T, text string) {
		x, err := Parse(text)
		var e *Error
		if err != nil {
			if !errors.As(err, &e) || e.From < 0 || e.From > e.To || e.To > len(text) || e.Error() == "" {
				t.Fatalf("%q: error %#v", text, err)
			}
		} else {
			for _, fl := range flows {
				inverse, err := Parse("-(" + text + ")")
				if err == nil && !x.Empty() && x.Match(fl, t0) == inverse.Match(fl, t0) {
					t.Fatalf("%q and its negation agree", text)
				}
				x.Match(fl, t0)
			}
		}
		c := Complete(text, func(string) []string { return []string{"x y", "(", `"`} })
		if c.From < 0 || c.From > len(text) {
			t.Fatalf("%q: completes from %d", text, c.From)
		}
	})
}

// BenchmarkMatch is a million flows against one expression.
func BenchmarkMatch(b *testing.B) {
	few := some()
	for _, text := range []string{"origin:direct", "status>=400", "ip:10.0.0.0/8", "origin:direct tcp:timeout -static", "host:logs", "nowhere", "host~^logs"} {
		b.Run(text, func(b *testing.B) {
			x, err := Parse(text)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				for i := range 1_000_000 {
					x.Match(few[i%len(few)], t0)
				}
			}
		})
	}
}
