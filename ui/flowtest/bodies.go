package flowtest

import (
	"net/netip"

	"detour/internal/flow"
)

// WithBodies is the story with request and response bodies, an error caused by a policy,
// and a lookup that several resolvers answered.
func WithBodies() []*flow.Flow {
	flows := Story(true)
	f := *flows[6]
	f.Request.Headers = []flow.Header{
		{Name: "content-type", Value: "application/x-www-form-urlencoded; charset=utf-8"}, {Name: "authorization", Value: "(redacted)"},
	}
	f.Request.Body = []byte("Action=DescribeRegions&Version=2016-11-15&Filter.1.Name=opt-in-status&Filter.1.Value=not%20opted%20in")
	f.Request.BodySize = int64(len(f.Request.Body))
	f.Response = &flow.Response{
		Status: 403, Proto: "HTTP/2.0", BodySize: 512, BodyTruncated: true,
		Headers: []flow.Header{
			{Name: "content-type", Value: "text/xml;charset=UTF-8"}, {Name: "x-amzn-requestid", Value: "7a62c49f-347e-4fc4-9331-6e8eEXAMPLE"},
		},
		Body: []byte(`<?xml version="1.0"?><Response><Errors><Error><Code>UnauthorizedOperation</Code>` +
			`<Message>no &amp; never</Message></Error></Errors><RequestID>7a62`),
	}
	a := *f.AWS
	a.RequestID, a.InnerStatus, a.ClockSkew = "7a62c49f-347e-4fc4-9331-6e8eEXAMPLE", 403, -310e9
	a.Batch = []string{"ec2:DescribeRegions", "ec2:DescribeVpcs"}
	a.Error = &flow.AWSError{
		Code: "UnauthorizedOperation", Type: "Client",
		Message: "User: arn:aws:iam::123456789012:user/jo is not authorized, with an explicit deny in a VPC endpoint policy",
		Deny:    "VPC endpoint policy", PolicyARN: "arn:aws:iam::123456789012:policy/NoRegions", Explicit: true,
	}
	f.AWS = &a
	c := *f.Conn
	r := *c.Resolution
	r.CNAMEs, r.Ranges, r.Age = []string{"ec2.ap-northeast-1.amazonaws.com.edge.example"}, []string{"EC2 ap-northeast-1"}, Millis(12_000)
	r.Addrs, r.HTTPS = []netip.Addr{netip.MustParseAddr("203.0.113.22")}, []string{`1 . alpn="h2"`}
	r.Queries = append(r.Queries, flow.DNSQuery{
		Server: netip.MustParseAddrPort("10.0.0.3:53"), Proto: "udp", Name: r.Name, Type: "A",
		RCode: "SERVFAIL", EDE: "Blocked by policy", Took: Millis(9),
	})
	r.Reference = &flow.Reference{Nameserver: "1.1.1.1", Outcome: flow.DNSOK, Addrs: r.Addrs, Took: Millis(14)}
	r.Wire = &flow.Reference{Nameserver: "10.0.0.2:53", Outcome: flow.DNSNXDomain, Took: Millis(2)}
	c.Resolution = &r
	c.Attempts = append([]flow.DialAttempt{Attempt(At(1290), "203.0.113.21", flow.DialRefused, Millis(3))}, c.Attempts...)
	c.Attempts[1].Kernel = &flow.KernelTCP{State: "ESTABLISHED", RTT: Millis(11)}
	t := *c.TLS
	t.Issued = flow.IssuerAWS
	c.TLS = &t
	f.Conn, f.Page = &c, "https://ap-northeast-1.console.aws.amazon.com/ec2/home?account=123456789012"
	flows[6] = &f
	return flows
}
