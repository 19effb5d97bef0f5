package otlptest

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	logs "go.opentelemetry.io/proto/otlp/logs/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"detour/internal/docgen"
	"detour/internal/flow"
	"detour/internal/otlp"
	"detour/ui/flowtest"
)

var update = flag.Bool("update", false, "write the generated parts of docs/fleet.md")

const page = "../../../docs/fleet.md"

// meanings say what each attribute is, in the order of the table.
var meanings = [][2]string{
	{"service.name", "always `detour`"},
	{"service.version", "detour's version"},
	{"service.instance.id", "the run: a random ID"},
	{"host.id", "the installation: a random ID, not the name of the machine; exported files have none"},
	{"detour.privacy", "`strict` if private addresses are replacements, too: the run or the file has `--privacy strict`"},
	{"detour.simulated", "`true` if it is a demo"},
	{"http.request.method", "method"},
	{"url.full", "URL without user, fragment and values of the query; of hosts that aren't AWS's, `*` stands for the path"},
	{"server.address", "requested host"},
	{"server.port", "its port"},
	{"http.response.status_code", "status of the response"},
	{"error.type", "status from 400 on, or how a request without a response ended: a word of RFC 9209 (2.3), or detour's own"},
	{"rpc.system.name", "`aws-api` if the request is an AWS call"},
	{"rpc.method", "service and operation"},
	{"rpc.response.status_code", "code of the service's error"},
	{"cloud.region", "Region"},
	{"aws.request_id", "request ID that AWS returned"},
	{"network.protocol.name", "always `http`"},
	{"network.protocol.version", "version of HTTP between detour and the server"},
	{"network.peer.address", "address that connected, or the last one that was tried"},
	{"network.peer.port", "its port"},
	{"network.local.address", "network that the machine connected from: the first address of its /24 or /48"},
	{"dns.question.name", "name that was looked up"},
	{"dns.answers", "addresses in the answer"},
	{"tls.protocol.version", "version of TLS"},
	{"tls.established", "whether the handshake succeeded"},
	{"tls.server.issuer", "issuer of the server's certificate; of a private CA, a replacement"},
	{"detour.origin", "who sends the request: see [concepts](concepts.md)"},
	{"detour.dns.nameserver", "nameserver whose answer was used"},
	{"detour.dns.scope", "kind of each address in the answer: `private`, `public`, `cgnat`, …"},
	{"detour.syn_retransmits", "how many times a SYN was repeated, at most, if the system says it"},
	{"detour.endpoint_service", "name of the interface endpoint's service"},
	{"detour.finding", "code of the [finding](findings.md); several of a request are joined by commas"},
	{"detour.finding.state", "`open`; `resolved`: what failed works again; `withdrawn`: later requests don't show it"},
	{"detour.finding.confidence", "`high`, `medium` or `low`"},
	{"detour.flows", "number of requests that the record is about"},
	{"detour.flows.failed", "of these, requests that failed without a response"},
	{"detour.flows.errors", "of these, responses with a status of 400 or more"},
	{"detour.duration", "seconds from the request to the end of the response"},
	{"detour.duration.max", "the longest of these"},
	{"detour.step", "what the user was doing, as they noted it"},
}

// sample is one of each thing that is sent.
func sample() (e *otlp.Encoder, records, spans [][]byte) {
	e = otlp.New(otlp.Resource{Version: "v1.0.0", Run: "5f1c…", Installation: "a81e…", Simulated: true, Strict: true})
	d := desks[0]
	flows := d.flows()
	failed := *flows[6] // an AWS call with a response
	call := *failed.AWS
	call.RequestID, call.Error = "2e9c1f4a-0000-4000-8000-000000000000", &flow.AWSError{Code: "AccessDeniedException"}
	failed.AWS, failed.Response = &call, &flow.Response{Status: 403, Proto: "HTTP/2.0"}
	var sums otlp.Summaries
	for _, f := range append(flows, &failed) {
		records = append(records, e.Flow(f, "opened the dashboard"))
		spans = append(append(spans, e.Request(f, "opened the dashboard")), e.Connection(f, f.Conn)...)
		sums.Add(f, func(f *flow.Flow) *flow.Flow { return f })
	}
	for _, x := range d.findings(flows) {
		records = append(records, e.Finding(x))
	}
	for _, x := range sums.Until(flowtest.At(0).Add(time.Hour)) {
		records = append(records, e.Summary(x))
	}
	return e, records, spans
}

