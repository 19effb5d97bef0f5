package otlptest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"detour/internal/docgen"
	"detour/internal/otlp/send"
)

// A question is a saved query of docs/fleet.md. Its result there is that for the records of desks.
type question struct {
	section string
	logsQL  string
	columns []string // of the result
}

var questions = []question{
	{
		"query not-responding", `event_name:"detour.flow" error.type:in(connection_timeout, dns_timeout, connection_read_timeout, http_response_timeout)
| stats by (server.address, network.local.address, detour.dns.nameserver)
    count() requests, count_uniq(host.id) desks, min(_time) since
| sort by (requests desc, server.address)`,
		[]string{"server.address", "network.local.address", "detour.dns.nameserver", "requests", "desks", "since"},
	},
	{
		"query compared", `event_name:"detour.summary" server.address:"monitoring.ap-northeast-1.amazonaws.com"
| stats by (network.local.address, detour.dns.nameserver, detour.dns.scope)
    sum(detour.flows) requests, sum(detour.flows.failed) failed, max(detour.duration.max) slowest
| sort by (failed desc, network.local.address)`,
		[]string{"network.local.address", "detour.dns.nameserver", "detour.dns.scope", "requests", "failed", "slowest"},
	},
	{
		"query open", `event_name:"detour.finding"
| stats by (detour.finding, server.address, host.id, network.local.address)
    min(_time) since, row_max(_time, detour.finding.state) newest
| extract '"detour.finding.state":"<state>"' from newest
| filter state:open
| stats by (detour.finding, server.address, network.local.address) count_uniq(host.id) desks, min(since) since
| sort by (desks desc, server.address)`,
		[]string{"detour.finding", "server.address", "network.local.address", "desks", "since"},
	},
	{
		"query answers", `event_name:"detour.summary"
| stats by (server.address)
    uniq_values(detour.dns.nameserver) if (detour.dns.scope:private) private,
    uniq_values(detour.dns.nameserver) if (detour.dns.scope:public) public
| filter private:!"[]" public:!"[]"
| sort by (server.address)`,
		[]string{"server.address", "private", "public"},
	},
	{
		"query operations", `event_name:"detour.summary"
| stats by (rpc.method, server.address) sum(detour.flows) requests, sum(detour.flows.failed) failed
| filter failed:>0
| sort by (failed desc, rpc.method)`,
		[]string{"rpc.method", "server.address", "requests", "failed"},
	},
}

// TestDocs_queries runs the queries of docs/fleet.md in VictoriaLogs, on what five desks have sent,
// and compares their results with those of the page.
func TestDocs_queries(t *testing.T) {
	v := StartVictoriaLogs(t)
	for _, d := range desks {
		d.sendAll(t, endpoint(v.Endpoint, "logs"), send.Endpoint{})
	}
	for _, q := range questions {
		rows := v.Query(t, q.logsQL)
		if len(rows) == 0 {
			t.Errorf("%s: no result", q.section)
		}
		docgen.Section(t, page, q.section, "```text\n"+q.logsQL+"\n```\n\n"+table(q.columns, rows), *update)
	}
}

// table is a result in Markdown.
func table(columns []string, rows []Row) string {
	var b strings.Builder
	line := func(cells []string) { fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | ")) }
	line(columns)
	line(slices.Repeat([]string{"---"}, len(columns)))
	for _, r := range rows {
		cells := make([]string, len(columns))
		for i, c := range columns {
			cells[i] = r[c]
		}
		line(cells)
	}
	return b.String()
}
