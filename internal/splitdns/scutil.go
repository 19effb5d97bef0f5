package splitdns

import "strings"

// scopedHead is in the head of scutil's second list.
const scopedHead = "(for scoped queries)"

// scutilRules reads what scutil --dns prints on macOS: a block for each resolver, of which those
// with a domain are asked for its names only. A second list is of resolvers for programs that
// choose an interface; it is left out, and so are those of multicast DNS.
func scutilRules(printed string) (out Rules) {
	for block := range strings.SplitSeq(printed, "\n\n") {
		if strings.Contains(block, scopedHead) {
			break
		}
		var r Rule
		multicast := false
		for line := range strings.Lines(block) {
			key, value, _ := strings.Cut(line, ":")
			key, value = strings.TrimSpace(key), strings.TrimSpace(value)
			switch {
			case key == "domain":
				r.Domain = trim(value)
			case strings.HasPrefix(key, "nameserver["):
				r.Servers = append(r.Servers, servers([]string{value}, dnsPort)...)
			case key == "port":
				r.Servers = withPort(r.Servers, value)
			case key == "options" && strings.Contains(value, "mdns"):
				multicast = true
			}
		}
		if r.Domain != "" && len(r.Servers) > 0 && !multicast {
			out = append(out, r)
		}
	}
	return out
}
