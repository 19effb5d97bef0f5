package table

import "testing"

// TestGroups_columnsAreWholeOrNotThere: none has less room than it needs.
func TestGroups_columnsAreWholeOrNotThere(t *testing.T) {
	for w := 40; w < 200; w++ {
		gcols := fitting(groupColumns("page"), w-1)
		cols := make([]Column, len(gcols))
		for i := range gcols {
			cols[i] = gcols[i].Column
		}
		for i, n := range spread(cols, w-1) {
			if n < cols[i].min {
				t.Errorf("%d cells: %s has %d of its %d", w, cols[i].title, n, cols[i].min)
			}
		}
	}
}

// TestDated_hasRoomForEveryColumn, on a screen of any width.
func TestDated_hasRoomForEveryColumn(t *testing.T) {
	for n := 76; n < 260; n++ {
		cols := Dated(pick(n), n-1)
		ws := spread(cols, n-1)
		for i := range cols {
			if ws[i] < cols[i].min {
				t.Fatalf("%d cells: %s has %d of its %d", n, cols[i].title, ws[i], cols[i].min)
			}
		}
	}
}
