"use strict";
// The columns of the table: those of rows are the terminal's, as the setup has them.

const barCells = (cells) => (cells < 95 ? 0 : cells < 150 ? 18 : 22); // width of the waterfall in so many cells

// rowSchema returns the columns of rows for so many cells, as the terminal chooses them. If there
// is room, a waterfall takes what they leave.
function rowSchema(setup, cells) {
  const bar = barCells(cells);
  const layout = setup.layouts.find((l) => cells - (bar ? bar + 1 : 0) >= l.from);
  const { widths } = spread(layout.columns, cells - (bar ? bar + 1 : 0));
  const schema = layout.columns.map(([index], i) => ({
    ...setup.columns[index], index, width: widths[i], sign: index === 0, note: setup.columns[index].title === "CALL",
  }));
  schema[0].doc = "Attention";
  if (bar) schema.push({ title: "", doc: "Waterfall", bar: true, width: bar });
  return schema;
}

// groupSchema returns the columns of groups for so many cells. The last ones go first where there
// is no room.
function groupSchema(cells, name) {
  const number = (title, doc, of, tone) => ({
    title, doc, width: Math.max(6, title.length), right: true, text: (g) => (of(g) ? [String(of(g)), tone] : ["", "d"]),
  });
  const columns = [
    { title: "", doc: "Attention", width: 2, sign: true },
    { title: name.toUpperCase(), doc: "What the flows are grouped by", width: 28, text: (g, setup, width) => (g.key ? [shortOf(g.name, width), "p", g.key] : ["(none)", "d"]) },
    { title: "WORST", doc: "The outcome of the worst flow", width: 22, text: (g, setup, width) => worstOf(g.worst, setup, width) },
    number("FLOWS", "The number of flows", (g) => g.flows, "p"),
    number("FAILED", "Finished flows without a complete response", (g) => g.failed, "b"),
    number("ERRORS", "Finished flows with an error response", (g) => g.errors, "b"),
    number("PENDING", "Flows that aren't finished", (g) => g.pending, "d"),
    {
      title: "SLOWEST", doc: "The longest time of a flow", width: 9, right: true,
      text: (g) => [duration(g.slowest) + (g.running ? "…" : ""), g.running ? "d" : "p"],
    },
  ];
  let left = cells;
  const out = columns.filter((c, i) => {
    if (i > 1 && c.width + 1 > left) return false;
    left -= c.width + 1;
    return true;
  });
  out[1].width += Math.min(Math.max(0, left), 52);
  return out;
}

function worstOf(row, setup, width) {
  const i = setup.columns.findIndex((c) => c.title === "RESULT");
  return [shortOf(row.cells[i], width), row.tones[i]];
}
