package mask

import (
	"slices"
	"strings"
)

// Names are AWS's own names, which are shown. The zero value has none: then every host is
// masked.
type Names struct {
	Domains []Domain
	// EndpointServices are how the names of endpoint services begin: "com.amazonaws.".
	EndpointServices []string
}

// A Domain is a DNS domain of AWS's.
type Domain struct {
	Name       string // "amazonaws.com"
	Services   bool   // a label of its hosts names the service
	SignIn     bool   // its hosts begin with names that customers have chosen
	Console    bool   // its hosts are the console's, below it by Region
	Commercial bool   // AWS has it for the commercial Regions
}

// byDepth returns the domains, those that are part of another first.
func (n Names) byDepth() []Domain {
	return slices.SortedStableFunc(slices.Values(n.Domains), func(a, b Domain) int {
		return strings.Count(b.Name, ".") - strings.Count(a.Name, ".")
	})
}

// publicLabels are labels of AWS's names that say nothing about a customer.
var publicLabels = []string{
	"console", "signin", "telemetry", "panorama", "shortbread", "analytics", "cdn", "assets", "s3", "vpce", "dualstack", "global", "fips",
	"api", "runtime", "data", "streams", "models", "dkr", "www", "docs", "prod", "support", "health", "oidc", "portal", "sso", "a", "b", "c",
}

// hideName masks the labels of a host name that aren't public, unless it is the name of an
// AWS endpoint service.
func (m *Masker) hideName(word []byte) {
	name := strings.ToLower(string(word))
	for _, p := range m.services {
		if strings.HasPrefix(name, p) {
			return
		}
	}
	m.hideLabels(word)
}

// hideLabels masks the labels that aren't public of what is known to be a host name.
func (m *Masker) hideLabels(word []byte) {
	name := strings.ToLower(string(word))
	for _, d := range m.aws {
		if name == d.Name {
			return
		}
	}
	if d, ok := m.domainOf(name); ok && len(name) == len(word) {
		rest := name[:len(name)-len(d.Name)-1]
		maskLabels(word[:len(rest)], strings.Split(rest, "."), d.Services)
		return
	}
	hide(word, ".")
}

// domainOf returns AWS's domain that a name, in lower case, is in.
func (m *Masker) domainOf(name string) (Domain, bool) {
	for _, d := range m.aws {
		if n := len(name) - len(d.Name) - 1; n >= 0 && name[n] == '.' && name[n+1:] == d.Name {
			return d, true
		}
	}
	return Domain{}, false
}

// isPublic reports whether nothing of a host name is masked.
func (m *Masker) isPublic(name string) bool {
	b := []byte(strings.ToLower(name))
	m.hideLabels(b)
	return string(b) == strings.ToLower(name)
}

// maskLabels masks those labels, which make up word, that aren't public.
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

// serviceLabel is the index of the label that names the service, or -1: it is the last
// label, or the one before the Region if nothing but "vpce" follows the Region.
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

// isRegion reports whether a label has the form of a Region: "ap-northeast-1",
// "us-gov-west-1".
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
