"use strict";
// The table. It has elements for the rows in sight alone, in their order, and moves them while
// the table scrolls: 50,000 rows cost no more than 50.

const overscan = 3; // rows before and after those in sight

class Grid {
  // on has what the page does: open(item), moved(item), follow(bool).
  constructor(root, store, on) {
    this.store = store;
    this.on = on;
    this.items = [];
    this.selected = -1; // index
    this.following = true;
    this.hostID = 0;
    this.els = []; // of the rows in sight, in their order
    this.first = 0; // index of the first one's item
    this.generation = 0; // increases when every row has to be written again
    this.figures = new Figures();

    this.grid = element("div", { class: "grid", role: "grid", tabindex: "0", "aria-label": "Flows", "aria-readonly": "true" });
    this.head = element("div", { class: "row titles", role: "row", "aria-rowindex": "1" });
    const head = element("div", { class: "head", role: "rowgroup" }, this.head);
    this.body = element("div", { class: "body", role: "rowgroup" });
    this.grid.append(head, this.body);
    this.empty = element("p", { class: "empty" });
    root.append(this.grid, this.empty);

    this.frame = this.frame.bind(this);
    this.grid.addEventListener("scroll", () => {
      const at = this.grid.scrollTop;
      if (this.following && Math.abs(at - this.expected) > 2 && at < this.expected) this.follow(false);
      this.schedule();
    }, { passive: true });
    this.body.addEventListener("click", (e) => {
      const el = e.target.closest(".row");
      if (!el || !el.item) return;
      this.select(el.index);
      this.on.open(el.item);
    });
    this.body.addEventListener("pointerover", (e) => {
      const el = e.target.closest(".row");
      if (el && el.item && el.item.phases && e.target.className === "bar") e.target.title = phasesText(el.item.phases);
    });
    new ResizeObserver(() => this.layout()).observe(root);
  }

  // layout chooses the columns for the width.
  layout() {
    if (!this.width()) return; // it isn't shown
    const probe = element("span", { class: "probe" });
    probe.textContent = "0".repeat(100);
    this.grid.append(probe);
    this.cell = probe.getBoundingClientRect().width / 100;
    probe.remove();
    this.rowHeight = parseFloat(getComputedStyle(this.grid).getPropertyValue("--row")) || 20;
    const cells = Math.floor(this.width() / this.cell) - 2;
    const grouped = this.grouped();
    const key = this.width() + " " + cells + (grouped ? "g" : "r");
    if (this.laidOut !== key) {
      this.laidOut = key;
      this.schema = grouped ? groupSchema(cells, this.store.setup.groups[this.items[0].group]) : rowSchema(this.store.setup, cells);
      this.grid.setAttribute("aria-colcount", this.schema.length);
      this.measure();
      this.titles();
      this.els = [];
      this.body.replaceChildren();
    }
    this.generation++;
    this.schedule();
  }

  // width is that of the table, or of paper, in pixels.
  width() {
    return this.paper ? this.paper.width : this.grid.clientWidth;
  }

  // measure gives each column its place, in pixels. The waterfall, the last one, has what remains.
  measure() {
    let left = Math.round(this.cell);
    for (const c of this.schema) {
      c.left = left;
      c.px = c.bar ? Math.max(0, this.width() - left - 8) : Math.ceil(c.width * this.cell + 1);
      left += c.px + Math.round(this.cell);
    }
  }

  // put puts an element in its column. Cells have fixed places: new texts don't move others.
  put(el, c) {
    el.style.left = c.left + "px";
    el.style.width = c.px + "px";
    return el;
  }

  grouped() {
    return this.items.length > 0 && this.items[0].group !== undefined;
  }

  titles() {
    this.head.replaceChildren(...this.schema.map((c, i) => {
      const el = element("span", { role: "columnheader", "aria-colindex": i + 1, class: c.right ? "cell right" : "cell" });
      el.textContent = c.title;
      if (!c.title) el.append(unseen(c.doc));
      else if (c.doc) el.title = c.doc;
      if (c.bar) {
        this.ticks = element("span", { class: "ticks", "aria-hidden": "true" });
        el.append(this.ticks);
      }
      return this.put(el, c);
    }));
  }

