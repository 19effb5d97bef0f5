"use strict";
// The waterfall: a bar for each row, of its phases, on a scale that all rows in sight share.

const pause = 60000; // milliseconds without any request, after which the scale begins anew
const maxPieces = 9;

// scaleOf returns the scale for the rows in sight: where each begins, in milliseconds, and how
// long the whole is. Stretches with a long pause between them have the same scale, and each its
// own beginning: otherwise nothing could be seen of their requests.
function scaleOf(rows, now) {
  const order = rows.filter((r) => r.at).sort((a, b) => a.at - b.at);
  const begins = new Map();
  let from = 0, end = -Infinity, span = 1;
  for (const r of order) {
    if (r.at > end + pause) from = r.at;
    end = Math.max(r.at > end + pause ? r.at : end, r.at + tookOf(r, now));
    begins.set(r.id, r.at - from);
    span = Math.max(span, end - from);
  }
  return { begins, span };
}

// tookOf returns how long a row took. One that isn't finished goes on.
function tookOf(row, now) {
  return row.open ? row.ms + Math.max(0, now - row.received) : row.ms;
}

// piecesOf returns the pieces of a row's bar: [phase, from, width] in percent. The last phase of a
// row that isn't finished goes on.
function piecesOf(row, scale, now) {
  const out = [], percent = 100 / scale.span, took = tookOf(row, now);
  let at = scale.begins.get(row.id);
  if (at === undefined) at = 0;
  const phases = row.phases || [], more = took - row.ms;
  for (let i = 0; i < phases.length && i < maxPieces; i++) {
    const ms = phases[i][1] + (i === phases.length - 1 ? more : 0);
    if (ms * percent >= 0.15) out.push([phases[i][0], at * percent, ms * percent]);
    at += ms;
  }
  if (!out.length) out.push([phases.length ? phases[phases.length - 1][0] : "open", at * percent, 0]);
  return out;
}

// phaseWord is a phase in words.
function phaseWord(name) {
  return { "no-connect": "no connection", tls: "TLS", dns: "DNS", open: "other" }[name] || name;
}

// phasesText is what the bar of a row says in words.
function phasesText(phases) {
  return phases.map(([name, ms]) => phaseWord(name) + " " + duration(ms)).join(", ");
}

// A Bar is an element that shows pieces, as a background: it has no parts to lay out.
class Bar {
  constructor() {
    this.element = document.createElement("span");
    this.element.className = "bar";
    this.element.setAttribute("aria-hidden", "true");
    this.shown = "";
  }

  show(pieces) {
    const stops = [];
    let at = 0;
    for (const [phase, from, width] of pieces) {
      const wide = Math.max(width, 0.6), x = Math.max(at, Math.min(from, 100 - wide));
      stops.push("transparent 0 " + x.toFixed(2) + "%", "var(--" + phase + ") 0 " + (at = x + wide).toFixed(2) + "%");
    }
    const image = "linear-gradient(90deg," + stops.join() + ",transparent 0)";
    if (image === this.shown) return;
    this.shown = image;
    this.element.style.backgroundImage = image;
  }
}
