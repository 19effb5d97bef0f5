"use strict";
// The cells of the table.

const signs = [[" ", ""], ["i", "notice"], ["x", "error"], ["!", "problem"]]; // by rank

// A Cell writes only what differs, into a text that it keeps: that is what makes scrolling cheap.
class Cell {
  constructor(el) {
    this.el = el;
    this.node = el.appendChild(document.createTextNode(""));
    this.text = this.tip = "";
    this.name = el.className;
  }

  write(text, name, tip) {
    if (this.text !== text) this.node.data = this.text = text;
    if (this.name !== name) this.el.className = this.name = name;
    if (this.tip !== tip) {
      this.tip = tip;
      if (tip) this.el.title = tip;
      else this.el.removeAttribute("title");
    }
    if (this.extra) {
      this.extra.remove();
      this.extra = null;
    }
  }

  add(el) {
    this.el.append((this.extra = el));
  }
}

function fillSign(x, rank, marked) {
  const [sign, word] = signs[rank], label = word && marked ? word + ", marked" : marked ? "marked" : word;
  x.write(sign + (marked ? "*" : ""), "cell sign t-" + (rank >= 2 ? "b" : rank ? "w" : "p"), label);
  if (x.label === label) return;
  x.label = label;
  if (label) x.el.setAttribute("aria-label", label);
  else x.el.removeAttribute("aria-label");
}

function noteOf(row) {
  const note = element("span", { class: "note" });
  note.textContent = "✎ " + row.note;
  note.title = row.note;
  return note;
}
