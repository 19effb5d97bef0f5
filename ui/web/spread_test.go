package web_test

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"testing"

	"detour/ui/table"
	"detour/ui/web"
)

// TestSpread_isTheTerminals: the script divides every width among the columns as the table of the
// terminal does.
func TestSpread_isTheTerminals(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("needs node")
	}
	words, err := filepath.Abs("words.js")
	if err != nil {
		t.Fatal(err)
	}
	const script = `
		const vm = require("vm"), fs = require("fs"), [, words, setup] = process.argv;
		const context = vm.createContext({ Intl, TextEncoder });
		vm.runInContext(fs.readFileSync(words, "utf8"), context);
		const spread = vm.runInContext("spread", context), layouts = JSON.parse(setup).layouts;
		const all = {};
		for (let cells = 40; cells < 260; cells++) all[cells] = spread(layouts.find((l) => cells >= l.from).columns, cells - 1).widths;
		console.log(JSON.stringify(all));`
	out, err := exec.Command(node, "-e", script, words, string(web.New(web.Options{}).Setup())).Output()
	if err != nil {
		t.Fatal(err)
	}
	var got map[int][]int
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	if len(got) != 220 {
		t.Errorf("%d widths", len(got))
	}
	for cells, widths := range got {
		want := table.Choice(nil).Widths(cells)
		for i, c := range table.Choice(nil).Columns(cells) {
			if widths[i] != want[c.Name] {
				t.Errorf("%d cells: column %d (%s) has %d, want %d", cells, i, c.Name, widths[i], want[c.Name])
			}
		}
	}
}