// TestDocs_attributes: the page has a line for each attribute that is sent.
func TestDocs_attributes(t *testing.T) {
	e, records, spans := sample()
	var l logs.LogsData
	var s trace.TracesData
	if err := proto.Unmarshal(e.Logs(records...), &l); err != nil {
		t.Fatal(err)
	}
	if err := proto.Unmarshal(e.Traces(spans...), &s); err != nil {
		t.Fatal(err)
	}
	in := make(map[string]map[string]bool) // records, by attribute
	examples := make(map[string]string)
	note := func(record string, all []*common.KeyValue) {
		for _, kv := range all {
			if in[kv.Key] == nil {
				in[kv.Key] = make(map[string]bool)
			}
			in[kv.Key][record] = true
			if v := shown(kv.Value); examples[kv.Key] == "" || kv.Key == "error.type" && v == "connection_timeout" {
				examples[kv.Key] = v
			}
		}
	}
	note("resource", l.ResourceLogs[0].Resource.Attributes)
	for _, r := range l.ResourceLogs[0].ScopeLogs[0].LogRecords {
		note(strings.TrimPrefix(r.EventName, "detour."), r.Attributes)
	}
	for _, x := range s.ResourceSpans[0].ScopeSpans[0].Spans {
		note("span", x.Attributes)
	}
	var b strings.Builder
	b.WriteString("| attribute | in | what it is | example |\n|---|---|---|---|\n")
	for _, m := range meanings {
		if in[m[0]] == nil {
			t.Errorf("%s isn't sent", m[0])
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | `%s` |\n", m[0], strings.Join(slices.Sorted(maps.Keys(in[m[0]])), ", "), m[1], examples[m[0]])
		delete(in, m[0])
	}
	for name := range in {
		t.Errorf("%s is sent, and has no meaning here", name)
	}
	known := make(map[string]bool)
	for _, m := range meanings {
		known[m[0]] = true
	}
	for _, name := range constants(t) {
		if !known[name] {
			t.Errorf("%s is a name of package otlp, and isn't in the table", name)
		}
	}
	docgen.Section(t, page, "attributes", b.String(), *update)
}

// shown is a value as the table has it.
func shown(v *common.AnyValue) string {
	switch x := v.GetValue().(type) {
	case *common.AnyValue_IntValue:
		return strconv.FormatInt(x.IntValue, 10)
	case *common.AnyValue_BoolValue:
		return strconv.FormatBool(x.BoolValue)
	case *common.AnyValue_DoubleValue:
		return strconv.FormatFloat(x.DoubleValue, 'f', -1, 64)
	case *common.AnyValue_ArrayValue:
		var out []string
		for _, e := range x.ArrayValue.Values {
			out = append(out, e.GetStringValue())
		}
		return "[" + strings.Join(out, ", ") + "]"
	}
	return v.GetStringValue()
}

// constants are the names of attributes in package otlp.
func constants(t *testing.T) (out []string) {
	f, err := parser.ParseFile(token.NewFileSet(), "../names.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if c, ok := n.(*ast.ValueSpec); ok && strings.HasPrefix(c.Names[0].Name, "attr") {
			name, err := strconv.Unquote(c.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, name)
		}
		return true
	})
	if len(out) < 30 {
		t.Errorf("only %d names are found", len(out))
	}
	return out
}
