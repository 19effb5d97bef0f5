"use strict";
// The rows that the page has, and which of them it shows. Nothing here touches the document.

const maxRows = 50000; // the oldest go

class Store {
  constructor(setup) {
    this.setup = setup;
    this.clear();
    this.view = 0; // index in setup.views
    this.within = null; // {group, key}: only the rows of one group
    this.matching = null; // Set of IDs that the filter selects; null: there is no filter
    this.only = null; // {label, ids}: only the flows of a finding
    this.search = null; // a function of a row, where no engine filters; null: none
  }

  clear() {
    this.rows = new Map(); // by ID
    this.ids = []; // increasing
    this.list = []; // the rows of ids
    this.claimed = new Set(); // IDs that a problem lists
    this.findings = [];
    this.steps = [];
    this.dropped = 0; // rows that there was no room for
    this.lost = 0; // events that were left out
  }

  // add takes a row, in place of an older one of its flow.
  add(row) {
    const had = this.rows.get(row.id);
    if (had && had.rev > row.rev) return;
    this.rows.set(row.id, row);
    row.received = Date.now();
    const last = this.ids.length - 1, i = last < 0 || this.ids[last] < row.id ? last + 1 : lowerBound(this.ids, row.id);
    if (!had) this.ids.splice(i, 0, row.id);
    this.list.splice(i, had ? 1 : 0, row);
    if (this.ids.length <= maxRows + 500) return;
    for (const id of this.ids.splice(0, 500)) this.rows.delete(id);
    this.list.splice(0, 500);
    this.dropped += 500;
  }

  remove(ids) {
    for (const id of ids) this.rows.delete(id);
    this.ids = this.ids.filter((id) => this.rows.has(id));
    this.list = this.ids.map((id) => this.rows.get(id));
  }

  find(list) {
    this.findings = list;
    this.claimed = new Set(list.filter((f) => f.level === "problem").flatMap((f) => f.flows));
  }

  rank(row) {
    return this.claimed.has(row.id) ? 3 : row.rank;
  }

  // bits are those of the views that show a row.
  bits(row) {
    return row.views[this.claimed.size && this.claimed.has(row.id) ? 1 : 0];
  }

  // viewed counts the rows of each view.
  viewed() {
    const n = this.setup.views.length, same = new Uint32Array(1 << n); // rows with the same bits
    for (const row of this.list) same[this.bits(row)]++;
    const counts = new Array(n).fill(0);
    same.forEach((rows, bits) => {
      for (let i = 0; rows && i < n; i++) if ((bits >> i) & 1) counts[i] += rows;
    });
    return counts;
  }

  // chosen returns the rows of the view that the filter selects, in the order of their IDs.
  chosen() {
    const { only, matching, search, within, view } = this;
    return this.list.filter((row) =>
      (only ? only.ids.has(row.id) : (this.bits(row) >> view) & 1) && (!matching || matching.has(row.id)) &&
      (!search || search(row)) && (!within || wholeOf(row.keys[within.group]) === within.key));
  }

  // items returns what the table shows: rows with the steps between them, or groups.
  items() {
    const rows = this.chosen(), name = this.setup.views[this.view].group;
    if (name && !this.within && !this.only) return groupsOf(rows, this.setup.groups.indexOf(name), (row) => this.rank(row));
    return withSteps(rows, this.steps, !this.only && !this.matching && !this.search && !this.within);
  }
}

// lowerBound returns the index of the first ID that isn't lower.
function lowerBound(ids, id) {
  let a = 0, b = ids.length;
  while (a < b) {
    const m = (a + b) >> 1;
    if (ids[m] < id) a = m + 1;
    else b = m;
  }
  return a;
}

// withSteps puts each step before the first row that started after it. Those after all rows are
// there if the rows are whole: nothing was selected.
function withSteps(rows, steps, whole) {
  if (!steps.length) return rows;
  const out = [];
  let next = 0;
  for (const row of rows) {
    while (next < steps.length && row.at && steps[next].time <= row.at) out.push(steps[next++]);
    out.push(row);
  }
  return whole ? out.concat(steps.slice(next)) : out;
}

// groupsOf sums up rows by their key. Groups that need attention come first.
function groupsOf(rows, index, rankOf) {
  const groups = new Map();
  for (const row of rows) {
    const name = row.keys[index], key = wholeOf(name), rank = rankOf(row);
    let g = groups.get(key);
    if (!g) groups.set(key, (g = { group: index, key, name, flows: 0, failed: 0, errors: 0, pending: 0, rank: 0, slowest: 0, running: false, worst: row }));
    g.flows++;
    if (row.open) g.pending++;
    else if (row.end === "failed") g.failed++;
    else if (row.end === "error") g.errors++;
    if (row.ms > g.slowest) [g.slowest, g.running] = [row.ms, row.open];
    if (rank >= g.rank) [g.rank, g.worst] = [rank, row];
  }
  return [...groups.values()].sort((a, b) =>
    b.rank - a.rank || b.failed + b.errors - a.failed - a.errors || b.flows - a.flows || (a.key < b.key ? -1 : 1));
}
