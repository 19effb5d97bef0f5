package probe

import (
	"slices"

	"detour/internal/flow"
)

// A Record is a result as detour probe writes it: a flow record, and every try of every
// address.
type Record struct {
	flow.Record
	Addresses []AddressRecord `json:"addresses"`
}

// An AddressRecord is one try of one address.
type AddressRecord struct {
	Connection *flow.RecordConnection `json:"connection,omitempty"`
	Stage      flow.Stage             `json:"failed_at,omitempty"`
	Message    string                 `json:"message,omitempty"`
	Answer     *AnswerRecord          `json:"answer,omitempty"`
}

// An AnswerRecord is the response to a request without credentials.
type AnswerRecord struct {
	Status    int     `json:"status"`
	Server    string  `json:"server,omitempty"`
	RequestID string  `json:"request_id,omitempty"`
	MS        float64 `json:"ms"`
}

// Record returns the result's record.
func (r Result) Record() Record {
	rec := Record{Record: r.Flow.Record(), Addresses: []AddressRecord{}}
	for _, t := range r.Tries {
		a := AddressRecord{Connection: (&flow.Flow{Conn: t.Conn}).Record().Connection, Stage: t.Stage, Message: t.Err}
		if t.Answer != nil {
			a.Answer = &AnswerRecord{t.Answer.Status, t.Answer.Server, t.Answer.RequestID, flow.MS(t.Answer.Took)}
		}
		rec.Addresses = append(rec.Addresses, a)
	}
	return rec
}

// A Proven is a record with the findings that are about it, in place of their codes, and the account
// that proved them.
type Proven struct {
	Record
	Findings []flow.RecordFinding `json:"findings"`
	Account  *flow.AccountReport  `json:"account"`
}

// Proven returns the result's record with those of the findings that are about it.
func (r Result) Proven(found []flow.Finding, by *flow.AccountReport) Proven {
	rec := Proven{Record: r.Record(), Findings: []flow.RecordFinding{}, Account: by}
	for _, f := range found {
		if slices.Contains(f.Flows, r.Flow.ID) {
			rec.Findings = append(rec.Findings, f.Record())
		}
	}
	return rec
}
