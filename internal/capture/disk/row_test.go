package disk

import (
	"net/netip"
	"slices"
	"testing"

	"detour/internal/flow"
)

func TestRow_hasTheHostInLowerCaseAndTheAddressThatWasTriedLast(t *testing.T) {
	f := create(t)
	x := stuck(1)
	x.Request.URL = "https://Logs.EU-central-1.amazonaws.com/"
	x.Conn.Attempts = append(x.Conn.Attempts, flow.DialAttempt{Addr: netip.MustParseAddrPort("10.0.2.24:443"), Outcome: flow.DialRefused, Start: began})
	write(t, f, Batch{Flows: []*flow.Flow{x}})
	if n := count(t, f, "host = 'logs.eu-central-1.amazonaws.com' AND address = '10.0.2.24:443' AND tcp = 'refused' AND scope = 'private'"); n != 1 {
		t.Error("it isn't found by them")
	}
}

func TestRow_aConnectionWithoutANumberStaysWithItsFlow(t *testing.T) {
	f := create(t)
	x := stuck(1)
	x.Conn.ID = 0
	x.Request.BodyTruncated = true
	write(t, f, Batch{Flows: []*flow.Flow{x}})
	same(t, "the flow", all(t, f, Query{Bodies: true}), []*flow.Flow{x})
}

func TestFlows_comeByIDHoweverManyAreChosen(t *testing.T) {
	f := create(t)
	var flows []*flow.Flow
	for id := range flow.ID(1500) {
		x := stuck(id + 1)
		if id%3 == 0 {
			x.Failure, x.Response = nil, &flow.Response{Status: 200}
		}
		flows = append(flows, x)
	}
	write(t, f, Batch{Flows: flows})
	var ids []flow.ID
	for _, x := range all(t, f, Query{Max: 1400}) {
		ids = append(ids, x.ID)
	}
	if len(ids) != 1400 || !slices.IsSorted(ids) {
		t.Errorf("%d flows, sorted: %v", len(ids), slices.IsSorted(ids))
	}
}
