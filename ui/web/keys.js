"use strict";
// The keyboard: the terminal's keys, what they do, and where they are listed.

class Keys {
  constructor(app) {
    this.app = app;
    this.footer();
    document.addEventListener("keydown", (e) => this.key(e));
    $("b-help").addEventListener("click", () => this.help());
  }

  // footer lists the most important keys below the table.
  footer() {
    const keys = [["j k", "move"], ["Enter", "detail"], ["/", "filter"], ["!", "findings"], ["1–9", "views"], ["[ ]", "tabs"]];
    if (this.app.live) keys.push(["G", "follow"], ["f", "freeze"], ["h", "follow host"]);
    keys.push(["?", "keys"], ["Esc", "back"]);
    $("keys").replaceChildren(...keys.map(([k, what]) => {
      const el = element("span"), kbd = element("kbd");
      kbd.textContent = k;
      el.append(kbd, " " + what);
      return el;
    }));
  }

  // help lists all keys.
  help() {
    const d = $("help");
    if (!d.firstChild) {
      const h = element("h2", { id: "help-title" }), list = element("dl"), close = element("button", { type: "button" });
      h.textContent = "Keys";
      close.textContent = "Close";
      close.addEventListener("click", () => d.close());
      for (const [keys, what] of this.keyList()) {
        const dt = element("dt"), dd = element("dd");
        dt.textContent = keys;
        dd.textContent = what;
        list.append(dt, dd);
      }
      d.append(h, list, close);
    }
    d.showModal();
  }

  // keyList returns keys and what they do.
  keyList() {
    const keys = [
      ["j k ↓ ↑", "next and previous row"],
      ["PgDn PgUp", "one page down and up; Ctrl-D and Ctrl-U half a page"],
      ["g G", "first row; newest row, and follow new ones"],
      ["Enter", "details of the row, or the rows of the group"],
      ["[ ] t", "previous and next tab of the detail"],
      ["Esc", "go back: close the pane, return to the view, clear the filter"],
      ["/", this.app.live ? "filter: Enter keeps it, Esc restores the previous one" : "search: rows that have all words"],
      ["!", "the findings: the first one, then the next"],
      ["a", "switch between AWS calls and all flows"],
      ...this.app.setup.views.map((v, i) => [String(i + 1), v.name + ": " + v.doc]),
      ["Tab", "next part of the page"],
    ];
    if (this.app.live) keys.push(["f", "freeze or resume the display"], ["h", "follow the host's cursor, or not"]);
    return keys.concat([["?", "these keys"]]);
  }

  // key does what a key does where the focus is: a box, a button and a text that scrolls have
  // their own.
  key(e) {
    if (e.ctrlKey && !e.altKey && !e.metaKey) {
      const half = { d: 1, u: -1, f: 2, b: -2 }[e.key];
      if (!half || !this.onTable(e)) return;
      this.move(Math.ceil((half * this.app.grid.page()) / 2));
      return e.preventDefault();
    }
    if (e.altKey || e.metaKey || e.target.closest("input, dialog")) return;
    const button = e.target.closest("button, a, [role=tab]");
    if (button && (e.key === "Enter" || e.key === " ")) return;
    const inPanel = e.target.closest(".panel, #report");
    if (inPanel && ["ArrowDown", "ArrowUp", "PageDown", "PageUp", "Home", "End", " "].includes(e.key)) return;
    const act = this.bindings()[e.key];
    if (!act) return;
    act();
    e.preventDefault();
  }

  onTable(e) {
    return e.target === document.body || e.target.closest("#flows");
  }

  move(n) {
    this.app.grid.select(this.app.grid.selected < 0 ? 0 : this.app.grid.selected + n);
  }

  // bindings are what keys do now.
  bindings() {
    const down = () => this.move(1), up = () => this.move(-1), g = this.app.grid;
    const keys = {
      j: down, ArrowDown: down, k: up, ArrowUp: up,
      PageDown: () => this.move(g.page()), PageUp: () => this.move(-g.page()),
      g: () => g.select(0), Home: () => g.select(0),
      G: () => (this.app.live ? g.follow(true) : g.select(g.items.length - 1)), F: () => this.app.live && g.follow(true),
      End: () => (this.app.live ? g.follow(true) : g.select(g.items.length - 1)),
      Enter: () => g.item() && this.app.open(g.item()),
      "/": () => this.app.filter.focus(),
      "!": () => this.app.findings.next(),
      a: () => this.app.show(this.app.setup.views[this.app.store.view].name === "all" ? 0 : this.app.setup.views.findIndex((v) => v.name === "all")),
      "]": () => this.app.turn(1), t: () => this.app.turn(1), "[": () => this.app.turn(-1),
      "?": () => this.help(),
      Escape: () => this.app.back(),
    };
    if (this.app.live) Object.assign(keys, { f: () => this.app.freeze(), h: () => this.app.toggleHost() });
    const inPane = this.app.pane.open && $("pane").contains(document.activeElement);
    for (let i = 0; i < 9; i++) {
      keys[String(i + 1)] = () => {
        if (!inPane) this.app.setup.views[i] && this.app.show(i);
        else if (i < this.app.setup.tabs.length) this.app.pane.turn(i);
      };
    }
    return keys;
  }
}
