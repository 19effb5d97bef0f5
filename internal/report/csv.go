package report

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"detour/internal/flow"
)

// CSV writes a line for each flow (RFC 4180), after a line of column names. A cell that a
// spreadsheet would take for a formula starts with an apostrophe (OWASP, "CSV
// injection"); control characters are replaced. The last columns say whether the capture
// contains secrets, and whether it is a demo. The flows are those of the capture, which needn't have
// them itself. The error is w's, or theirs.
func CSV(w io.Writer, c *flow.Capture, flows flow.Flows) error {
	out := csv.NewWriter(w)
	_ = out.Write([]string{
		"id", "started", "origin", "service", "operation", "method", "url", "nameserver", "dns", "addresses", "tcp", "address", "tcp_ms", "tls",
		"status", "error", "request_id", "failure", "duration_ms", "sent", "received", "page", "marked", "note", "findings",
		"secrets", "simulated",
	})
	secrets := "redacted"
	if c.RawSecrets {
		secrets = "kept"
	}
	for f, err := range flows {
		if err != nil {
			return err
		}
		cells := append(csvRow(f), secrets, strconv.FormatBool(c.Simulated()))
		for i, c := range cells {
			cells[i] = tame(c)
		}
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func csvRow(f *flow.Flow) []string {
	var service, operation, code, request, status, failure, nameserver, dns, addresses, tcp, address, tcpMS, tls, duration string
	var received int64
	if a := f.AWS; a != nil {
		service, operation, request = a.Service, a.Operation, a.RequestID
		if a.Error != nil {
			code = a.Error.Code
		}
	}
	if r := f.Response; r != nil {
		status, received = strconv.Itoa(r.Status), r.BodySize
	}
	if f.Failure != nil {
		failure = string(f.Failure.Stage) + ": " + f.Failure.Message
	}
	if !f.Times.Done.IsZero() {
		duration = number(flow.MS(f.Times.Done.Sub(f.Times.Start)))
	}
	if c := f.Conn; c != nil {
		if r := c.Resolution; r != nil {
			dns = string(r.Outcome)
			if r.Nameserver.IsValid() {
				nameserver = r.Nameserver.String()
			}
			for _, a := range r.Addrs {
				addresses += " " + a.String()
			}
		}
		a := c.Decisive()
		if a != nil {
			tcp, tcpMS = string(a.Outcome), number(flow.MS(a.Took))
			if a.Addr.IsValid() {
				address = a.Addr.String()
			}
		}
		if c.TLS != nil {
			tls = string(c.TLS.Outcome)
		}
	}
	return []string{
		strconv.FormatUint(uint64(f.ID), 10), f.Times.Start.UTC().Format(time.RFC3339Nano), string(f.Origin), service, operation,
		f.Request.Method, f.Request.URL,
		nameserver, dns, strings.TrimSpace(addresses), tcp, address, tcpMS, tls, status, code, request, failure, duration,
		strconv.FormatInt(f.Request.BodySize, 10), strconv.FormatInt(received, 10), f.Page, strconv.FormatBool(f.Marked), f.Note,
		strings.Join(f.Findings, " "),
	}
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// tame makes a cell safe. Spreadsheets for Japanese also take full-width signs for the
// beginning of a formula, and may ignore space before it.
func tame(cell string) string {
	cell = flow.Printable(cell)
	r, _ := utf8.DecodeRuneInString(strings.TrimLeftFunc(cell, unicode.IsSpace))
	if cell != "" && strings.ContainsRune("=+-@＝＋－＠", r) { // that of "" is in none
		return "'" + cell
	}
	return cell
}
