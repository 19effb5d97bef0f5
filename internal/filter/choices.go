package filter

import "detour/internal/flow"

func words(cs []choice) []string {
	var out []string
	for _, c := range cs {
		out = append(out, c.word)
	}
	return out
}

func origins() []choice {
	return []choice{
		{string(flow.OriginConsole), []string{"console"}, "the console's own servers make the call"},
		{string(flow.OriginDirect), []string{"direct"}, "the page calls the service endpoint from this machine"},
		{string(flow.OriginSignIn), []string{"signin"}, "sign-in and federation"},
		{string(flow.OriginStatic), nil, "scripts, styles and images"},
		{string(flow.OriginTelemetry), []string{"beacon"}, "metrics that the page reports"},
		{string(flow.OriginOther), nil, "not AWS, or a customer's own resource on an AWS domain"},
	}
}

func lookups() []choice {
	return []choice{
		{string(flow.DNSOK), nil, "the name has addresses"},
		{string(flow.DNSNXDomain), nil, "the name does not exist"},
		{string(flow.DNSNoData), nil, "the name exists, but has no address"},
		{string(flow.DNSServFail), nil, ""},
		{string(flow.DNSRefused), nil, ""},
		{string(flow.DNSTimeout), nil, "no nameserver responded"},
		{string(flow.DNSError), nil, ""},
		{"pending", []string{"resolving"}, "no answer yet"},
		{"reused", nil, "an existing connection was used"},
	}
}

func answers() []choice {
	return []choice{
		{string(flow.SourceDNS), nil, "a nameserver"},
		{string(flow.SourceHosts), nil, "the hosts file"},
		{string(flow.SourceSystem), nil, "the system's resolver, which doesn't report its source"},
		{string(flow.SourceMap), nil, "--map"},
		{string(flow.SourceLiteral), nil, "the host is an address"},
		{string(flow.SourceProxied), nil, "resolved by the upstream proxy"},
	}
}

func dials() []choice {
	return []choice{
		{string(flow.DialConnected), []string{"ok"}, ""},
		{string(flow.DialTimeout), nil, "no response"},
		{string(flow.DialRefused), []string{"rst"}, "RST in response to the SYN"},
		{string(flow.DialUnreachable), []string{"unreach"}, "no route, or an ICMP error"},
		{string(flow.DialReset), nil, "accepted, then reset"},
		{string(flow.DialLost), nil, "another address was faster"},
		{string(flow.DialCanceled), nil, "canceled by the client"},
		{string(flow.DialError), nil, ""},
		{"pending", []string{"connecting"}, "no response yet"},
		{"reused", nil, "an existing connection was used"},
	}
}

func handshakes() []choice {
	return []choice{
		{string(flow.TLSOK), nil, ""},
		{string(flow.TLSUntrusted), nil, "the root isn't trusted"},
		{string(flow.TLSExpired), nil, ""},
		{string(flow.TLSNameMismatch), []string{"wrongname"}, "valid for other names only"},
		{string(flow.TLSAlert), nil, "rejected by the server"},
		{string(flow.TLSTimeout), nil, "no response to the ClientHello"},
		{string(flow.TLSReset), nil, "connection closed during the handshake"},
		{string(flow.TLSError), nil, ""},
		{"pending", nil, "in progress"},
		{"reused", nil, "an existing connection was used"},
	}
}

func scopes() []choice {
	return []choice{
		{string(flow.ScopePublic), nil, ""},
		{string(flow.ScopePrivate), nil, "RFC 1918"},
		{string(flow.ScopeCGNAT), nil, "100.64.0.0/10"},
		{string(flow.ScopeBenchmark), nil, "198.18.0.0/15"},
		{string(flow.ScopeULA), nil, "fc00::/7"},
		{string(flow.ScopeLinkLocal), nil, ""},
		{string(flow.ScopeLoopback), nil, ""},
		{string(flow.ScopeUnspecified), nil, "0.0.0.0 and ::"},
	}
}

func stages() []choice {
	return []choice{
		{string(flow.StageDNS), nil, "the name didn't resolve to an address"},
		{string(flow.StageDial), []string{"tcp"}, "no TCP connection"},
		{string(flow.StageTLS), nil, "the TLS handshake failed"},
		{string(flow.StageUpstreamProxy), []string{"upstream"}, "the upstream proxy failed or refused to connect"},
		{string(flow.StageSend), nil, "the request couldn't be sent"},
		{string(flow.StageWait), nil, "the connection ended before the response"},
		{string(flow.StageReceive), nil, "the connection ended during the response"},
		{string(flow.StageClient), nil, "the client canceled, or rejected detour's certificate"},
		{string(flow.StageProxy), nil, "ended by detour"},
	}
}
