package diagnose

import (
	"net/netip"
	"os/exec"
	"strings"
	"testing"
	"time"

	"detour/internal/finding"
	"detour/internal/flow"
)

const (
	logs    = "logs.ap-northeast-1.amazonaws.com"
	metrics = "monitoring.ap-northeast-1.amazonaws.com"
)

// ok is a direct call that works.
func ok(id flow.ID, host, ip, op string) *flow.Flow {
	return answered(id, flow.OriginDirect, host, ip, op)
}

// refusal is a call that was answered with an error.
func refusal(id flow.ID, ip string, status int, e *flow.AWSError) *flow.Flow {
	f := ok(id, logs, ip, "DescribeLogGroups")
	f.Response.Status, f.AWS.Error, f.AWS.RequestID = status, e, "r-1"
	return f
}

func with(f *flow.Flow, change func(f *flow.Flow)) *flow.Flow {
	change(f)
	return f
}

func relayed(id flow.ID) *flow.Flow {
	return answered(id, flow.OriginConsole, consoleHost, "203.0.113.10", "DescribeInstances")
}

// TestRun_signatures: what a lab can't stage. The first finding is the one that is
// expected, and there is no other problem.
func TestRun_signatures(t *testing.T) {
	ended := func(o flow.DialOutcome, err string) func(f *flow.Flow) {
		return func(f *flow.Flow) {
			for i := range f.Conn.Attempts {
				f.Conn.Attempts[i].Outcome, f.Conn.Attempts[i].Err, f.Conn.Attempts[i].Took = o, err, 5*time.Millisecond
			}
		}
	}
	noName := func(o flow.DNSOutcome, change func(r *flow.Resolution)) *flow.Flow {
		f := call(1, flow.OriginDirect, logs, "DescribeLogGroups")
		f.Conn.Attempts, f.Conn.Resolution.Addrs, f.Conn.Resolution.Outcome, f.Failure.Stage = nil, nil, o, flow.StageDNS
		change(f.Conn.Resolution)
		return f
	}
	tlsFail := func(id flow.ID, host string, o flow.TLSOutcome, change func(i *flow.TLSInfo)) *flow.Flow {
		f := call(id, flow.OriginDirect, host, "X", "10.0.1.24")
		ended(flow.DialConnected, "")(f)
		f.Failure.Stage, f.Conn.TLS = flow.StageTLS, &flow.TLSInfo{Outcome: o, Took: time.Second, Err: "why"}
		change(f.Conn.TLS)
		return f
	}
	same := func(*flow.TLSInfo) {}
	fromHAR := func(f *flow.Flow) *flow.Flow {
		f.Source = flow.SourceHAR
		return f
	}
	for name, v := range map[string]struct {
		flows []*flow.Flow
		code  string // of the first finding; "": there is none
		level flow.Level
		says  string // somewhere in its text
	}{
		"three private services, nothing private answers, a public nameserver": {[]*flow.Flow{
			relayed(1),
			with(call(2, flow.OriginDirect, logs, "A", "10.0.1.24"),
				func(f *flow.Flow) { f.Conn.Resolution.Nameserver = netip.MustParseAddrPort("198.51.100.53:53") }),
			with(call(3, flow.OriginDirect, metrics, "B", "10.0.1.23"),
				func(f *flow.Flow) { f.Conn.Resolution.Nameserver = netip.MustParseAddrPort("198.51.100.53:53") }),
			with(call(4, flow.OriginDirect, "ssm.ap-northeast-1.amazonaws.com", "C", "10.0.1.25"),
				func(f *flow.Flow) { f.Conn.Resolution.Nameserver = netip.MustParseAddrPort("198.51.100.53:53") }),
		}, "private-endpoint-unreachable", flow.LevelProblem, "a VPN, Direct Connect or route that is down"},
		"a nameserver inside answers": {
			[]*flow.Flow{call(1, flow.OriginDirect, logs, "A", "10.0.1.24")},
			"private-endpoint-unreachable",
			flow.LevelProblem, "nameserver 10.0.0.2 has a private address and responds",
		},
		"carrier-grade NAT space": {
			[]*flow.Flow{call(1, flow.OriginDirect, logs, "A", "100.64.1.24")},
			"private-endpoint-unreachable",
			flow.LevelProblem, "consistent with an interface endpoint",
		},
		"refused in the machine's own network": {[]*flow.Flow{with(call(1, flow.OriginDirect, logs, "A", "10.0.1.24"), func(f *flow.Flow) {
			ended(flow.DialRefused, "connection refused")(f)
			f.Conn.Attempts[0].Local = netip.MustParseAddrPort("10.0.1.9:50000")
		})}, "connect-refused", flow.LevelProblem, "10.0.1.24 is in the same network as this machine's own 10.0.1.9"},
		"the public path works": {[]*flow.Flow{with(call(1, flow.OriginDirect, logs, "A", "10.0.1.24"), func(f *flow.Flow) {
			f.Conn.Elsewhere = []flow.DialAttempt{{
				Addr: netip.MustParseAddrPort("203.0.113.30:443"), Outcome: flow.DialConnected,
				Took: 9 * time.Millisecond,
			}}
		})}, "private-endpoint-unreachable", flow.LevelProblem, "works over the public path, and not over the private one"},
		"IPv6 is dead": {[]*flow.Flow{with(ok(1, logs, "203.0.113.5", "A"), func(f *flow.Flow) {
			f.Conn.Attempts = append(f.Conn.Attempts,
				flow.DialAttempt{Addr: netip.MustParseAddrPort("[2001:db8::1]:443"), Outcome: flow.DialTimeout, Took: 4 * time.Second})
		})}, "ipv6-unanswered", flow.LevelProblem, "IPv4 responds and IPv6 doesn't"},
		"no way out, but endpoints": {[]*flow.Flow{ok(1, metrics, "10.0.1.23", "GetMetricData"), call(2, flow.OriginDirect, logs, "A",
			"203.0.113.5")}, "connect-timeout", flow.LevelProblem, "has no interface endpoint for this service"},
		"an idle connection that was forgotten": {[]*flow.Flow{with(ok(1, logs, "10.0.1.24", "A"), func(f *flow.Flow) {
			f.Reused, f.Response, f.Failure = true, nil, &flow.Failure{Stage: flow.StageWait, Message: "reset"}
			f.Times.Start = f.Conn.Start.Add(6 * time.Minute)
			f.Times.Done = f.Times.Start.Add(time.Second)
		})}, "idle-connection-lost", flow.LevelNotice, "drops idle connections"},
		"an extension": {[]*flow.Flow{fromHAR(with(call(1, flow.OriginDirect, logs, "A"), func(f *flow.Flow) {
			f.Failure = &flow.Failure{Stage: flow.StageClient, Kind: flow.KindBlockedByClient, Message: "net::ERR_BLOCKED_BY_CLIENT"}
		}))}, "blocked-in-the-browser", flow.LevelProblem, "in the browser by an extension"},
		"Local Network Access refused": {[]*flow.Flow{fromHAR(with(call(1, flow.OriginDirect, logs, "A"), func(f *flow.Flow) {
			f.Failure = &flow.Failure{Stage: flow.StageClient, Kind: flow.KindLocalNetworkAccess, Message: "net::ERR_BLOCKED_BY_LOCAL_NETWORK_ACCESS_CHECKS"}
		}))}, "local-network-access-blocked", flow.LevelProblem, "from a public page"},
		"21 seconds in a HAR": {[]*flow.Flow{fromHAR(with(call(1, flow.OriginDirect, logs, "A"), func(f *flow.Flow) {
			f.Conn.Resolution, f.Conn.Attempts = nil, nil
			f.Failure.Message, f.Times.Done = "net::ERR_CONNECTION_TIMED_OUT", f.Times.Start.Add(21*time.Second+40*time.Millisecond)
		}))}, "direct-calls-unanswered", flow.LevelProblem, "the connect timeout of Windows"},
		"a healthy private endpoint, through us": {
			[]*flow.Flow{with(ok(1, logs, "10.0.1.24", "A"),
				func(f *flow.Flow) { f.Source = flow.SourceProxy })},
			"local-network-access-ahead", flow.LevelNotice, "without detour the browser asks for permission",
		},
		"a healthy private endpoint, in a HAR": {[]*flow.Flow{fromHAR(ok(1, logs, "10.0.1.24", "A"))}, "", "", ""},

		"private DNS went away": {[]*flow.Flow{with(ok(1, logs, "203.0.113.5", "A"), func(f *flow.Flow) {
			f.Conn.Resolution.Before = &flow.Answer{Outcome: flow.DNSOK, Addrs: []netip.Addr{netip.MustParseAddr("10.0.1.24")}, Last: t0}
		})}, "dns-answer-changed", flow.LevelNotice, "was 10.0.1.24 (private) until 10:28:00"},
		"a shadowing zone": {
			[]*flow.Flow{noName(flow.DNSNXDomain, func(r *flow.Resolution) { r.Zone = "amazonaws.com" })},
			"dns-failed",
			flow.LevelProblem, "the answer comes from the zone amazonaws.com",
		},
		"a silent nameserver": {
			[]*flow.Flow{noName(flow.DNSTimeout, func(*flow.Resolution) {})},
			"dns-failed", flow.LevelProblem,
			"port 53 to the nameserver is blocked",
		},
		"servfail": {
			[]*flow.Flow{noName(flow.DNSServFail, func(*flow.Resolution) {})},
			"dns-failed", flow.LevelProblem,
			"can't reach the server that it forwards to",
		},
		"rebinding protection": {[]*flow.Flow{noName(flow.DNSNoData, func(r *flow.Resolution) {
			r.Reference = &flow.Reference{Nameserver: "10.0.0.2", Outcome: flow.DNSOK, Addrs: []netip.Addr{netip.MustParseAddr("10.0.1.24")}}
		})}, "dns-failed", flow.LevelProblem, "strips private addresses"},
		"a filter that says so": {
			[]*flow.Flow{noName(flow.DNSNXDomain,
				func(r *flow.Resolution) { r.Queries = []flow.DNSQuery{{EDE: "Blocked by policy"}} })},
			"dns-failed", flow.LevelProblem, "a DNS filter, as the nameserver reports (Blocked by policy)",
		},
		"a sinkhole": {
			[]*flow.Flow{with(call(1, flow.OriginDirect, logs, "A", "0.0.0.0"), ended(flow.DialRefused, "refused"))},
			"sinkholed", flow.LevelProblem, "a blocklist",
		},
		"the hosts file": {[]*flow.Flow{with(ok(1, logs, "203.0.113.5", "A"), func(f *flow.Flow) {
			f.Conn.Resolution.Source, f.Conn.Resolution.Hosts = flow.SourceHosts, "/etc/hosts:2"
		})}, "hosts-file-override", flow.LevelNotice, "in /etc/hosts:2"},
		"the system differs from the nameserver": {[]*flow.Flow{with(ok(1, logs, "203.0.113.5", "A"), func(f *flow.Flow) {
			f.Conn.Resolution.Source = flow.SourceSystem
			f.Conn.Resolution.Wire = &flow.Reference{
				Nameserver: "10.0.0.2:53", Outcome: flow.DNSOK,
				Addrs: []netip.Addr{netip.MustParseAddr("10.0.1.24")},
			}
		})}, "system-resolver-differs", flow.LevelNotice, "10.0.0.2:53 returns 10.0.1.24"},
		"an HTTPS record with addresses": {
			[]*flow.Flow{fromHAR(with(ok(1, logs, "10.0.1.24", "A"),
				func(f *flow.Flow) { f.Conn.Resolution.HTTPS = []string{"1 . ipv4hint=203.0.113.5"} }))},
			"https-record-has-addresses", flow.LevelNotice, "may use other addresses",
		},
		"an alias to another service": {[]*flow.Flow{with(call(1, flow.OriginDirect, logs, "A", "10.0.1.24"), func(f *flow.Flow) {
			f.Conn.Resolution.CNAMEs = []string{"vpce-0a-1b.sqs.ap-northeast-1.vpce.amazonaws.com"}
		})}, "alias-to-another-endpoint", flow.LevelProblem, "an endpoint of sqs"},
		"an alias to another Region": {[]*flow.Flow{with(call(1, flow.OriginDirect, logs, "A", "10.0.1.24"), func(f *flow.Flow) {
			f.Conn.Resolution.CNAMEs = []string{"vpce-0a-1b-us-east-1a.logs.us-east-1.vpce.amazonaws.com"}
		})}, "alias-to-another-endpoint", flow.LevelProblem, "an endpoint in us-east-1"},
		"an alias to another service, in China": {[]*flow.Flow{with(call(1, flow.OriginDirect, "logs.cn-north-1.amazonaws.com.cn", "A",
			"10.0.1.24"), func(f *flow.Flow) {
			f.AWS.Region = "cn-north-1"
			f.Conn.Resolution.CNAMEs = []string{"vpce-0a-1b.sqs.cn-north-1.vpce.amazonaws.com.cn"}
		})}, "alias-to-another-endpoint", flow.LevelProblem, "an endpoint of sqs"},
		"an alias to another service, elsewhere": {[]*flow.Flow{with(call(1, flow.OriginDirect, "logs.us-iso-east-1.c2s.ic.gov", "A",
			"10.0.1.24"), func(f *flow.Flow) {
			f.AWS.Region = "us-iso-east-1"
			f.Conn.Resolution.CNAMEs = []string{"vpce-0a-1b.sqs.us-iso-east-1.vpce.c2s.ic.gov"}
		})}, "alias-to-another-endpoint", flow.LevelProblem, "an endpoint of sqs"},
		"an alias to its own endpoint": {[]*flow.Flow{with(call(1, flow.OriginDirect, logs, "A", "10.0.1.24"), func(f *flow.Flow) {
			f.Conn.Resolution.CNAMEs = []string{"vpce-0a-1b.logs.ap-northeast-1.vpce.amazonaws.com"}
		})}, "private-endpoint-unreachable", flow.LevelProblem, ""},

		"another service's certificate": {
			[]*flow.Flow{tlsFail(1, logs, flow.TLSNameMismatch, same)},
			"tls-failed", flow.LevelProblem,
			"another service's endpoint",
		},
		"an interceptor": {
			[]*flow.Flow{tlsFail(1, logs, flow.TLSUntrusted, same)},
			"tls-failed", flow.LevelProblem,
			"a TLS-inspecting proxy between here and AWS",
		},
		"an interceptor that is trusted": {[]*flow.Flow{with(ok(1, logs, "203.0.113.5", "A"), func(f *flow.Flow) {
			f.Conn.TLS = &flow.TLSInfo{Outcome: flow.TLSOK, Issued: flow.IssuerPrivate, Chain: []flow.Cert{{Issuer: "CN=Example Proxy CA"}}}
		})}, "tls-intercepted", flow.LevelNotice, "issued by CN=Example Proxy CA"},
		"silence after the hello": {
			[]*flow.Flow{tlsFail(1, logs, flow.TLSTimeout, func(i *flow.TLSInfo) { i.SmallHello = flow.TLSOK })},
			"tls-failed", flow.LevelProblem, "drops large packets (MTU)",
		},
		"a reset after the hello": {[]*flow.Flow{tlsFail(1, logs, flow.TLSReset, same)}, "tls-failed", flow.LevelProblem, "asymmetric routing"},
		"everything has expired": {
			[]*flow.Flow{tlsFail(1, logs, flow.TLSExpired, same), tlsFail(2, metrics, flow.TLSExpired, same)},
			"tls-failed", flow.LevelProblem, "a wrong clock on this machine",
		},
		"https:// to a plain proxy": {[]*flow.Flow{with(call(1, flow.OriginDirect, logs, "A"), func(f *flow.Flow) {
			f.Conn.UpstreamProxy, f.Failure = "proxy.corp:3128",
				&flow.Failure{Stage: flow.StageUpstreamProxy, Message: "no TLS here", Plaintext: true}
		})}, "upstream-proxy-failed", flow.LevelProblem, "http:// instead of https://"},

		"a proxy that a HAR doesn't name": {[]*flow.Flow{with(call(1, flow.OriginDirect, logs, "A"), func(f *flow.Flow) {
			f.Conn.UpstreamProxy, f.Failure = "unknown", &flow.Failure{Stage: flow.StageUpstreamProxy, Message: "net::ERR_TUNNEL_CONNECTION_FAILED"}
		})}, "upstream-proxy-failed", flow.LevelProblem, "curl -v -x PROXY_URL https://"},

		"an endpoint's policy": {[]*flow.Flow{relayed(1), refusal(2, "10.0.1.24", 403, &flow.AWSError{
			Code: "AccessDeniedException", Message: "denied", Deny: "VPC endpoint policy", Explicit: true,
			PolicyARN: "arn:aws:ec2:x:1:vpc-endpoint/vpce-1",
		})}, "denied-by-endpoint-policy", flow.LevelProblem, "policy: arn:aws:ec2:x:1:vpc-endpoint/vpce-1"},
		"an SCP": {[]*flow.Flow{refusal(1, "203.0.113.5", 403, &flow.AWSError{
			Code: "AccessDenied", Message: "m",
			Deny: "service control policy", Explicit: true,
		})}, "access-denied", flow.LevelNotice, "an explicit deny in a service control policy"},
		"only by the endpoint": {
			[]*flow.Flow{relayed(1), refusal(2, "10.0.1.24", 403, &flow.AWSError{Code: "AccessDenied", Message: "m"})},
			"access-denied", flow.LevelProblem, "aws:SourceIp",
		},
		"a relayed call that failed inside": {[]*flow.Flow{with(relayed(1), func(f *flow.Flow) {
			f.AWS.InnerStatus, f.AWS.Error = 403, &flow.AWSError{Code: "AccessDenied", Message: "m"}
		})}, "access-denied", flow.LevelNotice, "403 (the console's server returned 200)"},
		"a wrong clock": {[]*flow.Flow{with(refusal(1, "203.0.113.5", 403,
			&flow.AWSError{Code: "InvalidSignatureException", Message: "Signature expired"}), func(f *flow.Flow) {
			f.AWS.ClockSkew = -15 * time.Minute
		})}, "clock-skewed", flow.LevelProblem, "response's Date by -900 s"},
		"S3's word for it": {
			[]*flow.Flow{refusal(1, "203.0.113.5", 403, &flow.AWSError{Code: "RequestTimeTooSkewed"})},
			"clock-skewed", flow.LevelProblem, "a wrong clock",
		},
		"a broken signature": {
			[]*flow.Flow{refusal(1, "203.0.113.5", 403, &flow.AWSError{Code: "SignatureDoesNotMatch"})},
			"signature-broken", flow.LevelProblem, "changes requests",
		},
		"an old session": {
			[]*flow.Flow{refusal(1, "203.0.113.5", 403, &flow.AWSError{Code: "ExpiredTokenException"})},
			"credentials-expired", flow.LevelProblem, "a console session that has ended",
		},
		"a Region that isn't enabled": {
			[]*flow.Flow{refusal(1, "203.0.113.5", 403, &flow.AWSError{Code: "UnrecognizedClientException"})},
			"credentials-not-accepted", flow.LevelProblem, "isn't enabled",
		},
		"another Region's scope": {[]*flow.Flow{refusal(1, "203.0.113.5", 403, &flow.AWSError{
			Code:    "InvalidSignatureException",
			Message: "Credential should be scoped to a valid region.",
		})}, "wrong-region", flow.LevelProblem, "another Region"},
		"Private Access": {[]*flow.Flow{with(answered(1, flow.OriginSignIn, "signin.aws.amazon.com", "10.0.1.9", ""), func(f *flow.Flow) {
			f.AWS, f.Response.Status = nil, 403
		})}, "private-access-denied", flow.LevelProblem, "allows other accounts only"},
		"another service answers": {
			[]*flow.Flow{refusal(1, "10.0.1.24", 400, &flow.AWSError{Code: "UnknownOperationException"})},
			"wrong-endpoint-answers", flow.LevelProblem, "another service's endpoint",
		},
		"too many calls": {
			[]*flow.Flow{refusal(1, "203.0.113.5", 400, &flow.AWSError{Code: "ThrottlingException"})},
			"throttled",
			flow.LevelNotice, "not a network problem",
		},
		"trouble at AWS": {
			[]*flow.Flow{refusal(1, "203.0.113.5", 503, &flow.AWSError{Code: "ServiceUnavailable"})},
			"server-error",
			flow.LevelProblem, "request ID: r-1",
		},
		"an ordinary refusal": {[]*flow.Flow{refusal(1, "203.0.113.5", 400, &flow.AWSError{Code: "ValidationException"})}, "", "", ""},
		"a captive portal": {[]*flow.Flow{with(ok(1, logs, "203.0.113.5", "A"), func(f *flow.Flow) {
			f.Response.Traits = []flow.Trait{flow.TraitWebPage}
		})}, "answer-not-from-aws", flow.LevelProblem, "a captive portal"},
		"a beacon of 42 s": {[]*flow.Flow{with(answered(1, flow.OriginTelemetry, consoleHost, "203.0.113.10", "GetMetricData"),
			func(f *flow.Flow) {
				f.AWS.Measured = 42*time.Second + 100*time.Millisecond
			})}, "page-measured-timeouts", flow.LevelNotice, "2 times the connect timeout of Windows"},
		"a beacon of 3 s": {[]*flow.Flow{with(answered(1, flow.OriginTelemetry, consoleHost, "203.0.113.10", "GetMetricData"),
			func(f *flow.Flow) {
				f.AWS.Measured = 3 * time.Second
			})}, "", "", ""},
		"a probe that has no credentials": {[]*flow.Flow{with(refusal(1, "203.0.113.5", 403,
			&flow.AWSError{Code: "MissingAuthenticationToken"}), func(f *flow.Flow) { f.Source = flow.SourceProbe })}, "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			for _, f := range v.flows {
				f.Findings = Codes(f)
			}
			got := Run(v.flows, t0.Add(time.Hour))
			if v.code == "" {
				if len(got) != 0 {
					t.Fatalf("got %+v, want nothing", got)
				}
				return
			}
			if len(got) == 0 || got[0].Code != v.code || got[0].Level != v.level || !strings.Contains(finding.Text(got[0]), v.says) {
				t.Fatalf("got %+v, want %s as a %s that says %q", got, v.code, v.level, v.says)
			}
			for _, f := range got[1:] {
				if f.Level == flow.LevelProblem {
					t.Errorf("another problem: %s: %s", f.Code, f.Title)
				}
			}
			if strings.Contains(got[0].Title, " is ") && !strings.Contains(got[0].Title, "consistent with") && got[0].Level == flow.LevelProblem &&
				got[0].Confidence != flow.ConfidenceHigh {
				t.Errorf("it says more than it knows: %s", got[0].Title)
			}
			for _, f := range got {
				checkSteps(t, f)
			}
			// Fields are dropped once a flow is kept; the judgement must not change.
			for _, f := range v.flows {
				f.Request.Headers = nil
				if f.Response != nil {
					f.Response.Headers = nil
				}
			}
			if again := Run(v.flows, t0.Add(time.Hour)); len(again) != len(got) || again[0].Code != v.code {
				t.Errorf("without fields: %+v", again)
			}
		})
	}
}

