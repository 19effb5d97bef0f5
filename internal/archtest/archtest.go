// Package archtest keeps the directions in which packages may depend on one
// another, and the few other rules of the layout that a compiler doesn't know.
// Everything is in its test.
package archtest