  // show replaces the items. The selected one stays selected while it is among them.
  show(items, why) {
    const was = this.items[this.selected], grouped = this.grouped();
    this.items = items;
    if (this.grouped() !== grouped) this.laidOut = "";
    this.selected = was ? indexOf(items, was, this.selected) : -1;
    this.empty.textContent = items.length ? "" : why;
    this.grid.setAttribute("aria-rowcount", items.length + 1);
    this.body.style.height = items.length * this.rowHeight + "px";
    if (!this.laidOut) this.layout();
    if (this.following && !this.grouped()) this.toEnd();
    this.schedule();
  }

  toEnd() {
    this.selected = this.items.findLastIndex((item) => !isStep(item));
    this.grid.scrollTop = this.expected = Math.max(0, this.items.length * this.rowHeight + this.headHeight() - this.grid.clientHeight);
  }

  headHeight() {
    return this.rowHeight + 5;
  }

  follow(on) {
    this.following = on;
    if (on) this.toEnd();
    this.on.follow(on);
    this.schedule();
  }

  // beyond returns the index of the first row from i on, in steps of 1 or -1, that isn't a step of the
  // user's; -1 if there is none.
  beyond(i, step) {
    while (this.items[i] && isStep(this.items[i])) i += step;
    return this.items[i] ? i : -1;
  }

  // select selects a row. A step between rows can't be selected: the next row is, in the direction
  // of the move, or else in the other one.
  select(i) {
    if (!this.items.length) return;
    const step = i < this.selected ? -1 : 1;
    i = Math.max(0, Math.min(this.items.length - 1, i));
    const to = this.beyond(i, step);
    i = to < 0 ? this.beyond(i, -step) : to;
    if (i < 0) return;
    if (this.following && i < this.items.length - 1) this.follow(false);
    this.selected = i;
    const top = i * this.rowHeight, inner = this.grid.clientHeight - this.headHeight();
    if (top < this.grid.scrollTop) this.grid.scrollTop = top;
    else if (top + this.rowHeight > this.grid.scrollTop + inner) this.grid.scrollTop = top + this.rowHeight - inner;
    this.on.moved(this.items[i]);
    this.schedule();
  }

  selectID(id) {
    const i = this.items.findIndex((item) => item.id === id);
    if (i >= 0) this.select(i);
    return i >= 0;
  }

  item() {
    return this.items[this.selected];
  }

  page() {
    return Math.max(1, Math.floor((this.grid.clientHeight - this.headHeight()) / this.rowHeight) - 1);
  }

  schedule() {
    if (this.scheduled) return;
    this.scheduled = true;
    requestAnimationFrame(this.frame);
  }

  // frame writes the rows in sight, and measures what script and layout took.
  frame() {
    this.scheduled = false;
    if (!this.schema) return;
    this.figures.begin();
    this.write();
    void this.grid.scrollHeight; // the layout belongs to this frame
    this.figures.end();
  }

  write() {
    const height = this.paper ? this.paper.rows * this.rowHeight : this.grid.clientHeight, top = this.paper ? 0 : this.grid.scrollTop;
    const from = Math.max(0, Math.floor(top / this.rowHeight) - overscan);
    const to = Math.min(this.items.length, Math.ceil((top + height) / this.rowHeight) + overscan);
    this.place(from, Math.max(0, to - from));
    const now = Date.now();
    const rows = this.items.slice(Math.floor(top / this.rowHeight), Math.ceil((top + height - this.headHeight()) / this.rowHeight)).filter((x) => x.cells);
    const scale = this.ticks ? scaleOf(rows, now) : null;
    for (let i = 0; i < this.els.length; i++) this.fill(this.els[i], from + i, scale, now);
    if (scale) this.ticks.textContent = rows.length ? "0 – " + duration(scale.span) : "";
    const on = this.els[this.selected - from];
    if (on) this.grid.setAttribute("aria-activedescendant", on.id);
    else this.grid.removeAttribute("aria-activedescendant");
  }

