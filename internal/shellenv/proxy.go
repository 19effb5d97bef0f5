package shellenv

import (
	"slices"
	"strings"
)

// A Proxy is the proxy that programs are to use.
type Proxy struct {
	URL    string // "http://127.0.0.1:8080"
	Root   string // PEM file of the proxy's roots only
	Bundle string // PEM file of the system's roots and the proxy's; "": there is none
	Direct string // NO_PROXY as it is now

	Domains []string // AWS's domains, whose hosts must not bypass the proxy
}

// Variables returns the variables to set. twoCases says whether the system's variables are
// case-sensitive: most programs read the proxy variables in lower case first (curl(1),
// ENVIRONMENT), so both cases have to be set.
func (p Proxy) Variables(twoCases bool) (out []Variable) {
	proxy := []Variable{{"HTTPS_PROXY", p.URL}, {"HTTP_PROXY", p.URL}, {"NO_PROXY", p.direct()}}
	out = append(out, proxy...)
	if twoCases {
		for _, v := range proxy {
			out = append(out, Variable{strings.ToLower(v.Name), v.Value})
		}
	}
	// Node reads the others only with this one, from 22.21 and 24.0 on
	// (nodejs.org/api/cli.html); its variable for roots adds to the built-in ones.
	out = append(out, Variable{"NODE_USE_ENV_PROXY", "1"}, Variable{"NODE_EXTRA_CA_CERTS", p.Root})
	for _, name := range replacing {
		if p.Bundle != "" {
			out = append(out, Variable{name, p.Bundle})
		}
	}
	return out
}

// replacing are the variables of files that replace the roots: of the AWS CLI and SDKs,
// OpenSSL and Go, Python's requests, curl.
var replacing = []string{"AWS_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"}

// Replacing returns the variables of files that replace the roots of a program.
func Replacing() []string { return append([]string(nil), replacing...) }

// Names returns the names of all variables.
func Names(twoCases bool) (out []string) {
	for _, v := range (Proxy{Bundle: "-"}).Variables(twoCases) {
		out = append(out, v.Name)
	}
	return out
}

// local is never reached through a proxy: this machine, and the metadata servers from
// which the CLI and SDKs get the credentials of an instance, a container or a pod.
var local = []string{
	"localhost", "127.0.0.1", "::1",
	"169.254.169.254", "fd00:ec2::254", "169.254.170.2", "169.254.170.23", "fd00:ec2::23",
}

// direct is the new NO_PROXY: local, and the present entries except AWS's names and "*",
// which would bypass the proxy.
func (p Proxy) direct() string {
	kept, _ := p.exceptions()
	return strings.Join(kept, ",")
}

// LeftOut returns the entries of NO_PROXY with which AWS's hosts would bypass the proxy.
func (p Proxy) LeftOut() []string {
	_, left := p.exceptions()
	return left
}

// NoProxyEntries returns the entries of a NO_PROXY list. As curl does, it separates them
// at commas and blanks.
func NoProxyEntries(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' })
}

func (p Proxy) exceptions() (kept, left []string) {
	kept = append(kept, local...)
	seen := make(map[string]bool)
	for _, k := range kept {
		seen[k] = true
	}
	for _, e := range NoProxyEntries(p.Direct) {
		switch lower := strings.ToLower(e); {
		case p.coversAWS(lower):
			left = append(left, e)
		case !seen[lower]:
			seen[lower] = true
			kept = append(kept, e)
		}
	}
	return kept, left
}

// coversAWS reports whether an entry of NO_PROXY matches hosts of AWS: it is one, one of
// AWS's domains, or a parent domain of one.
func (p Proxy) coversAWS(entry string) bool {
	name := strings.TrimLeft(entry, "*.")
	return entry == "*" || name != "" && slices.ContainsFunc(p.Domains, func(d string) bool {
		return name == d || strings.HasSuffix(name, "."+d) || strings.HasSuffix(d, "."+name)
	})
}
