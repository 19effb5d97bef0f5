package diagnose

import (
	"fmt"
	"strings"
	"time"

	"detour/internal/flow"
)

// remarkable reports whether something may be worth knowing of a flow that works.
// Most flows end here.
func remarkable(f *flow.Flow) bool {
	if !f.Final() || f.Conn == nil || !concerns(f) || !reached(f) {
		return false
	}
	if t := f.Conn.TLS; t != nil && t.Issued == flow.IssuerPrivate {
		return true
	}
	r := f.Conn.Resolution
	return r != nil && (r.Source == flow.SourceHosts || r.Before != nil || r.Wire != nil || len(r.HTTPS) > 0 || r.AllInVPC())
}

// advice makes a rule one that claims no flow.
func advice(r Rule) Rule {
	r.Level, r.tier, r.beside = flow.LevelNotice, tierAdvice, true
	return r
}

// intercepted is a chain that a company's own CA has issued for AWS's name.
func intercepted() Rule {
	return advice(Rule{
		Code:     "tls-intercepted",
		Meaning:  "The certificate of an AWS host, which was trusted, is of a private CA.",
		HowKnown: "It has no timestamps of public logs, without which browsers take no public CA's certificate.",
		WhatElse: "A stand-in for AWS on purpose.",
		Asks:     []flow.Ask{askNetworkTeam("Leave %h out of TLS inspection.")},
		Source:   "https://www.rfc-editor.org/rfc/rfc6962#section-3",
		match: func(f *flow.Flow, _ time.Time) bool {
			return f.Conn.TLS != nil && f.Conn.TLS.Outcome == flow.TLSOK && f.Conn.TLS.Issued == flow.IssuerPrivate
		},
		explain: func(g group) flow.Finding {
			return flow.Finding{
				Title:        fmt.Sprintf("%s: the certificate is of a private CA: consistent with a proxy on the way that reads along", list(g.hosts(), "")),
				Because:      g.interceptors(),
				Confidence:   flow.ConfidenceHigh,
				Alternatives: []string{"a stand-in for AWS, as for tests"},
				Try:          texts("ask whoever runs that proxy to leave these hosts out: what it changes breaks signatures"),
			}
		},
	})
}

// interceptors are the private CAs that have issued for the flows' hosts.
func (g group) interceptors() []string {
	return g.distinct(func(f *flow.Flow) []string {
		if f.Conn == nil || f.Conn.TLS == nil || f.Conn.TLS.Issued != flow.IssuerPrivate || len(f.Conn.TLS.Chain) == 0 {
			return nil
		}
		return []string{fmt.Sprintf("the certificate for %s is issued by %s, which is no public CA", hostOf(f), clean(f.Conn.TLS.Chain[0].Issuer))}
	})
}

// hostsOverride is a name of AWS's in the hosts file.
func hostsOverride() Rule {
	return advice(Rule{
		Code:     "hosts-file-override",
		Meaning:  "The hosts file of this machine has an AWS name.",
		HowKnown: "The address came from it, and no nameserver was asked.",
		WhatElse: "A tunnel that needs the line.",
		Asks:     []flow.Ask{askEndpointUser("Take %h out of the hosts file, if the line isn't meant.")},
		Source:   "https://man7.org/linux/man-pages/man5/hosts.5.html",
		match: func(f *flow.Flow, _ time.Time) bool {
			return f.Conn.Resolution != nil && f.Conn.Resolution.Source == flow.SourceHosts
		},
		explain: func(g group) flow.Finding {
			return flow.Finding{
				Title:        fmt.Sprintf("%s: the address is of the hosts file, not of DNS", list(g.hosts(), "")),
				Because:      g.distinct(byHosts),
				Confidence:   flow.ConfidenceHigh,
				Alternatives: []string{"a line that a tunnel needs, or that was forgotten"},
				Try:          texts("dig " + g.hosts()[0] + ": what DNS says instead"),
			}
		},
	})
}

// byHosts says that an address is of the hosts file.
func byHosts(f *flow.Flow) []string {
	r := f.Conn.Resolution
	if r == nil || r.Source != flow.SourceHosts || len(r.Addrs) == 0 {
		return nil
	}
	where := "the hosts file"
	if r.Hosts != "" {
		where = clean(r.Hosts)
	}
	return []string{fmt.Sprintf("%s is %s by %s; no nameserver was asked", hostOf(f), r.Addrs[0], where)}
}

// systemDiffers is a resolver of the system's that says other than its nameserver.
func systemDiffers() Rule {
	return advice(Rule{
		Code:     "system-resolver-differs",
		Meaning:  "The system's resolver gave an address that its nameserver doesn't.",
		HowKnown: "The nameserver was asked beside, on the wire.",
		WhatElse: "A cache of the system's; a nameserver that a VPN has for this domain alone.",
		Asks:     []flow.Ask{askNetworkTeam("Have all resolvers of this machine (%n) give the same answer for %h.")},
		Source:   "https://developer.apple.com/library/archive/documentation/Networking/Conceptual/SystemConfigFrameworks/",
		match: func(f *flow.Flow, _ time.Time) bool {
			return f.Conn.Resolution != nil && f.Conn.Resolution.Explained() == flow.ExplainedDifferent
		},
		explain: func(g group) flow.Finding {
			return flow.Finding{
				Title: fmt.Sprintf("%s: the system resolves it by another way than its nameserver", list(g.hosts(), "")),
				Because: g.distinct(func(f *flow.Flow) []string {
					r := f.Conn.Resolution
					return []string{fmt.Sprintf("%s: the system says %s, %s says %s", hostOf(f), said(r.Outcome, r.Addrs), clean(r.Wire.Nameserver), said(r.Wire.Outcome, r.Wire.Addrs))}
				}),
				Confidence:   flow.ConfidenceMedium,
				Alternatives: []string{"the hosts file", "a nameserver that a VPN has for this domain alone", "an answer that the system has kept"},
				Try:          texts("macOS: scutil --dns; Windows: Get-DnsClientNrptPolicy, ipconfig /displaydns"),
			}
		},
	})
}

