// Package otlp writes flows, findings and summaries in the form of the OpenTelemetry protocol: OTLP 1.11,
// Protocol Buffers, opentelemetry.io/docs/specs/otlp. An [Encoder] makes log records and spans of them, and
// requests for a collector of those. Names are those of the semantic conventions 1.44.
//
// Free texts aren't written: no message of an error, no header field, no body, no value of a query. What is
// written of a flow is as it was redacted; addresses of the machine are cut down to their network.
package otlp

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"strconv"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"detour/internal/flow"
)

// A Resource is what the records of a run have in common.
type Resource struct {
	Version      string // of detour
	Run          string // the run's ID: another run has another one
	Installation string // the installation's ID, which is random, and not the name of the machine; "": it isn't known
	Simulated    bool   // the network, AWS and the browser were simulated, as in the demo
	Strict       bool   // the flows were recorded strictly: their addresses are stand-ins
}

// An Encoder encodes the records of one run. It is immutable.
type Encoder struct {
	run     string
	version string
	common  []byte // the Resource
}

// schema is the version of the semantic conventions.
const schema = "https://opentelemetry.io/schemas/1.44.0"

// scope is the name of the instrumentation scope, and of the service.
const scope = "detour"

// New returns the Encoder of a run.
func New(r Resource) *Encoder {
	var a message
	a.text(attrServiceName, scope)
	a.text(attrServiceVersion, r.Version)
	a.text(attrServiceInstance, r.Run)
	a.text(attrHostID, r.Installation)
	if r.Simulated {
		a.boolean(attrSimulated, true)
	}
	if r.Strict {
		a.text(attrPrivacy, flow.PrivacyStrict)
	}
	return &Encoder{run: r.Run, version: r.Version, common: a.as(resourceAttributes)}
}

// Logs returns the request that sends log records: an ExportLogsServiceRequest.
func (e *Encoder) Logs(records ...[]byte) []byte { return e.request(records) }

// Traces returns the request that sends spans: an ExportTraceServiceRequest.
func (e *Encoder) Traces(spans ...[]byte) []byte { return e.request(spans) }

// request is either request: their fields have the same numbers.
func (e *Encoder) request(records [][]byte) []byte {
	const (
		requestResources = 1
		resourceItself   = 1
		resourceScopes   = 2
		resourceSchema   = 3
		scopeItself      = 1
		scopeRecords     = 2
		scopeSchema      = 3
		scopeName        = 1
		scopeVersion     = 2
	)
	var of, all, one message
	of.string(scopeName, scope)
	of.string(scopeVersion, e.version)
	one.bytes(scopeItself, of)
	for _, r := range records {
		one.bytes(scopeRecords, r)
	}
	one.string(scopeSchema, schema)
	all.bytes(resourceItself, e.common)
	all.bytes(resourceScopes, one)
	all.string(resourceSchema, schema)
	var out message
	out.bytes(requestResources, all)
	return out
}

// Rejected reads the response to a request: how many of its records the collector rejected, and why. An
// empty response is that of a collector that took all.
func Rejected(response []byte) (n int64, why string, err error) {
	const (
		partialSuccess  = 1
		rejectedRecords = 1
		errorMessage    = 2
	)
	err = fields(response, func(num protowire.Number, _ uint64, b []byte) error {
		if num != partialSuccess {
			return nil
		}
		return fields(b, func(num protowire.Number, v uint64, b []byte) error {
			switch num { //nolint:exhaustive // it has no others
			case rejectedRecords:
				n = int64(v) //nolint:gosec // a negative one isn't counted
			case errorMessage:
				why = string(b)
			}
			return nil
		})
	})
	return max(0, n), why, err
}

// trace is the ID of a flow's trace, and span that of its request.
func (e *Encoder) trace(f *flow.Flow) (trace, span []byte) {
	id := e.id("flow", f.ID)
	return id[:16], id[16:24]
}

// id is an ID that is the same each time a run's records are made.
func (e *Encoder) id(kind string, id flow.ID) [32]byte {
	return sha256.Sum256([]byte(e.run + "\x00" + kind + "\x00" + strconv.FormatUint(uint64(id), 10)))
}

// child is the span ID of the nth part of what another one is of.
func child(of [32]byte, n int) []byte {
	sum := sha256.Sum256(binary.AppendUvarint(of[:], uint64(n))) //nolint:gosec // it isn't negative
	return sum[:8]
}

// nanoseconds are those since 1970; 0 if an instant isn't known, or isn't between 1970 and 2262.
func nanoseconds(t time.Time) uint64 {
	if s := t.Unix(); s < 0 || s >= math.MaxInt64/int64(time.Second) {
		return 0
	}
	return uint64(t.UnixNano()) //nolint:gosec // it isn't negative
}
