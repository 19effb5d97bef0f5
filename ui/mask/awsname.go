package mask

import (
	"slices"
	"strings"
)

// An awsDomain is one of AWS's.
type awsDomain struct {
	suffix   string
	services bool // the label before it, or before the Region, is a service's
}

// awsDomains are all that there are; one comes before another that it ends in.
var awsDomains = []awsDomain{
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
	maskHost(word)
}

// maskHost masks the labels that aren't public of what is known to be a host's name.
func maskHost(word []byte) {
	name := strings.ToLower(string(word))
	for _, d := range awsDomains {
		if name == d.suffix[1:] {
			return
		}
	}
	if d, ok := awsDomainOf(name); ok && len(name) == len(word) {
		rest := name[:len(name)-len(d.suffix)]
		maskLabels(word[:len(rest)], strings.Split(rest, "."), d.services)
		return
	}
	hide(word, ".")
}

// awsDomainOf is the domain of AWS's that a name, in lower case, is in.
func awsDomainOf(name string) (awsDomain, bool) {
	for _, d := range awsDomains {
		if strings.HasSuffix(name, d.suffix) {
			return d, true
		}
	}
	return awsDomain{}, false
}

// isPublicName reports whether nothing of a host's name is masked.
func isPublicName(name string) bool {
	b := []byte(strings.ToLower(name))
	maskHost(b)
	return string(b) == strings.ToLower(name)
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
