// Package lazyregexp compiles regular expressions when they are used for the first time: a
// command that needs none doesn't wait for all of them when it starts.
package lazyregexp

import (
	"os"
	"regexp"
	"strings"
	"sync"
)

// A Regexp is a regular expression of package regexp, with the methods that detour uses. It may
// be used concurrently.
type Regexp struct{ compiled func() *regexp.Regexp }

// New returns the expression. If it is invalid, its first use panics; in tests, New does.
func New(expr string) Regexp {
	r := Regexp{sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })}
	if strings.HasSuffix(strings.TrimSuffix(os.Args[0], ".exe"), ".test") {
		r.compiled()
	}
	return r
}

// The methods are those of [regexp.Regexp].

func (r Regexp) MatchString(s string) bool { return r.compiled().MatchString(s) }
func (r Regexp) Match(b []byte) bool       { return r.compiled().Match(b) }

func (r Regexp) FindString(s string) string { return r.compiled().FindString(s) }

func (r Regexp) FindStringIndex(s string) []int { return r.compiled().FindStringIndex(s) }

func (r Regexp) FindStringSubmatch(s string) []string { return r.compiled().FindStringSubmatch(s) }

func (r Regexp) FindStringSubmatchIndex(s string) []int {
	return r.compiled().FindStringSubmatchIndex(s)
}

func (r Regexp) FindSubmatch(b []byte) [][]byte { return r.compiled().FindSubmatch(b) }

func (r Regexp) FindAllString(s string, n int) []string { return r.compiled().FindAllString(s, n) }

func (r Regexp) FindAllStringIndex(s string, n int) [][]int {
	return r.compiled().FindAllStringIndex(s, n)
}

func (r Regexp) FindAllStringSubmatch(s string, n int) [][]string {
	return r.compiled().FindAllStringSubmatch(s, n)
}

func (r Regexp) FindAllStringSubmatchIndex(s string, n int) [][]int {
	return r.compiled().FindAllStringSubmatchIndex(s, n)
}

func (r Regexp) FindAllSubmatch(b []byte, n int) [][][]byte {
	return r.compiled().FindAllSubmatch(b, n)
}

func (r Regexp) ReplaceAllString(s, repl string) string {
	return r.compiled().ReplaceAllString(s, repl)
}

func (r Regexp) ReplaceAllStringFunc(s string, repl func(string) string) string {
	return r.compiled().ReplaceAllStringFunc(s, repl)
}

func (r Regexp) SubexpNames() []string { return r.compiled().SubexpNames() }

func (r Regexp) String() string { return r.compiled().String() }
