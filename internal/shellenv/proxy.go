package shellenv

import (
	"slices"
	"strings"
)

// A Proxy is what programs are sent through.
type Proxy struct {
	URL    string // "http://127.0.0.1:8080"
	Root   string // PEM file of the proxy's roots alone
	Bundle string // PEM file of the system's roots and the proxy's; "": there is none
	Direct string // NO_PROXY as it is

	Domains []string // AWS's domains, of which no host may go past the proxy
}

// Variables are those to set, on a system whose variables' names have, or haven't,
// two cases. Most programs read either case of the proxy's, and the lower one
// first (curl(1), ENVIRONMENT), so that both have to be set.
func (p Proxy) Variables(twoCases bool) (out []Variable) {
	proxy := []Variable{{"HTTPS_PROXY", p.URL}, {"HTTP_PROXY", p.URL}, {"NO_PROXY", p.direct()}}
	out = append(out, proxy...)
	if twoCases {
		for _, v := range proxy {
			out = append(out, Variable{strings.ToLower(v.Name), v.Value})
		}
	}
	// Node has to be told to heed the others, and can be from 22.21 and 24.0 on
	// (nodejs.org/api/cli.html); its variable for roots adds to them.
	out = append(out, Variable{"NODE_USE_ENV_PROXY", "1"}, Variable{"NODE_EXTRA_CA_CERTS", p.Root})
	for _, name := range replacing {
		if p.Bundle != "" {
			out = append(out, Variable{name, p.Bundle})
		}
	}
	return out
}

// replacing name files that take the place of the roots: the AWS CLI's and SDKs'
// own, OpenSSL's and Go's, Python requests', curl's.
var replacing = []string{"AWS_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"}

// Replacing are the variables of files that take the place of the roots.
func Replacing() []string { return append([]string(nil), replacing...) }

// Names are the names of all variables.
func Names(twoCases bool) (out []string) {
	for _, v := range (Proxy{Bundle: "-"}).Variables(twoCases) {
		out = append(out, v.Name)
	}
	return out
}

// local is never asked for through a proxy: this machine, and the metadata
// servers by which the CLI and SDKs get the credentials of an instance, a
// container or a pod.
var local = []string{
	"localhost", "127.0.0.1", "::1",
	"169.254.169.254", "fd00:ec2::254", "169.254.170.2", "169.254.170.23", "fd00:ec2::23",
}

// direct is NO_PROXY: local, and what it has already, but for AWS's names and "*",
// which would lead past the proxy.
func (p Proxy) direct() string {
	kept, _ := p.exceptions()
	return strings.Join(kept, ",")
}

// LeftOut are the entries of NO_PROXY that would lead AWS's hosts past the proxy.
func (p Proxy) LeftOut() []string {
	_, left := p.exceptions()
	return left
}

func (p Proxy) exceptions() (kept, left []string) {
	kept = append(kept, local...)
	seen := make(map[string]bool)
	for _, k := range kept {
		seen[k] = true
	}
	for _, e := range strings.FieldsFunc(p.Direct, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' }) {
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

// coversAWS reports whether an entry of NO_PROXY has hosts of AWS: it names one, one of
// AWS's domains, or a domain above one.
func (p Proxy) coversAWS(entry string) bool {
	name := strings.TrimLeft(entry, "*.")
	return entry == "*" || name != "" && slices.ContainsFunc(p.Domains, func(d string) bool {
		return name == d || strings.HasSuffix(name, "."+d) || strings.HasSuffix(d, "."+name)
	})
}
