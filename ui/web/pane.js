"use strict";
// The pane beside the table: the tabs of a flow, or a finding.

class Pane {
  // load(id) returns a promise of a flow's details. on has close() and finding(index).
  constructor(root, setup, load, on) {
    this.root = root;
    this.setup = setup;
    this.load = load;
    this.on = on;
    this.tab = 0;
    this.id = 0;
    this.title = element("h2", { id: "pane-title" });
    this.result = element("p", { class: "result" });
    const close = element("button", { type: "button", class: "close", "aria-label": "Close", title: "Close (Esc)" });
    close.textContent = "×";
    close.addEventListener("click", () => on.close());
    this.tabs = element("div", { role: "tablist", "aria-label": "Detail" });
    this.panel = element("div", { class: "panel", role: "tabpanel", id: "panel", tabindex: "0" });
    setup.tabs.forEach((name, i) => {
      const b = element("button", { type: "button", role: "tab", id: "tab-" + i, "aria-controls": "panel" });
      b.textContent = name;
      b.title = "Tab " + (i + 1);
      b.addEventListener("click", () => this.turn(i));
      this.tabs.append(b);
    });
    this.tabs.addEventListener("keydown", (e) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
      if (!step) return;
      this.turn(this.tab + step);
      this.tabs.children[this.tab].focus();
      e.preventDefault();
      e.stopPropagation();
    });
    root.append(element("div", { class: "pane-head" }, this.title, close, this.result), this.tabs, this.panel);
  }

  get open() {
    return !this.root.hidden;
  }

  close() {
    this.root.hidden = true;
    this.id = 0;
    this.detail = null;
  }

  // show shows a flow. A newer revision of the one that is shown keeps the place.
  async show(row) {
    this.root.hidden = false;
    this.finding = null;
    const id = (this.id = row.id);
    this.root.setAttribute("aria-label", "Detail of flow " + id);
    this.tabs.hidden = false;
    if (!this.detail || this.detail.id !== id) {
      this.title.textContent = "#" + id;
      this.result.textContent = "";
    }
    let detail;
    try {
      detail = await this.load(id);
    } catch (e) {
      detail = null;
      if (this.id === id) this.message(e.message);
    }
    if (!detail || this.id !== id) return;
    const same = this.detail && this.detail.id === id;
    this.detail = detail;
    const at = same ? this.panel.scrollTop : 0;
    this.title.textContent = "#" + id + " " + detail.title;
    this.result.textContent = detail.result;
    this.result.className = "result t-" + detail.tone;
    this.turn(this.tab);
    this.panel.scrollTop = at;
  }

  message(text) {
    this.detail = null;
    const p = element("p", { class: "t-w" });
    p.textContent = text;
    this.panel.replaceChildren(p);
  }

  // showFinding shows a part of the report.
  showFinding(finding, part) {
    this.root.hidden = false;
    this.id = 0;
    this.detail = null;
    this.finding = finding;
    this.root.setAttribute("aria-label", "Finding");
    this.tabs.hidden = true;
    this.title.textContent = finding.title;
    this.result.textContent = finding.level + (finding.resolved ? ", resolved" : "") + ", " + count(finding.flows.length, "flow");
    this.result.className = "result t-" + (finding.level === "problem" ? "b" : "w");
    this.panel.removeAttribute("aria-labelledby");
    this.panel.setAttribute("role", "region");
    this.panel.setAttribute("aria-label", "Evidence");
    this.panel.replaceChildren(...(part ? [part.cloneNode(true)] : []));
    addCopyButtons(this.panel);
    this.panel.scrollTop = 0;
  }

  turn(i) {
    const n = this.setup.tabs.length;
    this.tab = (i + n) % n;
    [...this.tabs.children].forEach((b, k) => {
      b.setAttribute("aria-selected", k === this.tab);
      b.tabIndex = k === this.tab ? 0 : -1;
    });
    this.panel.setAttribute("role", "tabpanel");
    this.panel.removeAttribute("aria-label");
    this.panel.setAttribute("aria-labelledby", "tab-" + this.tab);
    if (!this.detail) return;
    const parts = linesOf(this.detail.tabs[this.tab].lines);
    if (this.tab === 0 && this.detail.phases) parts.push(timingsOf(this.detail));
    this.panel.replaceChildren(...parts);
    this.panel.scrollTop = 0;
  }
}

// linesOf turns lines into headings, labelled texts, lists and preformatted bodies. A label without
// a text is above a list, in which a dash begins an item, and a text without one is a command.
function linesOf(lines) {
  const out = [];
  let box = null; // what the next line may belong to
  const within = (name, attributes) => {
    if (!box || box.localName !== name) out.push((box = element(name, attributes)));
    return box;
  };
  let listed = false; // under a label without a text
  for (const [tone, label, text] of lines) {
    if (tone === "head") {
      out.push(textOf("h3", text));
      box = null;
      listed = false;
    } else if (tone === "body") within("pre").append(text + "\n");
    else if (label && !text) {
      out.push(textOf("h4", label));
      box = null;
      listed = true;
    } else if (listed && !label && text.startsWith("- ")) within("ul").append(textOf("li", text.slice(2)));
    else if (listed && !label) {
      box = null;
      within("pre", { class: "command" }).append(text);
    } else if (!label && !(box && box.localName === "dl")) out.push(textOf("p", text, "t-" + tone));
    else {
      listed = false;
      if (label) within("dl").append(textOf("dt", label));
      within("dl").append(textOf("dd", text, "t-" + tone));
    }
  }
  return out;
}

// timingsOf draws the phases of a flow, each on the scale of the whole.
function timingsOf(detail) {
  const list = element("dl"), whole = Math.max(detail.ms, 0.001);
  let at = 0;
  for (const [name, ms] of detail.phases) {
    const bar = new Bar(), dd = element("dd");
    bar.show([[name, (100 * at) / whole, (100 * ms) / whole]]);
    dd.append(bar.element, duration(ms));
    list.append(textOf("dt", phaseWord(name)), dd);
    at += ms;
  }
  list.append(textOf("dt", "total"), textOf("dd", duration(detail.ms) + (detail.open ? " so far" : "")));
  return element("div", { class: "timings" }, textOf("h3", "Timings"), list);
}
