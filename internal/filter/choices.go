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
		{string(flow.OriginDirect), []string{"direct"}, "the page calls the service itself, from this machine"},
		{string(flow.OriginSignIn), []string{"signin"}, "sign-in and federation"},
		{string(flow.OriginStatic), nil, "scripts, styles, pictures"},
		{string(flow.OriginTelemetry), []string{"beacon"}, "what the page reports of itself"},
		{string(flow.OriginOther), nil, "not AWS, or a customer's own resource on an AWS domain"},
	}
}

func lookups() []choice {
	return []choice{
		{string(flow.DNSOK), nil, "it has addresses"},
		{string(flow.DNSNXDomain), nil, "the name does not exist"},
		{string(flow.DNSNoData), nil, "the name exists, but has no address"},
		{string(flow.DNSServFail), nil, ""},
		{string(flow.DNSRefused), nil, ""},
		{string(flow.DNSTimeout), nil, "no nameserver answered"},
		{string(flow.DNSError), nil, ""},
		{"pending", []string{"resolving"}, "asked, not answered"},
		{"reused", nil, "the connection was up already"},
	}
}

func answers() []choice {
	return []choice{
		{string(flow.SourceDNS), nil, "a nameserver"},
		{string(flow.SourceHosts), nil, "the hosts file"},
		{string(flow.SourceSystem), nil, "the system's resolver, which doesn't say"},
		{string(flow.SourceMap), nil, "--map"},
		{string(flow.SourceLiteral), nil, "the host is an address"},
		{string(flow.SourceProxied), nil, "the upstream proxy resolved"},
	}
}

func dials() []choice {
	return []choice{
		{string(flow.DialConnected), []string{"ok"}, ""},
		{string(flow.DialTimeout), nil, "nothing came back"},
		{string(flow.DialRefused), []string{"rst"}, "a reset in answer to the SYN"},
		{string(flow.DialUnreachable), []string{"unreach"}, "no route, or an ICMP error"},
		{string(flow.DialReset), nil, "accepted, then reset"},
		{string(flow.DialLost), nil, "another address was faster"},
		{string(flow.DialCanceled), nil, "the client left"},
		{string(flow.DialError), nil, ""},
		{"pending", []string{"connecting"}, "not answered yet"},
		{"reused", nil, "the connection was up already"},
	}
}

func handshakes() []choice {
	return []choice{
		{string(flow.TLSOK), nil, ""},
		{string(flow.TLSUntrusted), nil, "the root isn't trusted"},
		{string(flow.TLSExpired), nil, ""},
		{string(flow.TLSNameMismatch), []string{"wrongname"}, "valid, but for other names"},
		{string(flow.TLSAlert), nil, "the server refused"},
		{string(flow.TLSTimeout), nil, "silence after the hello"},
		{string(flow.TLSReset), nil, "cut in the handshake"},
		{string(flow.TLSError), nil, ""},
		{"pending", nil, "under way"},
		{"reused", nil, "the connection was up already"},
	}
}

func scopes() []choice {
	return []choice{
		{string(flow.ScopePublic), nil, ""},
		{string(flow.ScopePrivate), nil, "RFC 1918"},
		{string(flow.ScopeCGNAT), nil, "100.64.0.0/10"},
		{string(flow.ScopeULA), nil, "fc00::/7"},
		{string(flow.ScopeLinkLocal), nil, ""},
		{string(flow.ScopeLoopback), nil, ""},
		{string(flow.ScopeUnspecified), nil, "0.0.0.0 and ::"},
	}
}

func stages() []choice {
	return []choice{
		{string(flow.StageDNS), nil, "the name gave no address"},
		{string(flow.StageDial), []string{"tcp"}, "no TCP connection"},
		{string(flow.StageTLS), nil, "no handshake with the server"},
		{string(flow.StageUpstreamProxy), []string{"upstream"}, "the upstream proxy didn't connect"},
		{string(flow.StageSend), nil, "the request could not be written"},
		{string(flow.StageWait), nil, "the connection ended before the response began"},
		{string(flow.StageReceive), nil, "… in the middle of the response"},
		{string(flow.StageClient), nil, "the client left, or refused our certificate"},
		{string(flow.StageProxy), nil, "detour itself refused it"},
	}
}
