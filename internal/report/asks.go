package report

import (
	"cmp"
	"slices"
	"strings"

	"detour/internal/flow"
)

// An audience is who can do something about a finding.
type audience string

// The audiences.
const (
	network audience = "network team"
	account audience = "AWS account owner"
	user    audience = "endpoint user"
)

// An ask is what to ask of whom. %h is the finding's hosts, %a the addresses that
// were tried, %f this machine's addresses on the way there, %n the nameservers,
// %e the endpoint services, %p the upstream proxies, %o the operations, %r request ids.
type ask struct {
	of   audience
	what string
}

// asksOf are the asks of a finding by its code, the first one to act on first.
func asksOf(code string) []ask {
	switch code {
	case "private-endpoint-unreachable":
		return []ask{
			{account, "In the security group of the interface endpoints for %e: an inbound rule for TCP port 443 from %f, or from what NAT makes of it on the way."},
			{network, "If the security group admits it already: a way from %f to %a, TCP port 443, and back; firewalls and routes in between."},
		}
	case "address-unanswered", "ipv6-unanswered":
		return []ask{{network, "Let %f reach every address of %h (%a), TCP port 443, or have DNS leave out those that can't be reached."}}
	case "connect-timeout":
		return []ask{{network, "Let %f reach %h (%a), TCP port 443, and the answers come back."}}
	case "connect-refused":
		return []ask{{network, "Find what answers %f with a reset on the way to %h (%a), TCP port 443, and have it let the connect through."}}
	case "connect-unreachable":
		return []ask{{network, "A route from %f to %h (%a)."}}
	case "dns-failed":
		return []ask{{network, "Have %n give an address for %h."}}
	case "sinkholed":
		return []ask{{network, "Take %h off the DNS filter, or off the hosts file: %a can't be AWS's."}}
	case "nameservers-disagree", "dns-answer-changed", "system-resolver-differs":
		return []ask{{network, "Have all resolvers of this machine (%n) give the same answer for %h."}}
	case "idle-connection-lost":
		return []ask{{network, "Keep idle connections to %h for longer than it is now, or reset them rather than forget them."}}
	case "tls-failed", "tls-intercepted":
		return []ask{{network, "Leave %h out of TLS inspection."}}
	case "upstream-proxy-failed":
		return []ask{{network, "Let %f connect to %h, port 443, through the proxy %p."}}
	case "answer-not-from-aws", "signature-broken":
		return []ask{{network, "Find what stands between %f and %h and answers for it, or changes requests; leave these hosts out."}}
	case "wrong-region", "https-record-has-addresses":
		return []ask{{network, "Have DNS lead %h where AWS's own DNS leads it."}}
	case "alias-to-another-endpoint", "wrong-endpoint-answers":
		return []ask{{account, "Have the private DNS name %h lead to the endpoint of its own service and Region (%e)."}}
	case "denied-by-endpoint-policy":
		return []ask{{account, "Have the policy of the endpoints for %e allow %o."}}
	case "access-denied":
		return []ask{{account, "Allow %o for this principal, in the kind of policy that the error names."}}
	case "private-access-denied":
		return []ask{{account, "Admit this account in the policies of the console's and sign-in's endpoints."}}
	case "credentials-not-accepted":
		return []ask{{account, "Have the Region and its tokens enabled, so that %h takes these credentials."}}
	case "throttled":
		return []ask{{account, "A higher quota for %o, or fewer of them at once."}}
	case "server-error":
		return []ask{{account, "Ask AWS support about %o, with the request ids: %r."}}
	case "clock-skewed":
		return []ask{{user, "Set this machine's clock by a time server."}}
	case "credentials-expired":
		return []ask{{user, "Sign in again."}}
	case "certificate-refused":
		return []ask{{user, "Trust detour's certificate in that client, or have detour pass %h unread."}}
	case "local-network-access-blocked", "local-network-access-ahead":
		return []ask{{user, "Allow the console's site local network access in the browser."}}
	case "blocked-in-the-browser":
		return []ask{{user, "Open the same page without extensions."}}
	case "direct-calls-unanswered", "page-measured-timeouts":
		return []ask{
			{user, "Run detour on that machine with the same page: what was sent here doesn't say where the calls to %h end."},
			{account, "If they turn out to go to private addresses: in the security group of the interface endpoints for %e, an inbound rule for TCP port 443 from that machine."},
		}
	case "hosts-file-override":
		return []ask{{user, "Take %h out of the hosts file, if the line isn't meant."}}
	}
	return nil
}

// asks are what to do next, by finding, for whom it is for.
func (s survey) asks() part {
	p := part{ID: "next", Title: "For whom the next action is"}
	for _, f := range s.Findings[:min(len(s.Findings), maxFindings)] {
		if f.Level != flow.LevelProblem || f.Resolved {
			continue
		}
		asks := asksOf(f.Code)
		if asks == nil {
			asks = []ask{{user, "Look at the finding: " + strings.ReplaceAll(f.Title, "%", "%%") + "."}}
		}
		words := s.facts(f)
		for i, a := range asks {
			b := block{Title: string(a.of), Note: words.Replace(a.what)}
			if i == 0 {
				b.Lines = bounded(f).Try
			}
			p.Blocks = append(p.Blocks, b)
		}
	}
	if len(p.Blocks) == 0 {
		p.Blocks = []block{{Note: "For nobody: there is no problem to act on."}}
	}
	return p
}

// facts fill in the words of an ask from the finding's flows.
func (s survey) facts(found flow.Finding) *strings.Replacer {
	sets := make(map[string][]string)
	add := func(verb, word string) {
		if word != "" && len(sets[verb]) <= maxList && !slices.Contains(sets[verb], word) {
			sets[verb] = append(sets[verb], word)
		}
	}
	for _, id := range found.Flows[:min(len(found.Flows), maxFacts)] {
		i, known := slices.BinarySearchFunc(s.Flows, id, func(f *flow.Flow, id flow.ID) int { return cmp.Compare(f.ID, id) })
		if !known {
			continue
		}
		f := s.Flows[i]
		if a := f.AWS; a != nil {
			add("%e", a.EndpointService)
			add("%r", a.RequestID)
			if a.Operation != "" {
				add("%o", a.Service+":"+a.Operation)
			}
		}
		c := f.Conn
		if c == nil {
			continue
		}
		add("%p", c.UpstreamProxy)
		if r := c.Resolution; r != nil && r.Nameserver.IsValid() {
			add("%n", r.Nameserver.String())
		}
		for _, a := range c.Attempts {
			if a.Addr.IsValid() {
				add("%a", a.Addr.Addr().String())
			}
			if a.Local.IsValid() {
				add("%f", a.Local.Addr().String())
			}
		}
	}
	for _, h := range found.Hosts {
		add("%h", h)
	}
	for _, words := range sets {
		slices.Sort(words)
	}
	pairs := []string{"%%", "%"}
	for verb, unknown := range map[string]string{
		"%h": "the hosts", "%a": "an address that isn't known", "%f": "this machine", "%n": "the nameserver", "%e": "that service",
		"%p": "that is set", "%o": "the operation", "%r": "none is known",
	} {
		pairs = append(pairs, verb, or(some(sets[verb], maxList), unknown))
	}
	return strings.NewReplacer(pairs...)
}
