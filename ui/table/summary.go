package table

import (
	"strings"

	"detour/internal/flow"
	"detour/internal/wording"
)

// Path sums up DNS, TCP, TLS and the response of a request in the words of the table.
func Path(r Row) string {
	var steps []string
	name, answer := "DNS ", ""
	if c := r.Conn; c != nil && c.Resolution != nil && c.Resolution.Source == flow.SourceLiteral {
		name = "address "
	}
	if r.Response != nil {
		answer = "HTTP "
	}
	for _, s := range []struct {
		name string
		cell cell
	}{{name, dnsCell(r)}, {"TCP ", tcpCell(r)}, {"TLS ", tlsCell(r)}, {answer, statusCell(r)}} {
		if s.cell.text != "" && s.cell.text != wording.None {
			steps = append(steps, s.name+s.cell.text)
		}
	}
	return strings.Join(steps, " → ")
}
