package ui

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"detour/internal/flow"
	"detour/internal/fulltest"
	"detour/ui/flowtest"
)

// TestSetFilter_asFromScratch edits a filter at random, while flows come and go, and compares the
// rows with those of a table that never had another filter.
func TestSetFilter_asFromScratch(t *testing.T) {
	pieces := strings.Fields(`a e q . 1 10 10. 403 log logs timeout fail host: url: op:Desc service: status>=400 status: is:denied
		finding: total>1s ip:10.0.0.0/8 ! - or and ( ) " , ~ é connecting`)
	pieces = append(pieces, " ", " ", " ")
	all := flowtest.Plains(1, partSize) // with the others, more than one part
	for _, f := range slices.Concat(flowtest.Story(false), flowtest.Story(true)) {
		f.ID = flow.ID(len(all) + 1)
		all = append(all, f)
	}
	m := newModel(flowtest.Start)
	text := ""
	for range fulltest.Or(80, 2000) {
		from, to := rand.IntN(3), len(all)-rand.IntN(3)
		m.accept(snapshot{flows: all[from:to], findings: flowtest.Findings(false)}, flowtest.At(13_300))
		at := rand.IntN(len(text) + 1)
		switch rand.IntN(8) {
		case 0:
			text = text[:at]
		case 1:
			text = ""
		case 2, 3:
			text = text[:at] + pieces[rand.IntN(len(pieces))] + text[at:]
		default:
			text += pieces[rand.IntN(len(pieces))]
		}
		if m.setFilter(text) != nil {
			continue
		}
		fresh := newModel(flowtest.Start)
		fresh.filter = m.filter
		fresh.accept(snapshot{flows: m.flows, findings: m.findings}, flowtest.At(13_300))
		if !slices.Equal(m.rows, fresh.rows) {
			t.Fatalf("%q shows %d rows, %d from scratch", text, len(m.rows), len(fresh.rows))
		}
	}
}
