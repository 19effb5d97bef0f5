// Package archtest checks the rules of the layout that a compiler doesn't: which
// package may import which, and how code, texts and documentation are written. It
// consists of tests.
package archtest
