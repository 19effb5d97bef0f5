"use strict";
// A page with its data inside: the report of a capture.

// unpack returns the value that an element has: JSON, gzip, base64.
async function unpack(element) {
  const bytes = Uint8Array.from(atob(element.textContent), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

// A Recorded has all events in the document, and the details of some flows in elements of the class
// "details": each has an object by ID, and the IDs in data-ids. on has event(name, data) and fail(why).
class Recorded {
  constructor(on) {
    this.on = on;
    this.omitted = {};
    this.places = new Map(); // elements by ID
    for (const element of document.querySelectorAll(".details"))
      for (const id of element.dataset.ids.split(" ")) this.places.set(Number(id), element);
    this.begin();
  }

  async begin() {
    if (!window.DecompressionStream) return this.on.fail("This browser is too old for the table: open the report in one of 2024 or later.");
    let events;
    try {
      events = await unpack(document.getElementById("events"));
    } catch {
      return this.on.fail("The table can't be shown: this copy of the report is damaged.");
    }
    for (const [name, data] of events) {
      if (name === "omitted") this.omitted = data;
      this.on.event(name, data);
    }
  }

  async detail(id) {
    const element = this.places.get(id);
    if (!element) throw new Error(this.omitted.details);
    if (this.element !== element) [this.element, this.details] = [element, unpack(element)];
    return (await this.details)[id];
  }
}
