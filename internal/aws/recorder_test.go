package aws

import (
	"cmp"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"detour/internal/flow"
)

var update = flag.Bool("update", false, "rewrite data/console_recorded.tsv")

// A sample is a request that a rule of the recorder is about, and what it says
// that it asks for.
type sample struct {
	request            flow.Request
	path               string // as a rule's pattern
	word               string // the same; "" to take the request's own
	service, operation string
}

// recorderServices are the recorder's names for services that we call otherwise.
func recorderServices() map[string]string {
	return map[string]string{
		"elbv2": "elasticloadbalancingv2", "elb": "elasticloadbalancing", "cloudwatch": "monitoring", "emr": "elasticmapreduce",
		"efs": "elasticfilesystem", "stepfunctions": "states", "ses": "email", "service": "",
	}
}

// samples makes a request of each rule that has enough for one. How many are
// left out is told.
func samples(t *testing.T) (all []sample, without int) {
	t.Helper()
	names := recorderServices()
	service := func(s string) string { return cmp.Or(names[s], s) }
	eachLine(t, "console_recorder_rules.tsv.gz", func(c []string) {
		method, pattern, condition := cmp.Or(c[4], "POST"), c[5], c[6]
		if strings.HasSuffix(pattern, "/rpc$") || strings.HasSuffix(pattern, "/srf$") || strings.HasSuffix(pattern, "/CloudWatch/") {
			without++ // what tells them apart is in bodies that the recorder's table lacks
			return
		}
		url := strings.NewReplacer("{console}", console, "{lightsail}", "https://lightsail.aws.amazon.com").Replace(pattern)
		if strings.HasPrefix(url, "lambda.") {
			url = "https://" + strings.Replace(url, "[a-zA-Z0-9-]+", "us-east-1", 1)
			url = strings.Replace(url, "[a-z0-9-]+", "us-east-1", 1)
		}
		starred, _, _ := strings.Cut(strings.TrimSuffix(url, "$"), "?")
		s := sample{request: ask(method, likely(url)), service: service(c[2]), operation: c[3]}
		s.request.Body, s.word = conditionBody(condition)
		s.path = strings.TrimSuffix(splitURL(anything().ReplaceAllString(starred, "*")).path, "/")
		if !strings.HasSuffix(url, "$") && !strings.Contains(url, "?") && !strings.Contains(url, "/data/") {
			if strings.HasSuffix(url, "/") {
				s.path += "/"
			}
			s.path += "*"
			s.request.URL += "more"
		}
		if strings.HasSuffix(s.request.URL, "?") {
			s.request.URL += "x=1"
		}
		all = append(all, s)
	})
	eachLine(t, "console_rpc_actions.tsv.gz", func(c []string) {
		path := "/" + service(c[1]) + "/rpc"
		s := sample{request: ask("POST", console+path), service: service(c[1]), operation: c[2], word: c[0]}
		if c[1] == "neptune" {
			s.path = path
		}
		s.request.Body = []byte(`{"actions":[{"action":"` + c[0] + `"}]}`)
		all = append(all, s)
	})
	return all, without
}

// anything is what of a recorder's pattern stands for something.
func anything() *regexp.Regexp { return regexp.MustCompile(`\.[+*]|\[[^\]]+\]\+`) }

// likely is something that a pattern stands for.
func likely(pattern string) string {
	pattern = strings.TrimSuffix(pattern, "$")
	pattern = strings.ReplaceAll(pattern, `\-`, "-")
	pattern = strings.ReplaceAll(pattern, "[A-Z]+", "GET")
	pattern = strings.ReplaceAll(pattern, "directoryservice.+", "directoryservice.DirectoryService_20150416")
	return anything().ReplaceAllString(pattern, "a1")
}

