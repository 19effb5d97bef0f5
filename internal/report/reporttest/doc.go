// Package reporttest has captures for the tests of reports: the same story in each form of a
// report, how it ended, what has too much, and one of which every text is hostile.
package reporttest
