package flow

import (
	"math"
	"time"
)

// RecordTimings are the HAR phases in milliseconds; -1 means not applicable.
type RecordTimings struct {
	Blocked float64 `json:"blocked"`
	DNS     float64 `json:"dns"`
	Connect float64 `json:"connect"`
	SSL     float64 `json:"ssl"`
	Send    float64 `json:"send"`
	Wait    float64 `json:"wait"`
	Receive float64 `json:"receive"`
}

// RecordMoments are instants in milliseconds after started; absent if they didn't happen.
type RecordMoments struct {
	GotConn      *float64 `json:"got_connection,omitempty"`
	WroteRequest *float64 `json:"wrote_request,omitempty"`
	FirstByte    *float64 `json:"first_byte,omitempty"`
	Done         *float64 `json:"done,omitempty"`
}

func recordTimings(t Timings) RecordTimings {
	ms := func(d time.Duration) float64 {
		if d == NotApplicable {
			return -1
		}
		return MS(d)
	}
	return RecordTimings{ms(t.Blocked), ms(t.DNS), ms(t.Connect), ms(t.SSL), ms(t.Send), ms(t.Wait), ms(t.Receive)}
}

// record returns nil if only the start is known.
func (t Times) record() *RecordMoments {
	m := RecordMoments{since(t.Start, t.GotConn), since(t.Start, t.WroteRequest), since(t.Start, t.FirstByte), since(t.Start, t.Done)}
	if m == (RecordMoments{}) {
		return nil
	}
	return &m
}

// since returns the milliseconds from began to at; nil if either isn't known.
func since(began, at time.Time) *float64 {
	if began.IsZero() || at.IsZero() {
		return nil
	}
	ms := MS(at.Sub(began))
	return &ms
}

// MS returns d in milliseconds, rounded to microseconds.
func MS(d time.Duration) float64 {
	return math.Round(float64(d)/float64(time.Microsecond)) / 1000
}
