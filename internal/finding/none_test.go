package finding

import (
	"testing"

	"detour/internal/flow"
)

func TestNone_saysOfHowMuch(t *testing.T) {
	some := []*flow.Flow{{ID: 1}}
	const part = "no findings in the part that could be read: no request in it matches a pattern that detour knows"
	for _, c := range []struct {
		of   flow.Capture
		want string
	}{
		{flow.Capture{Flows: some}, "no findings: no request matches a pattern that detour knows"},
		{flow.Capture{Flows: []*flow.Flow{
			{ID: 1, Origin: flow.OriginDirect, State: flow.StateConnecting},
			{ID: 2, Origin: flow.OriginOther, State: flow.StateConnecting},
			{ID: 3, Origin: flow.OriginDirect, State: flow.StateDone, Failure: &flow.Failure{Kind: flow.KindPending}},
			{ID: 4, Origin: flow.OriginDirect, State: flow.StateDone, Response: &flow.Response{Status: 200}},
		}}, "no findings: no request matches a pattern that detour knows, and 2 requests had no response yet"},
		{flow.Capture{}, "no findings: there are no requests to analyse"},
		{flow.Capture{Flows: some, Unread: flow.Unread{AtLeast: true}}, part},
		{flow.Capture{Flows: some, Omitted: flow.Omitted{Unread: 2}}, part}, // exported from a damaged file
		{flow.Capture{Omitted: flow.Omitted{Unread: 2}}, part},
		{
			flow.Capture{Flows: some, Selected: 2500},
			"no findings in 1 of 2500 requests: none of those that were analysed matches a pattern that detour knows",
		},
	} {
		if got := None(&c.of); got != c.want {
			t.Errorf("%+v: %s; want %s", c.of, got, c.want)
		}
	}
}