// checkSteps complains of commands that a shell doesn't take as they are, and of texts
// that can't introduce them.
func checkSteps(t *testing.T, f flow.Finding) {
	t.Helper()
	for _, s := range f.Try {
		if s.Text == "" || strings.TrimRight(s.Text, ".:;?!") != s.Text || s.Command != "" && strings.Contains(s.Text, ": ") {
			t.Errorf("%s: a step says %q", f.Code, s.Text)
		}
		if s.Command == "" {
			continue
		}
		if strings.ContainsAny(s.Command, "\n\t`$\\") {
			t.Errorf("%s: not a plain command on one line: %q", f.Code, s.Command)
		}
		if _, err := exec.LookPath("sh"); err != nil {
			continue // Windows: nobody pastes it into one there
		}
		if out, err := exec.Command("sh", "-n", "-c", s.Command).CombinedOutput(); err != nil {
			t.Errorf("%s: %s: %v %s", f.Code, s.Command, err, out)
		}
		if md := finding.MarkdownLines(finding.Steps([]flow.NextStep{s})); !strings.Contains(md, "\n```sh\n"+s.Command+"\n```\n") {
			t.Errorf("%s: %q can't be copied from\n%s", f.Code, s.Command, md)
		}
	}
	for _, a := range f.Asks {
		if strings.Contains(a.What, "%") || !strings.HasSuffix(a.What, ".") {
			t.Errorf("%s: asks for %q", f.Code, a.What)
		}
	}
}

func TestRun_theNetworkGoesBeforeWhatAnswersSay(t *testing.T) {
	flows := []*flow.Flow{call(1, flow.OriginDirect, logs, "A", "10.0.1.24")}
	for i := range 5 {
		flows = append(flows, refusal(flow.ID(i+2), "203.0.113.5", 503, &flow.AWSError{Code: "InternalFailure"}))
	}
	for _, f := range flows[1:] {
		f.Conn.Authority = metrics + ":443"
	}
	got := Run(flows, t0.Add(time.Hour))
	if len(got) != 2 || got[0].Code != "private-endpoint-unreachable" || got[1].Code != "server-error" {
		t.Errorf("got %+v", got)
	}
}