// conditionBody makes the body that a condition is about; of several conditions
// on one field the last holds, as they were recorded in turn. word is what a rule
// has, if it isn't the request's own.
func conditionBody(condition string) (body []byte, word string) {
	fields, gwt := map[string]any{}, map[string]string{}
	for one := range strings.SplitSeq(condition, ";") {
		name, value, ok := strings.Cut(one, "=")
		if rest, v, regex := strings.Cut(one, "~"); regex {
			v = strings.Trim(v, "^$")
			name, value, ok = rest, "/"+strings.TrimPrefix(likely(v), "/"), true
			word = "/" + strings.TrimPrefix(strings.ReplaceAll(anything().ReplaceAllString(v, "*"), `\-`, "-"), "/")
		}
		if !ok {
			continue
		}
		if after, ok := strings.CutPrefix(name, "gwt."); ok {
			gwt[after] = value
			continue
		}
		at, list := fields, strings.HasSuffix(name, "[0]")
		parts := strings.Split(strings.TrimSuffix(strings.TrimPrefix(name, "body."), "[0]"), ".")
		for _, p := range parts[:len(parts)-1] {
			if at[p] == nil {
				at[p] = map[string]any{}
			}
			at = at[p].(map[string]any)
		}
		at[parts[len(parts)-1]] = any(value)
		if list {
			at[parts[len(parts)-1]] = []string{value}
		}
	}
	if gwt["method"] != "" {
		return []byte("7|0|6|https://x/|HASH|" + cmp.Or(gwt["service"], "x.Unnamed") + "|" + gwt["method"] + "|1|2|"), ""
	}
	if len(fields) == 0 {
		return nil, ""
	}
	if method, ok := fields["method"].(string); ok && word != "" {
		word = method + " " + word
	} else if word != "" {
		fields["method"], word = "POST", "POST "+word
	}
	b, err := json.Marshal(fields)
	if err != nil {
		panic(err)
	}
	return b, word
}

// The rules of a recorder of the console (2018 to 2021) say what 1,541 requests
// of its pages ask for.
func TestTag_agreesWithTheRecordersRules(t *testing.T) {
	all, without := samples(t)
	bare := load(t)
	bare.rules = consoleRules{}
	right := func(tables *Tables, s *sample) (operation, service bool, got *flow.AWS) {
		f := &flow.Flow{Request: s.request}
		tables.Tag(f)
		if f.AWS == nil {
			return false, false, &flow.AWS{}
		}
		operation = f.AWS.Operation == s.operation
		return operation, operation && (s.service == "" || f.AWS.Service == s.service || slices.Contains(f.AWS.Also, s.service)), f.AWS
	}
	// One request may make the console's server call several operations: the first
	// that a rule names is what the table has, the others count as right.
	same := map[string][]string{}
	key := func(s *sample) string { return s.request.Method + s.request.URL + string(s.request.Body) }
	for i := range all {
		same[key(&all[i])] = append(same[key(&all[i])], all[i].operation)
	}
	operations, services := 0, 0
	rules := map[string]string{}
	for i := range all {
		s := &all[i]
		op, service, got := right(bare, s)
		if op {
			operations++
		}
		if service {
			services++
			continue
		}
		if slices.Contains(same[key(s)], got.Operation) && got.Operation != s.operation {
			continue
		}
		if strings.Contains(s.request.URL, "call=") {
			continue // has a table of its own
		}
		word := s.word
		if word == "" {
			r := newRequest(&s.request)
			if word = readRelayed(s.request.Body).word(); word == "" {
				word, _ = r.ajax()
			}
			word = cmp.Or(word, s.request.Method)
		}
		path := s.path
		if strings.HasPrefix(s.word, "com.") && !strings.Contains(path, "neptune") {
			path = ""
		}
		if taken := rules[path+"\t"+word]; taken != "" && taken != s.service+"\t"+s.operation && strings.Contains(s.request.URL, "?") {
			path += "?" // the same with a query is another thing
		}
		if _, taken := rules[path+"\t"+word]; !taken {
			rules[path+"\t"+word] = s.service + "\t" + s.operation
		}
	}
	t.Logf("%d rules without what tells them; of %d requests shapes alone name %d operations (%.1f %%), %d with the service",
		without, len(all), operations, 100*float64(operations)/float64(len(all)), services)
	if *update {
		out := "path\tword\tservice\toperation\n"
		for _, k := range slices.Sorted(maps.Keys(rules)) {
			if strings.HasPrefix(rules[k], "\t") {
				continue
			}
			out += k + "\t" + rules[k] + "\n"
		}
		if err := os.WriteFile("data/console_recorded.tsv", []byte(out), 0o644); err != nil {
			t.Fatal(err)
		}
		t.Log("rewritten; run again")
		return
	}
	tables, wrong, several := load(t), 0, 0
	for i := range all {
		s := &all[i]
		if op, service, got := right(tables, s); (!op || !service) && (op || !slices.Contains(same[key(s)], got.Operation)) {
			if got.Operation == "" && len(same[key(s)]) > 1 {
				several++ // updateTags makes or deletes them
				continue
			}
			if wrong++; wrong <= 20 {
				t.Logf("%s %s %s: %s %s by %s, want %s %s", s.request.Method, s.request.URL, s.request.Body, got.Service, got.Operation, got.DecodedBy, s.service, s.operation)
			}
		}
	}
	t.Logf("with the tables %d are wrong, and of %d the request doesn't tell", wrong, several)
	if wrong > 0 || several > 2 || operations < 1176 {
		t.Error("that is worse than it was")
	}
}
