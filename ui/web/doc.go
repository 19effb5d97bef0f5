// Package web makes the live page, a run or a file in a browser, and the HTML report, which is the
// same page with its data inside ([Page.Report]). It turns values into bytes and nothing else: a
// document with its script and style, rows, details and findings. Who sends them, and to whom, is
// not its business.
//
// The page has the terminal's table: columns, views and words come from the same packages.
// It reads events (see events.js), whether they arrive one by one or are in the document.
//
// Every text is foreign. The script writes texts with textContent and nothing else, the
// findings come from html/template, and the policy ([Page.Document]) allows the document's own
// script and style alone, by their hashes. The live page may send requests to its own server, a
// report none.
package web
