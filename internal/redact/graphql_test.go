package redact

import (
	"strings"
	"testing"

	"detour/internal/flow"
)

func TestGraphQL_noLiteralSurvives(t *testing.T) {
	for in, want := range map[string]string{
		`mutation { login(user: "bob", password: "CANARY") { token } }`:           `mutation { login(user: "<value>", password: "<password>") { token } }`,
		`mutation M($p: String! = "CANARY") { a(password: $p, n: 5) { id }}`:      `mutation M($p: String! = "<value>") { a(password: $p, n: 5) { id }}`,
		"mutation{a(text:\"\"\"CANARY \\\"\"\" CANARY\"\"\"){id}}":                "mutation{a(text:\"\"\"<value>\"\"\"){id}}",
		`{ a: put(name: "db", value: "CANARY") { token: accessToken } }`:          `{ a: put(name: "<value>", value: "<value>") { token: accessToken } }`,
		`query Q @x { a(in: {otp: 123456, pin: 1, tokens: ["CANARY", CANARY]}) }`: `query Q @x { a(in: {otp: "<code>", pin: 1, tokens: ["<token>", "<token>"]}) }`,
		"# password=CANARY\nquery { a(region: \"us-east-1\") }":                   "# password=<password>\nquery { a(region: \"us-east-1\") }",
		`fragment F on T { a(s: "CAN\"ARY CANARY") }`:                             `fragment F on T { a(s: "<value>") }`,
		`subscription S { a(s: "CANARY`:                                           `subscription S { a(s: "<value>`,
		`query (of token=CANARY) failed`:                                          `query (of token=<token>) failed`,
		`query Items { items(id: 12, all: true) { id name } }`:                    `query Items { items(id: 12, all: true) { id name } }`,
	} {
		for place, put := range map[string]func(f *flow.Flow){
			"application/graphql": func(f *flow.Flow) { body(f, "application/graphql", in) },
			"application/json":    func(f *flow.Flow) { body(f, "application/json", object("query", in)) },
			"no type":             func(f *flow.Flow) { body(f, "", "["+object("query", in)+"]") },
			"a query":             func(f *flow.Flow) { f.Request.URL = "https://h/graphql?" + query("query", in) },
			"a form":              func(f *flow.Flow) { body(f, "application/x-www-form-urlencoded", query("query", in)) },
		} {
			f := &flow.Flow{}
			put(f)
			the.Flow(f)
			if got := everything(f); strings.Contains(got, "CANARY") {
				t.Errorf("%s: %s", place, got)
			}
			if place == "application/graphql" && short(string(f.Request.Body)) != want {
				t.Errorf("got  %s\nwant %s", short(string(f.Request.Body)), want)
			}
			again := *f
			the.Flow(&again)
			if everything(&again) != everything(f) {
				t.Errorf("%s: redacting again changes\n%s to\n%s", place, everything(f), everything(&again))
			}
		}
	}
}
