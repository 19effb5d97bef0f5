package disk

import (
	"net/netip"
	"reflect"
	"testing"
	"time"

	"detour/internal/capture"
	"detour/internal/flow"
)

// aCheck is a watch of one host in a state, with everything that is stored.
func aCheck(outcome flow.CheckOutcome) flow.Check {
	at := func(s int) time.Time { return time.Date(2026, 11, 24, 9, 0, s, 0, time.UTC) }
	addr := netip.MustParseAddrPort("10.0.1.23:443")
	return flow.Check{
		Kind: flow.CheckWatch, Codes: []string{"a-code"}, Began: at(0), Ended: at(30), Outcome: outcome,
		Hosts: []flow.HostCheck{{
			Authority: "logs.eu-west-1.amazonaws.com:443", Flow: 7, Works: true, Since: at(20),
			DNS: []flow.CheckAnswer{
				{At: at(0), Outcome: flow.DNSNXDomain, Err: "no such name"}, {At: at(9), Outcome: flow.DNSOK, Addrs: []netip.Addr{addr.Addr()}},
			},
			Addresses: []flow.AddressCheck{{
				Last: flow.Later{
					Kind: flow.LaterWatch, At: at(30), Addr: addr, Outcome: flow.DialConnected, Took: time.Millisecond, Status: 403, InRow: 3,
				},
				Tries: 6, Answered: 4, InRow: 3, Flaps: 1, Failed: at(1), Since: at(20),
			}},
		}},
	}
}

func TestRecorder_writesEachStateOfACheck(t *testing.T) {
	f := create(t)
	store := capture.New(capture.Options{})
	r := Record(store, f, RecorderOptions{})
	goes := aCheck(flow.CheckPending)
	goes.ID = store.PutCheck(goes)
	r.Close()
	r = Record(store, f, RecorderOptions{})
	over := aCheck(flow.CheckWorks)
	over.ID = goes.ID
	store.PutCheck(over)
	other := aCheck(flow.CheckStopped)
	other.ID = store.PutCheck(other)
	r.Close()
	path := f.Path
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := reopened(t, Open, path).About(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if want := []*flow.Check{&over, &other}; !reflect.DeepEqual(got.Checks, want) {
		t.Errorf("read\n%+v, want\n%+v", got.Checks, want)
	}
}

func TestPutCheck_ofAFileThatIsEditedTakesTheNextID(t *testing.T) {
	f := create(t)
	path := f.Path
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	edited := reopened(t, Edit, path)
	for want := 1; want <= 2; want++ {
		if id, err := edited.PutCheck(aCheck(flow.CheckWorks)); err != nil || id != want {
			t.Errorf("ID %d, %v, want %d", id, err, want)
		}
	}
	if _, err := edited.db.Exec("UPDATE checks SET record = replace(record, 'works', 'wo\x1brks')"); err != nil {
		t.Fatal(err)
	}
	if got, err := edited.About(t.Context()); err == nil || len(got.Checks) > 0 {
		t.Errorf("a forged word is read: %+v", got.Checks)
	}
}
