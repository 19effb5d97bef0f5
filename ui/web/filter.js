"use strict";
// The filter box. The engine parses, completes and filters: there is one filter language. Where
// no engine is, offline, words are searched for in the rows.

const filterNeedsDetour = "Filter expressions need detour: detour open FILE.";

class FilterBox {
  // engine has matches(expression, tell), which returns a function that ends it, and
  // complete(expression, at); null: there is none. on has changed().
  constructor(store, engine, on) {
    this.store = store;
    this.engine = engine;
    this.on = on;
    this.input = document.getElementById("filter");
    this.list = document.getElementById("candidates");
    this.error = document.getElementById("filter-error");
    this.kept = ""; // the expression that Esc restores
    this.offers = [];
    this.chosen = -1;
    if (!engine) {
      this.input.removeAttribute("role");
      for (const a of ["aria-expanded", "aria-controls", "aria-autocomplete"]) this.input.removeAttribute(a);
      document.getElementById("filter-label").textContent = "Search";
      this.input.placeholder = "words in a row";
      this.input.title = "Rows that have all of these words. " + filterNeedsDetour;
    } else {
      this.input.placeholder = "origin:direct tcp:timeout or status>=400";
    }
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("keydown", (e) => this.key(e));
    this.input.addEventListener("blur", () => this.offer([]));
    this.list.addEventListener("mousedown", (e) => {
      const li = e.target.closest("li");
      if (li) this.take(this.offers[Number(li.dataset.index)]);
      e.preventDefault(); // the box keeps the focus
    });
  }

  get text() {
    return this.input.value.trim();
  }

  focus() {
    this.kept = this.text;
    this.input.focus();
    this.input.select();
    this.complete();
  }

  clear() {
    this.input.value = "";
    this.typed();
    this.offer([]);
  }

  typed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.apply();
      this.complete();
    }, 120);
  }

  apply() {
    if (!this.engine) {
      const words = this.text.toLowerCase().split(/\s+/).filter(Boolean);
      this.store.search = words.length ? (row) => words.every((w) => searched(row).includes(w)) : null;
      this.on.changed();
      return;
    }
    const q = this.text;
    if (q === this.asked) return;
    this.asked = q;
    if (this.stop) this.stop();
    this.stop = null;
    if (!q) {
      this.store.matching = null;
      this.fail(null);
      this.on.changed();
      return;
    }
    this.stop = this.engine.matches(q, (x) => {
      if (this.asked !== q) return;
      this.fail(x.error || null);
      if (x.error) return; // the rows stay as they were
      if (x.reset || !this.store.matching) this.store.matching = new Set();
      addRanges(this.store.matching, x.ids || []);
      for (const id of x.remove || []) this.store.matching.delete(id);
      this.on.changed();
    });
  }

  // fail shows what is wrong with the expression, and where: error has from and to, in bytes of
  // the expression, msg and hint.
  fail(error) {
    this.error.hidden = !error;
    this.input.setAttribute("aria-invalid", Boolean(error));
    if (!error) {
      this.input.removeAttribute("aria-describedby");
      return;
    }
    this.input.setAttribute("aria-describedby", "filter-error");
    const q = this.asked, from = unitIndex(q, error.from), to = Math.max(from + 1, unitIndex(q, error.to));
    const line = element("pre", { "aria-hidden": "true" }), said = element("p", { role: "alert" });
    const wrong = element("mark");
    wrong.textContent = q.slice(from, to) || " ";
    line.append(q.slice(0, from), wrong, q.slice(to), "\n" + " ".repeat(cellsOf(q.slice(0, from))) + "^".repeat(Math.max(1, cellsOf(q.slice(from, to)))));
    said.textContent = error.msg + (error.hint ? "; " + error.hint : "");
    this.error.replaceChildren(line, said);
  }

  async complete() {
    if (!this.engine || document.activeElement !== this.input) return;
    const q = this.input.value, at = this.input.selectionStart;
    let c;
    try {
      c = await this.engine.complete(q, byteIndex(q, at));
    } catch {
      return; // what is typed works without offers
    }
    if (this.input.value !== q || document.activeElement !== this.input) return;
    this.from = unitIndex(q, c.from);
    this.to = at;
    const done = q.slice(this.from, at);
    this.offer((c.candidates || []).filter((x) => x.text !== done).slice(0, 12));
  }

  offer(offers) {
    this.offers = offers;
    this.chosen = -1;
    this.list.hidden = !offers.length;
    if (this.engine) this.input.setAttribute("aria-expanded", offers.length > 0);
    this.input.removeAttribute("aria-activedescendant");
    this.list.replaceChildren(...offers.map((c, i) => {
      const li = element("li", { role: "option", id: "candidate-" + i, "data-index": i, "aria-selected": "false" });
      const word = element("span", { class: "word" }), doc = element("span", { class: "doc" });
      word.textContent = c.text;
      doc.textContent = c.doc || "";
      li.append(word, doc);
      return li;
    }));
  }

  choose(i) {
    const n = this.offers.length;
    if (!n) return;
    this.chosen = (i + n) % n;
    [...this.list.children].forEach((li, k) => li.setAttribute("aria-selected", k === this.chosen));
    this.list.children[this.chosen].scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", "candidate-" + this.chosen);
  }

  take(candidate) {
    const s = this.input.value, at = this.from + candidate.text.length;
    this.input.value = s.slice(0, this.from) + candidate.text + s.slice(this.to);
    this.input.setSelectionRange(at, at);
    this.typed();
  }

  key(e) {
    const act = {
      ArrowDown: () => this.choose(this.chosen + 1),
      ArrowUp: () => this.choose(this.chosen < 0 ? -1 : this.chosen - 1),
      Tab: () => this.offers.length && this.take(this.offers[Math.max(0, this.chosen)]),
      Enter: () => {
        if (this.chosen >= 0) return this.take(this.offers[this.chosen]);
        clearTimeout(this.timer);
        this.apply();
        this.on.done();
      },
      Escape: () => {
        this.input.value = this.kept;
        clearTimeout(this.timer);
        this.apply();
        this.on.done();
      },
    }[e.key];
    if (!act || e.key === "Tab" && (e.shiftKey || !this.offers.length)) return;
    act();
    e.preventDefault();
    e.stopPropagation();
  }
}

// addRanges adds IDs that are given as [start, count, start, count, …].
function addRanges(set, ranges) {
  for (let i = 0; i + 1 < ranges.length; i += 2) {
    for (let k = 0; k < ranges[i + 1]; k++) set.add(ranges[i] + k);
  }
}

// searched returns all texts of a row, in lower case.
function searched(row) {
  if (row.text === undefined) row.text = [...row.cells.map(wholeOf), row.note || ""].join("\n").toLowerCase();
  return row.text;
}

// cellsOf returns how many cells of a monospaced font a text takes, about: wide characters take two.
function cellsOf(s) {
  let n = 0;
  for (const c of s) n += /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u.test(c) ? 2 : 1;
  return n;
}
