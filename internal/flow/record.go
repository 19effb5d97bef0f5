package flow

import (
	"encoding/json"
	"time"
)

// A Record is the flow record, version 1: the stable JSON form of a Flow for scripts, one
// object a line. Absent facts are absent keys. Times are RFC 3339 in UTC, durations
// milliseconds, sizes bytes.
type Record struct {
	V          int                 `json:"v"`
	ID         ID                  `json:"id"`
	Rev        uint32              `json:"rev"`
	Final      bool                `json:"final"`
	State      State               `json:"state,omitempty"` // absent when final
	Source     Source              `json:"source"`
	Exporter   Exporter            `json:"exporter,omitempty"` // of the HAR that it was read from
	Started    time.Time           `json:"started"`
	Origin     Origin              `json:"origin"`
	Why        []Evidence          `json:"why"`
	AWS        *RecordAWS          `json:"aws,omitempty"`
	Vends      bool                `json:"credential_vend,omitempty"` // its bodies hold credentials
	Page       string              `json:"page,omitempty"`
	Request    RecordRequest       `json:"request"`
	Response   *RecordResponse     `json:"response,omitempty"`
	Failure    *RecordFailure      `json:"failure,omitempty"`
	Connection *RecordConnection   `json:"connection,omitempty"`
	Unused     []*RecordConnection `json:"unused_connections,omitempty"`      // connections that it started to dial and didn't use
	UnusedMore int                 `json:"unused_connections_more,omitempty"` // the number of further ones
	Later      []RecordLater       `json:"later,omitempty"`                   // learned after the connection was made
	WebSocket  *RecordMessages     `json:"websocket,omitempty"`
	Timings    RecordTimings       `json:"timings"`
	Moments    *RecordMoments      `json:"moments_ms,omitempty"`
	Note       string              `json:"note"`
	Marked     bool                `json:"marked"`
	Findings   Codes               `json:"findings"`
	Shortened  []Part              `json:"shortened,omitempty"`   // parts of which something was left out
	RawSecrets bool                `json:"raw_secrets,omitempty"` // nothing was redacted, as the user chose
	Simulated  bool                `json:"simulated,omitempty"`   // of the demo: AWS, network and browser are simulated
	Privacy    string              `json:"privacy,omitempty"`     // PrivacyStrict, or ""
}

// PrivacyStrict is the record's "privacy" if identities were replaced by stand-ins.
const PrivacyStrict = "strict"

// MarshalJSON returns the flow as its record.
func (f *Flow) MarshalJSON() ([]byte, error) { return json.Marshal(f.Record()) }

// Record returns the stable form of [Flow.Bounded]. It shares the slices.
func (f *Flow) Record() Record { return f.Bounded().record() }

func (f *Flow) record() Record {
	r := Record{
		V: 1, ID: f.ID, Rev: f.Rev, Final: f.Final(), Source: f.Source, Exporter: f.Exporter,
		Started: f.Times.Start.UTC(), Origin: f.Origin, Why: list(f.Why), Page: f.Page, Vends: f.CredentialVend,
		Request: RecordRequest{
			Method: f.Request.Method, URL: f.Request.URL, Proto: f.Request.Proto,
			Headers: pairs(f.Request.Headers), BodySize: f.Request.BodySize, RecordBody: recordBody(f.Request.Body, f.Request.BodyTruncated),
		},
		Moments: f.Times.record(),
		Timings: recordTimings(f.Timings()),
		Note:    f.Note, Marked: f.Marked, Findings: list(f.Findings),
		UnusedMore: f.UnusedMore, Later: recordLater(f.Later), Shortened: f.Shortened,
	}
	if !f.Final() {
		r.State = f.State
	}
	if f.Strict {
		r.Privacy = PrivacyStrict
	}
	if a := f.AWS; a != nil {
		r.AWS = a.Record()
	}
	if p := f.Response; p != nil {
		r.Response = &RecordResponse{p.Status, p.Proto, pairs(p.Headers), p.BodySize, p.Traits, recordBody(p.Body, p.BodyTruncated)}
	}
	if x := f.Failure; x != nil {
		r.Failure = &RecordFailure{x.Stage, x.Message, x.Plaintext, x.Reset, x.Kind, x.NotSent, x.Unprocessed}
	}
	r.Connection = f.recordConnection()
	for _, c := range f.Unused {
		r.Unused = append(r.Unused, c.record())
	}
	if m := f.Messages; m != nil {
		r.WebSocket = &RecordMessages{
			RecordCount{m.Sent.Count, m.Sent.Bytes}, RecordCount{m.Received.Count, m.Received.Bytes}, m.CloseCode, m.ClosedBy,
		}
	}
	return r
}

// list replaces nil by an empty slice, which is [] and not null in JSON.
func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
