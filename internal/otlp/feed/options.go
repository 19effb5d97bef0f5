package feed

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"detour/internal/diagnose/ending"
	"detour/internal/flow"
	"detour/internal/otlp/send"
	"detour/internal/usererr"
	"detour/internal/wording"
)

// Options are the flags of run and export.
type Options struct {
	To     string // --otlp: a URL, or send.FromEnvironment; "": nothing is sent
	Choice string // --otlp-send
	Traces bool   // --otlp-traces
}

// A Choice says which flows are sent.
type Choice string

// The choices.
const (
	Findings Choice = "findings" // findings, what failed, and summaries
	Failures Choice = "failures" // also responses with an error
	All      Choice = "all"      // findings, and every flow
)

// Choices are the choices.
func Choices() []string { return []string{string(Findings), string(Failures), string(All)} }

// has reports whether a flow that is final is sent.
func (c Choice) has(f *flow.Flow) bool {
	switch c {
	case All:
		return true
	case Failures:
		return ending.Failed(f) || ending.Concerns(f) && refused(f)
	case Findings:
	}
	return ending.Failed(f)
}

// refused reports whether a flow has a response that is an error.
func refused(f *flow.Flow) bool {
	return f.Response != nil && (f.Response.Status >= 400 || f.AWS != nil && f.AWS.Error != nil)
}

// Config checks the options, and returns where to send. The error is a usererr.Error.
func (o Options) Config() (send.Config, error) {
	if err := o.known(); err != nil {
		return send.Config{}, err
	}
	return send.Settings{Address: o.To, Traces: o.Traces, Env: os.Getenv, ReadFile: os.ReadFile}.Config()
}

// known is the usage error of a choice that isn't one of Choices.
func (o Options) known() error {
	if slices.Contains(Choices(), o.Choice) {
		return nil
	}
	return usererr.Flagf("otlp-send", "choose one of: "+strings.Join(Choices(), " "), "--otlp-send %q is unknown", o.Choice)
}

// Missing is the usage error of options without an address, which need one; nil if none of them does.
func (o Options) Missing() error {
	flag := o.needs()
	if flag == "" {
		return nil
	}
	return usererr.Flagf(flag, "add --otlp URL to send to a collector, or name a --format to write a file", "--%s needs --%s", flag, send.Flag)
}

// needs returns the flag that has no effect for want of an address; "" if there is none.
func (o Options) needs() string {
	switch {
	case o.To != "":
	case o.Traces:
		return "otlp-traces"
	case o.Choice != "" && o.Choice != string(Findings):
		return "otlp-send"
	}
	return ""
}

// Consent says what is sent, where to, and how it is redacted. strict: the flows are recorded strictly.
func (o Options) Consent(cfg send.Config, strict bool) string {
	what := map[Choice]string{
		Findings: "findings, failed requests, and a summary per host, operation and minute",
		Failures: "findings, requests that failed or got an error, and a summary per host, operation and minute",
		All:      "findings and every request (also to hosts outside AWS)",
	}[Choice(o.Choice)]
	where := cfg.Logs.Host()
	if to := cfg.Traces.Host(); o.Traces {
		what += ", with traces"
		if to != where {
			where += " (traces: " + to + ")"
		}
	}
	replaced := "account IDs, names in ARNs and e-mail addresses are replaced; " +
		"hosts, paths of AWS's URLs, notes, addresses of servers and nameservers, and this machine's network (/24, /48) are real"
	if strict {
		replaced = "account IDs, names in ARNs, e-mail and private addresses are replaced; hosts, paths of AWS's URLs and notes are real"
	}
	return fmt.Sprintf("OTLP: sends %s to %s. Privacy profile fleet: no bodies, header fields or values of queries; %s", what, where, replaced)
}

// Report says what became of the records.
func Report(s send.Stats) string {
	text := "OTLP: " + wording.Count(s.Sent, "record") + " sent"
	if s.Rejected > 0 {
		text += fmt.Sprintf(", %d rejected", s.Rejected)
	}
	if s.Dropped > 0 {
		text += fmt.Sprintf(", %d dropped", s.Dropped)
	}
	if s.Lost() > 0 {
		text += prefixed(": ", s.Trouble)
	}
	return text
}

func prefixed(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}