// answerChanged is a name that leads elsewhere than before, in the same run.
func answerChanged() Rule {
	return advice(Rule{
		Code:     "dns-answer-changed",
		Meaning:  "What an AWS name resolves to changed its kind in the middle of a run: private to public, or back.",
		HowKnown: "Two lookups of the same run.",
		WhatElse: "Two nameservers with different views that are asked in turn.",
		Asks:     []flow.Ask{askNetworkTeam("Have all resolvers of this machine (%n) give the same answer for %h.")},
		Source:   "https://docs.aws.amazon.com/vpn/latest/clientvpn-admin/what-is.html",
		match: func(f *flow.Flow, _ time.Time) bool {
			return f.Conn.Resolution != nil && f.Conn.Resolution.Before != nil
		},
		explain: func(g group) flow.Finding {
			f := flow.Finding{
				Title: fmt.Sprintf("%s: the name leads elsewhere than before: consistent with a VPN that came up or went down", list(g.hosts(), "")),
				Because: g.distinct(func(f *flow.Flow) []string {
					r := f.Conn.Resolution
					return []string{fmt.Sprintf("%s was %s until %s, and is %s now", hostOf(f), said(r.Before.Outcome, r.Before.Addrs), r.Before.Last.UTC().Format("15:04:05"), said(r.Outcome, r.Addrs))}
				}),
				Confidence:   flow.ConfidenceMedium,
				Alternatives: []string{"a private hosted zone, or an endpoint's private DNS, that was switched on or off"},
				Try:          texts("resolvectl status, or scutil --dns: which link or domain has which nameserver"),
			}
			if len(g.flows) > len(g.hosts()) {
				f.Title = fmt.Sprintf("%s: the answer goes to and fro: consistent with two nameservers that see different zones", list(g.hosts(), ""))
			}
			return f
		},
	})
}

// localNetworkAhead predicts what a browser does without detour: Chrome from 142 and
// Edge from 143 ask, or refuse, before a public page may fetch from a private address.
func localNetworkAhead() Rule {
	return advice(Rule{
		Code:     "local-network-access-ahead",
		Meaning:  "Without detour, browsers ask leave before a page of the console may call this private address, or refuse.",
		HowKnown: "The page's host is public, and the call that the page makes itself goes to a private address. Behind detour the browser talks to loopback, and doesn't ask.",
		WhatElse: "Nothing is wrong as long as the browser has leave, by its policy or by the user's word.",
		Asks:     []flow.Ask{askEndpointUser("Allow the console's site local network access in the browser.")},
		Source:   "https://developer.chrome.com/blog/local-network-access",
		match: func(f *flow.Flow, _ time.Time) bool {
			return f.Source == flow.SourceProxy && direct(f) && f.Page != "" && byPrivateWay(f) && f.Conn.UpstreamProxy == ""
		},
		explain: func(g group) flow.Finding {
			return flow.Finding{
				Title: fmt.Sprintf("%s: works here, by a private address; without detour the browser asks leave first, or refuses", list(g.hosts(), "")),
				Because: append(g.answerers(),
					"behind a proxy on this machine the browser doesn't see the private address: that it works here says nothing about this check"),
				Confidence: flow.ConfidenceMedium,
				Alternatives: []string{
					"what is proved although proxied: the name, the way there, the endpoint and the permissions are fine",
				},
				Try: texts(
					"Chrome 142, Edge 143 or later: allow the console's site local network access when asked, or in its site settings",
					"by policy: LocalNetworkAccessAllowedForUrls for https://[*.]console.aws.amazon.com",
				),
			}
		},
	})
}

// httpsRecord is a name whose HTTPS record has addresses of its own.
func httpsRecord() Rule {
	return advice(Rule{
		Code:     "https-record-has-addresses",
		Meaning:  "The HTTPS record of a name that is private here has addresses, which a browser may use in their place.",
		HowKnown: "The record was asked for beside the lookup.",
		WhatElse: "A browser that doesn't ask for the record.",
		Asks:     []flow.Ask{askNetworkTeam("Have DNS lead %h where AWS's own DNS leads it.")},
		Source:   "https://www.rfc-editor.org/rfc/rfc9460#section-7.3",
		match: func(f *flow.Flow, _ time.Time) bool {
			r := f.Conn.Resolution
			return r != nil && r.AllInVPC() && strings.Contains(strings.Join(r.HTTPS, " "), "hint=")
		},
		explain: func(g group) flow.Finding {
			return flow.Finding{
				Title: fmt.Sprintf("%s: a browser without detour may go to other addresses than this machine does", list(g.hosts(), "")),
				Because: g.distinct(func(f *flow.Flow) []string {
					r := f.Conn.Resolution
					return []string{fmt.Sprintf("%s: addresses %s, HTTPS record %s", hostOf(f), said(r.Outcome, r.Addrs), clean(r.HTTPS[0]))}
				}),
				Confidence:   flow.ConfidenceLow,
				Alternatives: []string{"the browser resolves by DNS over HTTPS of its own: then it doesn't see the private zone at all"},
				Try:          texts("chrome://net-internals/#dns: what the browser itself resolves the name to"),
			}
		},
	})
}
