// Package pane draws text panes: pages of labelled lines that are wrapped, scrolled and
// searched. A [Page] collects lines, [Layout] breaks them into rows for a width, and
// [Canvas.PutRows] draws the rows from where a [Scroll] stands.
//
// It also has what everything on the screen is drawn with: a [Canvas], which masks, cleans
// and clips whatever is put on it, and a [Theme], which gives each [Tone] its style.
// Nothing here is safe for concurrent use.
package pane
