// Package table lays out the table of flows: what its columns and cells say, which of them
// fit the screen, and how flows are sorted and grouped.
//
// A [Choice] is which columns a person wants; [Choice.Columns] picks those that fit. Each
// cell is made from a [Row], which is a flow and what the screen knows about it. [Sort] and
// [GroupBy] put rows in order; [Draw] and [DrawGroups] draw them. Long hosts and pages are
// shortened in such a way that different ones stay different.
//
// Nothing here keeps state: whatever is drawn depends on its arguments alone.
package table
