package checktext

import (
	"net/netip"
	"strings"
	"testing"

	"detour/internal/account"
	"detour/internal/flow"
)

// reach is the outcome of connects to an endpoint for logs.
func reach(endpoint string, v flow.ProofVerdict, clients ...string) account.Reach {
	r := account.Reach{Host: "logs.eu-west-1.amazonaws.com", Service: "com.amazonaws.eu-west-1.logs", Endpoint: endpoint, VPC: "vpc-1"}
	for _, c := range clients {
		r.Clients = append(r.Clients, netip.MustParsePrefix(c))
	}
	r.Proof = flow.Proof{Verdict: v, Says: "a page is missing", Needs: []string{"aws ec2 describe-x"}}
	if v == flow.Proven {
		cause := flow.ProofCause{Check: flow.CheckSecurityGroup, Object: "sg-1", Says: "admits tcp/443 from 10.0.0.0/16; the client is C"}
		r.Proof.Cause = &cause
		r.Proof.Fix = &flow.ProofFix{Sentence: "Open sg-1.", CLI: []string{"aws open", "aws open more", "aws open wide"}, Narrow: 2}
	}
	return r
}

// query is the outcome of queries to an address of a resolver endpoint.
func query(protocol string, v flow.ProofVerdict) account.Reach {
	r := reach("rslvr-in-1", v, "172.16.0.0/15")
	r.Query, r.Host, r.Service, r.Address = protocol, "", "", netip.MustParseAddr("10.0.1.53")
	return r
}

func TestText(t *testing.T) {
	q := account.Question{Clients: netip.MustParsePrefix("172.16.0.0/15")}
	for _, x := range []struct {
		name string
		all  []account.Reach
		want []string
	}{
		{"all respond", []account.Reach{reach("vpce-1", flow.Admitted, "172.16.0.0/15")}, []string{
			"172.16.0.0/15 would be sent to 1 interface endpoint with private DNS: 0 would not respond\n", "  responds\n",
		}},
		{"none responds", []account.Reach{reach("vpce-1", flow.Proven, "172.16.0.0/15"), reach("vpce-1", flow.Proven, "172.16.0.0/15"), reach("vpce-2", flow.Proven, "172.16.0.0/15")}, []string{
			"2 would not respond\n", "  no response: security group sg-1: it admits tcp/443 from 10.0.0.0/16; the client is C\n",
			"  would break: CloudWatch › log groups: ", "what would change it\n  Open sg-1.\n    aws open\n    aws open more\n",
		}},
		{"a part", []account.Reach{reach("vpce-1", flow.Admitted, "172.16.0.0/16"), reach("vpce-1", flow.Proven, "172.17.0.0/16")}, []string{
			"1 would not respond to a part of these clients\n", "no response for 172.17.0.0/16: ", "responds for 172.16.0.0/16\n",
		}},
		{"some a part", []account.Reach{reach("vpce-1", flow.Proven, "172.17.0.0/16"), reach("vpce-2", flow.Proven, "172.16.0.0/15")}, []string{
			"2 would not respond, 1 of them to a part of these clients\n",
		}},
		{"a resolver that responds", []account.Reach{query("udp", flow.Admitted), query("tcp", flow.Admitted), reach("vpce-1", flow.Admitted, "172.16.0.0/15")}, []string{
			"rslvr-in-1 (vpc-1) would respond to DNS queries of 172.16.0.0/15\n  10.0.1.53 over UDP and TCP: responds\n\n172.16.0.0/15 would be sent to 1 interface endpoint",
		}},
		{"a resolver that responds over UDP alone", []account.Reach{query("udp", flow.Admitted), query("tcp", flow.Proven)}, []string{
			"rslvr-in-1 (vpc-1) would respond to a part of the DNS queries of ", "  10.0.1.53 over UDP: responds\n  10.0.1.53 over TCP: no response: ", "would be sent to 0 interface endpoints",
		}},
		{"a resolver of which something is missing", []account.Reach{query("udp", flow.Unknown), query("tcp", flow.Unknown)}, []string{
			"rslvr-in-1 (vpc-1) may not respond to DNS queries of ", "  10.0.1.53 over UDP and TCP: not known: ", "  10.0.1.53 over UDP and TCP: this would decide: aws ec2",
		}},
		{"not known", []account.Reach{reach("vpce-1", flow.Unknown, "172.16.0.0/15"), reach("vpce-2", flow.Admitted, "172.16.0.0/15")}, []string{
			"0 would not respond, 1 not known\n", "not known: a page is missing\n    this would decide: aws ec2 describe-x\n",
		}},
	} {
		text := Text(x.all, q)
		for _, want := range x.want {
			if strings.Count(text, want) == 0 || strings.HasPrefix(want, "what would") && strings.Count(text, "aws open\n") != 1 {
				t.Errorf("%s: it doesn't say %q once:\n%s", x.name, want, text)
			}
		}
		if strings.Contains(text, "aws open wide") {
			t.Errorf("%s: a wider change is printed:\n%s", x.name, text)
		}
	}
}
