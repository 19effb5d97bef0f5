package report

import (
	"bytes"
	"encoding/csv"
	"testing"

	"detour/internal/flow"
)

func TestCSV_tamesCellsAndMarksSecrets(t *testing.T) {
	f := &flow.Flow{ID: 1, Request: flow.Request{Method: "\tGET", URL: "\x1b]0;x"}, Page: "@SUM(1)", Note: "=1+1"}
	for _, raw := range []bool{false, true} {
		var b bytes.Buffer
		c := &flow.Capture{Flows: []*flow.Flow{f}, RawSecrets: raw}
		if err := CSV(&b, c, c.Each()); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(&b).ReadAll()
		if err != nil || len(rows) != 2 {
			t.Fatalf("%v, %v", rows, err)
		}
		got := make(map[string]string)
		for i, name := range rows[0] {
			got[name] = rows[1][i]
		}
		want := map[string]string{
			"method": "�GET", "url": "�]0;x", "page": "'@SUM(1)", "note": "'=1+1",
			"secrets": map[bool]string{false: "redacted", true: "kept"}[raw],
		}
		for name, v := range want {
			if got[name] != v {
				t.Errorf("%s is %q, want %q", name, got[name], v)
			}
		}
	}
}

func TestTame_noCellIsAFormula(t *testing.T) {
	for _, cell := range []string{"=1", "+1", "-1", "@x", "＝1", "＋1", "－1", "＠x", " =1", "  ＝1"} {
		if got := tame(cell); got != "'"+flow.Printable(cell) {
			t.Errorf("%q becomes %q", cell, got)
		}
	}
	for _, cell := range []string{"\t=1", "\r=1", "\n=1", "\ufeff=1", "\u200b=1", "\u00a0=1"} {
		if got := tame(cell); got != "\ufffd=1" {
			t.Errorf("%q becomes %q", cell, got)
		}
	}
	for _, cell := range []string{"", "a=1", "https://h/", "'=1"} {
		if got := tame(cell); got != cell {
			t.Errorf("%q becomes %q", cell, got)
		}
	}
}
