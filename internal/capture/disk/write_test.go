package disk

import (
	"database/sql/driver"
	"fmt"
	"testing"

	"detour/internal/flow"
)

func TestWrite_anOlderRevisionChangesNothing(t *testing.T) {
	f := create(t)
	older := stuck(1)
	older.Rev, older.Request.Method, older.Request.Body = 2, "GET", []byte("older")
	write(t, f, Batch{Flows: []*flow.Flow{stuck(1)}})
	write(t, f, Batch{Flows: []*flow.Flow{older}})
	same(t, "the newest", all(t, f, Query{Bodies: true}), []*flow.Flow{stuck(1)})
}

func TestWrite_aReusedConnectionIsWrittenIfItIsNotYet(t *testing.T) {
	f := create(t)
	first, second := stuck(1), stuck(2)
	first.Reused, second.Reused, second.Conn = true, true, first.Conn
	write(t, f, Batch{Flows: []*flow.Flow{first}}) // whose dial was of a flow that was dropped
	later := *first.Conn
	later.Authority = "elsewhere:443"
	second.Conn = &later
	write(t, f, Batch{Flows: []*flow.Flow{second}})
	got := all(t, f, Query{})
	if len(got) != 2 || got[0].Conn.Authority != first.Conn.Authority {
		t.Fatalf("%+v", got)
	}
	owner := stuck(3)
	owner.Conn = &later
	write(t, f, Batch{Flows: []*flow.Flow{owner}})
	if got := all(t, f, Query{}); got[0].Conn.Authority != later.Authority {
		t.Error("the flow that dialed has the last word, and is not heard")
	}
}

func TestWrite_bodiesHaveABoundAndAreCountedOnce(t *testing.T) {
	f := create(t)
	f.write.maxBodies = 7
	body := func(id flow.ID, rev uint32) *flow.Flow {
		x := stuck(id)
		x.Rev = rev
		return x
	}
	write(t, f, Batch{Flows: []*flow.Flow{body(1, 3), body(2, 3)}, Omitted: &flow.Omitted{Bodies: 7}})
	write(t, f, Batch{Flows: []*flow.Flow{body(1, 4)}}) // a mark
	if f.write.bodies != 4 || count(t, f, "EXISTS (SELECT 1 FROM bodies b WHERE b.flow = f.id)") != 2 {
		t.Errorf("%d bytes are counted", f.write.bodies)
	}
	write(t, f, Batch{Flows: []*flow.Flow{body(3, 3), body(4, 3)}, Omitted: &flow.Omitted{Bodies: 7}})
	about, err := f.About(t.Context())
	if err != nil || about.Omitted.Bodies != 8 || count(t, f, "EXISTS (SELECT 1 FROM bodies b WHERE b.flow = f.id)") != 3 {
		t.Errorf("%+v, %v", about.Omitted, err)
	}
}

func TestWrite_aBatchThatFailsLeavesNothing(t *testing.T) {
	f := create(t)
	room := func(pages int) {
		if _, err := f.db.Exec(fmt.Sprintf("PRAGMA max_page_count = %d", pages)); err != nil {
			t.Fatal(err)
		}
	}
	f.write.maxBodies = 2
	var flows []*flow.Flow
	for id := range flow.ID(200) {
		x := stuck(id + 1)
		x.Reused, x.Conn = true, stuck(1).Conn
		flows = append(flows, x)
	}
	room(1)
	if f.Write(Batch{Flows: flows}) == nil {
		t.Fatal("there is room")
	}
	if n := count(t, f, ""); n != 0 || f.write.bodies != 0 || f.write.forgot != 0 {
		t.Errorf("%d flows are there, %d bytes and %d bodies left out are counted", n, f.write.bodies, f.write.forgot)
	}
	room(1 << 30)
	write(t, f, Batch{Flows: flows})
	got := all(t, f, Query{Bodies: true})
	if len(got) != 200 || got[199].Conn == nil || got[199].Conn.Authority == "" || f.write.bodies != 2 || f.write.forgot != 199 {
		t.Errorf("%d flows, %d bytes of bodies, %d left out", len(got), f.write.bodies, f.write.forgot)
	}
}

// The driver gives up a connection whose query was interrupted.
func TestWrite_goesOnWithAnotherConnectionToTheDatabase(t *testing.T) {
	f := create(t)
	lose := func() {
		conn, err := f.db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.Raw(func(any) error { return driver.ErrBadConn })
		_ = conn.Close()
	}
	write(t, f, Batch{Flows: []*flow.Flow{stuck(1)}})
	lose()
	write(t, f, Batch{Flows: []*flow.Flow{stuck(2)}})
	same(t, "the flows", all(t, f, Query{Bodies: true}), []*flow.Flow{stuck(1), stuck(2)})
	lose() // before it is closed
}
