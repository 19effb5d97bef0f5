package ui

import (
	"bytes"
	"slices"
	"strings"
)

// maskNames masks host names but for what is public of AWS's.
func maskNames(b []byte) {
	for i := 0; i < len(b); i++ {
		if !inName(b[i]) {
			continue
		}
		end := i
		for end < len(b) && inName(b[end]) {
			end++
		}
		word := bytes.Trim(b[i:end], ".-")
		switch own := bytes.Index(word, []byte("vpce-svc-")); {
		case own >= 0: // a customer's endpoint service, by whatever name
			hide(word[own:], ".")
		case isName(word):
			maskName(word)
		}
		i = end
	}
}

func inName(c byte) bool { return isAlnum(c) || c >= 0x80 || strings.IndexByte(".-_*", c) >= 0 }

// isName reports whether a word with dots is a host's name rather than a file's, a
// version, or what a program calls its parts. The latter two have digits or
// capitals within their last part.
func isName(word []byte) bool {
	i := bytes.LastIndexByte(word, '.')
	if i < 0 || bytes.HasPrefix(word, []byte("vnd.")) || bytes.Contains(word, []byte("..")) {
		return false
	}
	last := word[i+1:]
	if len(last) < 2 || slices.Contains(endings, string(last)) {
		return false
	}
	if bytes.HasPrefix(last, []byte("xn--")) {
		return true
	}
	lower, upper := 0, 0
	for _, c := range last {
		switch {
		case 'a' <= c && c <= 'z':
			lower++
		case 'A' <= c && c <= 'Z':
			upper++
		case c < 0x80:
			return false
		}
	}
	return lower == 0 || upper == 0
}

// endings are those of files; none is a domain.
var endings = []string{"js", "mjs", "css", "html", "htm", "json", "xml", "png", "svg", "jpg", "gif", "ico", "woff", "woff2", "map", "txt", "har"}

// awsDomains are those of AWS; one comes before another that it ends in. In those
// with services, the label before them, or before the Region, is a service's.
var awsDomains = []struct {
	suffix   string
	services bool
}{
	{".console.aws.amazon.com", false},
	{".signin.aws.amazon.com", false},
	{".aws.amazon.com", false},
	{".console.api.aws", false},
	{".api.aws", true},
	{".on.aws", true},
	{".signin.aws", false},
	{".aws", false},
	{".amazonaws.com", true},
	{".amazonaws.com.cn", true},
	{".amazonaws.eu", true},
	{".api.amazonwebservices.com.cn", true},
	{".api.amazonwebservices.eu", true},
	{".amazonaws-us-gov.com", false},
	{".amazonaws.cn", false},
	{".amazonaws-eusc.eu", false},
	{".awsstatic.com", false},
	{".awsapps.com", false},
	{".cloudfront.net", false},
	{".a2z.com", false},
	{".aws.dev", false},
}

// backwards are the beginnings of endpoint services' names.
var backwards = []string{"com.amazonaws.", "cn.com.amazonaws.", "aws.api.", "aws.sagemaker."}

// publicLabels are labels of AWS's names that say nothing of a customer.
var publicLabels = []string{
	"console", "signin", "telemetry", "panorama", "shortbread", "analytics", "cdn", "assets", "s3", "vpce", "dualstack", "global", "fips",
	"api", "runtime", "data", "streams", "models", "dkr", "www", "docs", "prod", "support", "health", "oidc", "portal", "sso", "a", "b", "c",
}

// maskName masks the labels of a host's name that aren't public.
func maskName(word []byte) {
	name := strings.ToLower(string(word))
	for _, p := range backwards {
		if strings.HasPrefix(name, p) {
			return
		}
	}
	for _, d := range awsDomains {
		if name == d.suffix[1:] {
			return
		}
		if rest, ok := strings.CutSuffix(name, d.suffix); ok {
			maskLabels(word[:len(rest)], strings.Split(rest, "."), d.services)
			return
		}
	}
	hide(word, ".")
}

// maskLabels masks those of the labels, which are word, that aren't public.
func maskLabels(word []byte, labels []string, services bool) {
	service := -1
	if services {
		service = serviceLabel(labels)
	}
	at := 0
	for i, l := range labels {
		if i != service && !isRegion(l) && !slices.Contains(publicLabels, l) {
			hide(word[at:at+len(l)], "")
		}
		at += len(l) + 1
	}
}

// serviceLabel is the label that names the service, -1 if none does: the last one, or the
// one before the Region, if what comes behind that is nothing or "vpce".
func serviceLabel(labels []string) int {
	last := len(labels) - 1
	if r := slices.IndexFunc(labels, isRegion); r >= 0 {
		if behind := labels[r+1:]; len(behind) > 0 && !slices.Equal(behind, []string{"vpce"}) {
			return -1
		}
		last = r - 1
	}
	for last > 0 && (labels[last] == "dualstack" || labels[last] == "fips") {
		last--
	}
	if last < 0 || strings.HasPrefix(labels[last], "vpce-") {
		return -1
	}
	return last
}

// isRegion reports whether a label has the form of a Region's name: "ap-northeast-1", "us-gov-west-1".
func isRegion(label string) bool {
	parts := strings.Split(label, "-")
	n := len(parts)
	if n < 3 || n > 4 || len(parts[0]) < 2 || len(parts[0]) > 4 || len(parts[n-1]) != 1 || !isDigit(parts[n-1][0]) {
		return false
	}
	for _, p := range parts[:n-1] {
		if p == "" || strings.ContainsFunc(p, func(r rune) bool { return r < 'a' || r > 'z' }) {
			return false
		}
	}
	return true
}