  // place makes els the elements of n items from an index on. Those that stay in sight keep theirs.
  place(from, n) {
    const shift = from - this.first;
    if (Math.abs(shift) < this.els.length / 4) { // moving more costs more than writing them again
      for (let i = 0; i < shift; i++) {
        const el = this.els.shift();
        this.body.append(el);
        this.els.push(el);
      }
      for (let i = 0; i > shift; i--) {
        const el = this.els.pop();
        this.body.prepend(el);
        this.els.unshift(el);
      }
    }
    this.first = from;
    while (this.els.length < n) {
      const el = this.make();
      this.body.append(el);
      this.els.push(el);
    }
    while (this.els.length > n) this.els.pop().remove();
  }

  make() {
    const el = element("div", { class: "row", role: "row", id: "row-" + (this.made = (this.made || 0) + 1) });
    el.cells = this.schema.map((c, i) => {
      const x = element("span", { role: "gridcell", "aria-colindex": i + 1, class: "cell" });
      el.append(this.put(x, c));
      if (c.bar) x.append((el.bar = new Bar()).element);
      return new Cell(x);
    });
    return el;
  }

  fill(el, i, scale, now) {
    const item = this.items[i];
    const key = this.generation + (this.store.claimed.has(item.id) ? "!" : "");
    if (el.item !== item || el.key !== key) {
      el.item = item;
      el.key = key;
      if (item.cells) this.fillRow(el, item);
      else if (item.group !== undefined) this.fillGroup(el, item);
      else this.fillStep(el, item);
    }
    if (el.index !== i) {
      el.index = i;
      el.style.transform = "translateY(" + i * this.rowHeight + "px)";
      el.setAttribute("aria-rowindex", i + 2);
    }
    const state = "row" + (i === this.selected ? " on" : "") + (item.id && item.id === this.hostID ? " host" : "") +
      (isStep(item) ? " step" : "") + (item.open ? " open" : "");
    if (el.className !== state) {
      el.className = state;
      el.setAttribute("aria-selected", i === this.selected);
    }
    if (el.bar && scale && item.cells) el.bar.show(piecesOf(item, scale, now));
  }

  fillRow(el, row) {
    this.schema.forEach((c, i) => {
      const x = el.cells[i];
      if (c.bar) return;
      if (c.sign) return fillSign(x, this.store.rank(row), row.marked);
      const whole = wholeOf(row.cells[c.index]), text = shortOf(row.cells[c.index], c.width);
      x.write(text, "cell t-" + row.tones[c.index] + (c.right ? " right" : ""), text.length > c.width || text !== whole ? whole : "");
      if (c.note && row.note) x.add(noteOf(row));
    });
  }

  fillGroup(el, g) {
    this.schema.forEach((c, i) => {
      if (c.sign) return fillSign(el.cells[i], g.rank, false);
      const [text, tone, whole = text] = c.text(g, this.store.setup, c.width);
      el.cells[i].write(text, "cell t-" + tone + (c.right ? " right" : ""), text !== whole || text.length > c.width ? whole : "");
    });
  }

  fillStep(el, step) {
    el.cells.forEach((x) => x.write("", "cell", ""));
    el.cells[1].write(clock(new Date(step.time)) + "  " + step.text, "cell", step.text);
  }
}

function isStep(item) {
  return !item.cells && item.group === undefined;
}

// indexOf returns the index of an item's successor: the row with its ID, or the group with its
// key. near is where it was.
function indexOf(items, was, near) {
  const same = (x) => x && (was.cells ? x.id === was.id : was.group !== undefined ? x.key === was.key : x === was);
  if (same(items[near])) return near;
  return items.findIndex(same);
}
