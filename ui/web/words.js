"use strict";
// How the page writes numbers and texts. Everything here is a function of its arguments.

const grouped = new Intl.NumberFormat("en-US");

// count returns "1 row" or "1,204 rows".
function count(n, noun) {
  return grouped.format(n) + " " + noun + (n === 1 ? "" : noun.endsWith("s") ? "es" : "s");
}

// duration returns milliseconds as the table does: "12 ms", "1.8 s".
function duration(ms) {
  if (ms < 10) return ms.toFixed(1) + " ms";
  if (ms < 1000) return Math.round(ms) + " ms";
  if (ms < 60000) return (ms / 1000).toFixed(1) + " s";
  return Math.floor(ms / 60000) + " min " + Math.floor((ms % 60000) / 1000) + " s";
}

// plain returns a text without what hides or reorders others: control characters, marks of
// direction, joiners.
function plain(s) {
  return String(s).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "\ufffd");
}

// wholeOf returns the text of a cell, and shortOf its short form if the text is wider than that.
const wholeOf = (value) => (Array.isArray(value) ? value[1] : value);
const shortOf = (value, width) => (Array.isArray(value) && value[1].length > width ? value[0] : wholeOf(value));

// clock returns the time of day of an instant.
function clock(date) {
  const two = (n) => String(n).padStart(2, "0");
  return two(date.getHours()) + ":" + two(date.getMinutes()) + ":" + two(date.getSeconds());
}

// roundStep returns 1, 2 or 5 times a power of ten, so that span has at most most steps.
function roundStep(span, most) {
  const least = span / most, power = 10 ** Math.floor(Math.log10(Math.max(least, 1e-9)));
  return power * [1, 2, 5, 10].find((n) => n * power >= least * 0.999999);
}

// unitIndex returns the index in s, in UTF-16 units, of the byte at a place in its UTF-8.
function unitIndex(s, byte) {
  let at = 0;
  for (const c of s) {
    if (byte <= 0) break;
    const code = c.codePointAt(0);
    byte -= code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    at += c.length;
  }
  return at;
}

// byteIndex is the inverse of unitIndex.
function byteIndex(s, unit) {
  return new TextEncoder().encode(s.slice(0, unit)).length;
}

// spread divides cells among columns ([index, least, weight, most]), with one cell between two,
// as the terminal does. It returns the widths, and what no column can use.
function spread(columns, cells) {
  const widths = [];
  let left = cells - (columns.length - 1);
  for (const [, least] of columns) {
    const w = Math.max(0, Math.min(least, left));
    widths.push(w);
    left -= w;
  }
  for (;;) {
    const open = columns.map(([, , weight, most], i) => (most && widths[i] >= most ? 0 : weight));
    const weights = open.reduce((a, b) => a + b, 0);
    if (left <= 0 || weights === 0) return { widths, left: Math.max(0, left) };
    const round = left;
    open.forEach((weight, i) => {
      if (!weight) return;
      let more = Math.min(left, Math.max(1, Math.floor((round * weight) / weights)));
      if (columns[i][3]) more = Math.min(more, columns[i][3] - widths[i]);
      widths[i] += more;
      left -= more;
    });
  }
}
