"use strict";
// The page: events on one side, the elements and the keyboard on the other.

class App {
  constructor() {
    this.setup = JSON.parse($("setup").textContent);
    this.store = new Store(this.setup);
    this.live = !this.setup.offline;
    this.frozen = false;
    this.followHost = false;
    this.state = { facts: [], watching: 0 };
    this.contact = { since: null, why: "" };
    this.grid = new Grid($("flows"), this.store, {
      open: (item) => this.open(item),
      moved: (item) => this.moved(item),
      follow: (on) => this.press("b-follow", on),
    });
    this.source = this.live
      ? new Live({ event: (name, data) => this.event(name, data), contact: (since, why) => this.setContact(since, why) })
      : new Recorded({ event: (name, data) => this.event(name, data), fail: (why) => this.setContact(null, why) });
    this.pane = new Pane($("pane"), this.setup, (id) => this.source.detail(id), { close: () => this.closePane() });
    this.filter = new FilterBox(this.store, this.live ? this.source : null, {
      changed: () => this.changed(),
      done: () => this.grid.grid.focus(),
    });
    this.viewButtons();
    this.buttons();
    this.keys = new Keys(this);
    this.findings = new Findings(this);
    window.addEventListener("beforeprint", () => this.print(true));
    window.addEventListener("afterprint", () => this.print(false));
    setInterval(() => this.tick(), 500);
    if (!this.live) this.grid.following = false;
    if (!this.live) addCopyButtons($("report"));
    document.documentElement.classList.add("scripted");
    this.press("b-follow", this.grid.following);
    for (const id of ["b-follow", "b-freeze", "b-host", "b-report"]) $(id).hidden = !this.live;
    this.changed();
    this.showState();
    if (this.live) this.grid.grid.focus({ preventScroll: true });
  }

  // ---- events

  event(name, data) {
    switch (name) {
      case "hello":
        if (data.reset) this.store.clear();
        $("title").textContent = plain(data.title);
        if (this.live) document.title = data.title ? plain(data.title) + " – detour" : "detour";
        break;
      case "state":
        this.state = data;
        this.showState();
        return;
      case "row":
        this.store.add(data);
        if (this.pane.open && this.pane.id === data.id && !this.frozen) this.reload(data);
        break;
      case "gone":
        this.store.remove(data.ids);
        break;
      case "findings":
        this.store.find(data.list);
        this.findings.take(data.html);
        this.findings.show();
        break;
      case "steps":
        this.store.steps = data.steps.map((s) => ({ text: plain(s.text), time: Date.parse(s.at) }));
        break;
      case "cursor":
        this.grid.hostID = data.id;
        if (this.followHost && !this.frozen) this.toHost();
        break;
      case "gap":
        this.store.lost = data.lost ? this.store.lost + data.lost : 0; // 0: they have come
        this.showState();
        return;
      case "omitted":
        this.omitted = data.rows;
        this.showState();
        return;
      case "end":
        this.state.ended = data.why;
        this.say(data.why);
        this.showState();
        return;
    }
    this.changed();
  }

  // changed shows what has changed, soon: many events come together. With many rows that takes a
  // while, and most of the time has to be left for scrolling.
  changed() {
    if (this.pending) return;
    this.pending = true;
    setTimeout(() => {
      this.pending = false;
      const began = performance.now();
      this.refresh();
      this.refreshed = performance.now() - began;
    }, Math.max(60, 8 * (this.refreshed || 0)));
  }

  refresh() {
    if (this.frozen) {
      this.showCount();
      return;
    }
    const items = this.store.items();
    if (!this.live) $("app").style.setProperty("--lines", Math.max(5, items.length));
    this.grid.show(items, this.whyEmpty());
    this.showViews();
    this.showCount();
    if (this.wanted && this.grid.selectID(this.wanted)) this.wanted = 0;
  }

  whyEmpty() {
    if (this.contact.why) return "";
    if (!this.store.ids.length) return this.live ? "No requests yet." : "The report has no requests.";
    if (this.filter.text && !this.live) return "No row has all of these words. Esc clears them. " + filterNeedsDetour;
    if (this.filter.text) return "No flow matches the filter. Esc clears it.";
    return "No flow is in this view. a shows all flows.";
  }

  // ---- what is around the table

  showState() {
    const s = this.state, parts = [];
    $("badge").hidden = !s.badge;
    $("badge").textContent = plain(s.badge || "");
    if (s.ended) parts.push([s.ended, "t-w"]);
    else if (this.contact.since) parts.push(["no contact since " + clock(this.contact.since), "t-b"]);
    else if (this.live && s.now && !s.recorded) parts.push(["running", "t-g"]);
    if (s.watching) parts.push([s.watching + " watching", ""]);
    if (this.store.lost) parts.push([count(this.store.lost, "update") + (this.store.lost === 1 ? " was" : " were") + " left out", "t-w"]);
    if (this.store.dropped) parts.push(["the oldest " + count(this.store.dropped, "row") + " aren't kept", "t-w"]);
    if (this.omitted) parts.push([this.omitted, "t-w"]);
    for (const f of s.facts || []) parts.push([f.name + " " + f.value, "t-d"]);
    $("state").replaceChildren(...parts.map(([text, name]) => {
      const el = element("span", { class: name });
      el.textContent = plain(text);
      return el;
    }));
  }

  setContact(since, why) {
    if (String(since) === String(this.contact.since) && why === this.contact.why) return;
    this.contact = { since, why };
    $("notice").hidden = !why;
    $("notice").textContent = why;
    if (why) this.grid.empty.textContent = "";
    this.showState();
  }

