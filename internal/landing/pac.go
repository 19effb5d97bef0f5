package landing

import (
	"fmt"
	"strings"
)

// PAC returns the proxy auto-configuration file of the run. Once the proxy is gone,
// browsers connect directly.
func (r Run) PAC() string {
	if r.AllHosts {
		return fmt.Sprintf("// All hosts go through detour.\nfunction FindProxyForURL(url, host) {\n  return \"PROXY %s; DIRECT\";\n}\n", r.Addr)
	}
	var b strings.Builder
	b.WriteString("// AWS's hosts go through detour, all others directly.\nfunction FindProxyForURL(url, host) {\n  var suffixes = [\n")
	for _, d := range r.Domains {
		fmt.Fprintf(&b, "    %q,\n", d)
	}
	b.WriteString("  ];\n  host = host.toLowerCase().replace(/\\.$/, \"\");\n  for (var i = 0; i < suffixes.length; i++) {\n")
	b.WriteString("    if (host === suffixes[i] || dnsDomainIs(host, \".\" + suffixes[i])) {\n")
	fmt.Fprintf(&b, "      return \"PROXY %s; DIRECT\";\n    }\n  }\n  return \"DIRECT\";\n}\n", r.Addr)
	return b.String()
}
