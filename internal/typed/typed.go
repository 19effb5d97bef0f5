// Package typed tells what a word on the command line is: a page, a host or a file.
package typed

import (
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// PageURL returns the URL of a page that somebody typed: an http or https URL, or a host with
// a dot and what follows it, which is opened with https. A file that exists isn't one.
func PageURL(word string) (url string, ok bool) {
	if strings.HasPrefix(word, "https://") || strings.HasPrefix(word, "http://") {
		return word, true
	}
	authority := word
	if end := strings.IndexAny(word, "/?#"); end >= 0 {
		authority = word[:end]
	}
	host := authority
	if name, port, err := net.SplitHostPort(authority); err == nil {
		if _, err := strconv.ParseUint(port, 10, 16); err != nil {
			return "", false
		}
		host = name
	}
	if _, err := netip.ParseAddr(host); err != nil && !isDomain(host) || IsFile(word) {
		return "", false
	}
	return "https://" + word, true
}

// isDomain reports whether s is a host name of several labels. The last one has letters.
func isDomain(s string) bool {
	labels := strings.Split(strings.TrimSuffix(strings.ToLower(s), "."), ".")
	for _, l := range labels {
		if l == "" || l[0] == '-' || strings.Trim(l, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return false
		}
	}
	last := labels[len(labels)-1]
	return len(labels) > 1 && len(last) > 1 && strings.Trim(last, "0123456789") != "" && !readable("."+last)
}

// IsFile reports whether a path is something else than a directory.
func IsFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}

// Readable reports whether a name has the extension of a file that detour reads.
func Readable(name string) bool { return readable(filepath.Ext(name)) }

func readable(ext string) bool {
	return slices.Contains([]string{".har", ".detour", ".jsonl", ".ndjson", ".json", ".zip", ".gz"}, strings.ToLower(ext))
}

// NamesFile reports whether a word is a file, or - for stdin, rather than a host.
func NamesFile(word string) bool {
	switch {
	case word == "-":
		return true
	case strings.Contains(word, "://"):
		return false
	case Readable(word), strings.ContainsRune(word, filepath.Separator), strings.Contains(word, "/"):
		return true
	}
	info, err := os.Stat(word)
	return err == nil && info.Mode().IsRegular()
}
