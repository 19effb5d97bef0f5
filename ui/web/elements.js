"use strict";
// How elements are made. Texts become texts, never markup.

// $ returns the document's element of that ID.
const $ = (id) => document.getElementById(id);

// element makes an element with attributes and children.
function element(name, attributes = {}, ...children) {
  const el = document.createElement(name);
  for (const [k, v] of Object.entries(attributes)) el.setAttribute(k, v);
  el.append(...children);
  return el;
}

// unseen is a text for screen readers alone.
function unseen(text) {
  const el = element("span", { class: "unseen" });
  el.textContent = text;
  return el;
}

// textOf makes an element with a text.
function textOf(name, text, style) {
  const el = element(name, style ? { class: style } : {});
  el.textContent = text;
  return el;
}