  showCount() {
    const c = $("count"), rows = () => this.grid.items.filter((item) => !isStep(item)).length;
    if (this.frozen) {
      const more = this.store.ids.length - this.frozenAt;
      c.textContent = "frozen" + (more > 0 ? ", " + grouped.format(more) + " more" : "");
    } else if (this.store.only) c.textContent = this.store.only.label + ": " + count(rows(), "flow") + " (Esc: back)";
    else if (this.store.within) c.textContent = (this.store.within.key || "(none)") + ": " + count(rows(), "flow") + " (Esc: back)";
    else if (this.filter.text) c.textContent = grouped.format(this.grid.grouped() ? this.store.chosen().length : rows()) + " of " + count(this.views[this.store.view], this.setup.views[this.store.view].noun);
    else c.textContent = "";
  }

  viewButtons() {
    $("views").replaceChildren(...this.setup.views.map((v, i) => {
      const b = element("button", { type: "button", title: v.doc + " (" + (i + 1) + ")" });
      b.append(v.name, element("span", { class: "n" }));
      b.addEventListener("click", () => this.show(i));
      return b;
    }));
  }

  showViews() {
    this.views = this.store.viewed();
    [...$("views").children].forEach((b, i) => {
      b.setAttribute("aria-pressed", i === this.store.view && !this.store.only);
      const n = b.lastChild, text = grouped.format(this.views[i]);
      n.hidden = Boolean(this.setup.views[i].group);
      if (n.textContent !== text) n.textContent = text;
      b.classList.toggle("bad", this.setup.views[i].name === "problems" && this.views[i] > 0);
    });
  }

  show(view) {
    this.store.only = this.store.within = null;
    this.store.view = view;
    this.grid.laidOut = "";
    this.say(this.setup.views[view].name + ": " + this.setup.views[view].doc);
    this.findings.mark();
    this.refresh();
  }

  // ---- flows

  open(item) {
    if (item.group !== undefined) {
      this.store.within = { group: item.group, key: item.key };
      this.grid.selected = -1;
      this.grid.laidOut = "";
      return this.refresh();
    }
    if (!item.cells) return;
    this.pane.show(item);
    this.resized();
  }

  moved(item) {
    if (!this.pane.open || !item.cells || this.pane.finding) return;
    clearTimeout(this.moving); // while a key repeats, the rows in between aren't asked for
    this.moving = setTimeout(() => this.pane.show(item), 40);
  }

  reload(row) {
    clearTimeout(this.reloading);
    this.reloading = setTimeout(() => this.pane.id === row.id && this.pane.show(row), 300);
  }

  closePane() {
    this.pane.close();
    this.resized();
    this.grid.grid.focus();
  }

  resized() {
    $("main").classList.toggle("split", this.pane.open);
    if (!this.live && this.pane.open) $("app").scrollIntoView({ block: "nearest" }); // the report is longer than the window
  }

  toHost() {
    if (!this.grid.hostID) return;
    this.store.only = this.store.within = null;
    if (this.grid.selectID(this.grid.hostID)) return;
    this.store.view = this.setup.views.findIndex((v) => v.name === "all");
    this.wanted = this.grid.hostID;
    this.changed();
  }

  // ---- keys and buttons

  buttons() {
    $("b-follow").addEventListener("click", () => this.follow());
    $("b-freeze").addEventListener("click", () => this.freeze());
    $("b-host").addEventListener("click", () => this.toggleHost());
    $("b-report").addEventListener("click", () => this.toggleReport());
    $("b-theme").addEventListener("click", () => this.theme());
  }

  press(id, on) {
    $(id).setAttribute("aria-pressed", on);
  }

  follow() {
    this.grid.follow(!this.grid.following);
  }

  freeze() {
    this.frozen = !this.frozen;
    this.frozenAt = this.store.ids.length;
    this.press("b-freeze", this.frozen);
    this.say(this.frozen ? "The display is frozen" : "The display goes on");
    this.refresh();
  }

  toggleHost() {
    this.followHost = !this.followHost;
    this.press("b-host", this.followHost);
    this.say(this.followHost ? "Following the host's cursor" : "Not following the host's cursor");
    if (this.followHost) this.toHost();
  }

  // toggleReport shows the report in place of the table, or the table again.
  toggleReport() {
    const on = $("report").hidden;
    $("report").hidden = !on;
    $("report").setAttribute("role", on ? "main" : "region");
    $("app").hidden = on;
    this.press("b-report", on);
    if (on) $("report").focus();
    else this.grid.grid.focus();
  }

  // theme switches between light and dark. It is kept nowhere.
  theme() {
    const dark = document.documentElement.dataset.theme
      ? document.documentElement.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    document.documentElement.dataset.theme = dark ? "light" : "dark";
  }

  turn(step) {
    if (this.pane.open && !this.pane.finding) this.pane.turn(this.pane.tab + step);
  }

  back() {
    if (this.live && !$("report").hidden) return this.toggleReport();
    if (this.pane.open) {
      if (this.pane.finding) this.store.only = null;
      this.closePane();
      this.findings.mark();
      return this.refresh();
    }
    if (this.store.only || this.store.within) {
      this.store.only = this.store.within = null;
      this.grid.laidOut = "";
      this.findings.mark();
      return this.refresh();
    }
    if (this.filter.text) this.filter.clear();
  }

  // say tells screen readers what happened.
  say(text) {
    $("said").textContent = plain(text);
  }

  tick() {
    if (!this.frozen && this.grid.els.some((el) => el.item && el.item.open)) this.grid.schedule();
    this.grid.grid.classList.toggle("still", this.frozen);
  }

  // print lays out the first rows for paper, without scrolling.
  print(on) {
    this.grid.paper = on ? { width: 1030, rows: 1000 } : null; // the width of A4 across, in CSS pixels, less its margins
    this.grid.layout();
    if (on) this.grid.frame();
  }
}

window.detour = new App();
