"use strict";
// The findings: a list above the table, and each with its evidence in the pane.

class Findings {
  constructor(app) {
    this.app = app;
    this.known = new Set(); // those that screen readers were told of
  }

  // take takes the findings in full. They come from html/template; as a document of their own,
  // their scripts don't run, and the policy allows none. Offline, the report is in the document.
  take(html) {
    if (!html) return;
    this.body = new DOMParser().parseFromString(html, "text/html").body;
    if (!this.app.live) return;
    $("report").replaceChildren(textOf("h2", "Report", "unseen"), ...this.body.cloneNode(true).childNodes);
    addCopyButtons($("report"));
  }

  // show lists the newest findings. One that is open stays open, with its newest flows.
  show() {
    const { store, pane } = this.app, list = store.findings;
    $("problems").hidden = !list.length;
    for (const f of list) if (!this.known.has(f.code + f.title)) this.app.say(f.level + ": " + f.title);
    this.known = new Set(list.map((f) => f.code + f.title));
    $("finding-list").replaceChildren(...list.map((f, i) => element("li", {}, this.button(f, i))));
    if (store.only) {
      const i = this.find(store.only.of);
      store.only.finding = i;
      if (i >= 0) store.only.ids = new Set(list[i].flows);
    }
    this.mark();
    const i = pane.finding ? this.find(pane.finding) : -1;
    if (i >= 0) pane.showFinding(list[i], this.part(i));
  }

  // find returns the index of the newest version of a finding, whose title may be another one.
  find(finding) {
    const list = this.app.store.findings, i = list.findIndex((f) => f.code === finding.code && f.title === finding.title);
    return i >= 0 ? i : list.findIndex((f) => f.code === finding.code);
  }

  button(f, i) {
    const { app } = this;
    const b = element("button", { type: "button", class: "finding " + (f.level === "problem" ? "problem" : "notice"), "data-index": i });
    const level = textOf("span", (f.level === "problem" ? "! " : "i ") + f.level + (f.resolved ? ", resolved" : ""), "level");
    b.append(level, textOf("span", f.title, "what"), textOf("span", count(f.flows.length, "flow"), "n"));
    b.addEventListener("click", () => (app.store.only && app.store.only.finding === i && app.pane.finding ? app.back() : this.open(i)));
    return b;
  }

  // part is a finding in full.
  part(i) {
    return this.body && this.body.querySelector('[data-finding="' + i + '"]');
  }

  // open shows a finding, and its flows alone.
  open(i) {
    const { store, pane, grid } = this.app, f = store.findings[i];
    if (!f) return;
    store.only = { label: f.code, of: f, ids: new Set(f.flows), finding: i };
    store.within = null;
    pane.showFinding(f, this.part(i));
    grid.follow(false);
    this.mark();
    this.app.refresh();
    grid.select(0);
    this.app.resized();
  }

  // next opens the finding after the one that is open, or the first one.
  next() {
    const { only, findings } = this.app.store;
    this.open(only && findings[only.finding + 1] ? only.finding + 1 : 0);
  }

  mark() {
    const { only } = this.app.store;
    document.querySelectorAll("#finding-list button").forEach((b, i) => b.setAttribute("aria-pressed", Boolean(only) && i === only.finding));
  }
}
