// Package archtest checks the rules that the compiler doesn't: which packages may import
// which, and how code, texts and documentation are written. It consists of tests.
package archtest
