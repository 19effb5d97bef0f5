"use strict";
// Where events come from: the page's server. (Offline: offline.js.)

const patience = 20000; // milliseconds without an event, after which contact is lost: there is one every 15 s
const eventNames = ["hello", "state", "row", "gone", "findings", "steps", "cursor", "gap", "end"];

// A Live gets events from the server that the page came from. on has event(name, data) and
// contact(date, why): date is since when there is none, null if there is contact.
class Live {
  constructor(on) {
    this.on = on;
    this.last = null; // when the last event came
    this.wait = 1000;
    this.begin();
    setInterval(() => {
      if (!this.over && this.last && Date.now() - this.last > patience) on.contact(this.last, "");
    }, 1000);
  }

  // begin exchanges the link's token for a cookie. The token is in the fragment, which no server
  // is sent, and is removed from the address, so that a copied address isn't a link to the run.
  async begin() {
    const token = location.hash.slice(1).split(".")[0];
    if (token) {
      history.replaceState(null, "", location.pathname);
      let answer;
      try {
        answer = await fetch("session", { headers: { Authorization: "Bearer " + token }, cache: "no-store" });
      } catch {
        return this.fail("The run can't be reached.");
      }
      if (!answer.ok) return this.fail("This link isn't valid, or not any more. Ask for a new one.");
    }
    this.connect();
  }

  fail(why) {
    this.over = true;
    this.on.contact(this.last, why);
  }

  connect() {
    const source = (this.source = new EventSource("events?as=rows"));
    for (const name of eventNames) {
      source.addEventListener(name, (e) => {
        this.last = new Date();
        this.wait = 1000;
        this.on.contact(null, "");
        if (name === "end") this.stop();
        this.on.event(name, JSON.parse(e.data));
      });
    }
    source.addEventListener("error", () => {
      if (this.over) return;
      if (source.readyState !== EventSource.CLOSED) return this.on.contact(this.last || new Date(), "");
      if (!this.last) return this.fail("This address has no run to show. Open the whole link, with what follows #.");
      this.on.contact(this.last, "");
      setTimeout(() => this.over || this.connect(), this.wait); // the browser has given up
      this.wait = Math.min(30000, this.wait * 2);
    });
  }

  stop() {
    this.over = true;
    this.source.close();
  }

  async detail(id) {
    const answer = await fetch("flow/" + id + "?as=rows", { cache: "no-store" });
    if (answer.status === 404) throw new Error("This flow isn't there any more.");
    if (!answer.ok) throw new Error("The details can't be loaded: " + answer.status);
    return answer.json();
  }

  matches(q, tell) {
    const source = new EventSource("matches?q=" + encodeURIComponent(q));
    source.addEventListener("ids", (e) => tell(JSON.parse(e.data)));
    return () => source.close();
  }

  async complete(q, at) {
    const answer = await fetch("complete?q=" + encodeURIComponent(q) + "&at=" + at, { cache: "no-store" });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  }
}
