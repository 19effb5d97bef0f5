package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"detour/internal/aws"
	"detour/internal/flow"
	"detour/internal/probe"
)

// A vpcEndpoint is what a comparison needs of one in the output of
// `aws ec2 describe-vpc-endpoints` (EC2 API reference, VpcEndpoint).
type vpcEndpoint struct {
	ID         string `json:"VpcEndpointId"`
	VPC        string `json:"VpcId"`
	Service    string `json:"ServiceName"`
	Type       string `json:"VpcEndpointType"`
	State      string `json:"State"`
	PrivateDNS bool   `json:"PrivateDnsEnabled"`
	Groups     []struct {
		ID string `json:"GroupId"`
	} `json:"Groups"`
}

// maxEndpointsFile is how much is read: thousands of endpoints.
const maxEndpointsFile = 64 << 20

func readVPCEndpoints(path string) ([]vpcEndpoint, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, flagUsage("vpc-endpoints", "aws ec2 describe-vpc-endpoints > FILE creates one", "--vpc-endpoints: %w", err)
	}
	defer f.Close()
	var list struct{ VpcEndpoints []vpcEndpoint }
	if err := json.NewDecoder(io.LimitReader(f, maxEndpointsFile)).Decode(&list); err != nil {
		return nil, flagUsage("vpc-endpoints", "the output of aws ec2 describe-vpc-endpoints --output json", "--vpc-endpoints %s: %w", path, err)
	}
	if list.VpcEndpoints == nil {
		return nil, flagUsage("vpc-endpoints", "the output of aws ec2 describe-vpc-endpoints --output json", "--vpc-endpoints %s: it has no VpcEndpoints", path)
	}
	return list.VpcEndpoints, nil
}

// compare reports where the account's endpoints and the DNS answers here disagree.
func compare(targets []aws.Endpoint, results []probe.Result, own []vpcEndpoint) string {
	byService := make(map[string][]vpcEndpoint)
	for _, e := range own {
		if e.Type == "Interface" {
			byService[e.Service] = append(byService[e.Service], e)
		}
	}
	var lines []string
	for i, t := range targets {
		g, have := groupOf(&results[i].Flow), byService[t.EndpointService]
		private := g == groupPrivate || g == groupPrivateStuck
		switch {
		case g == groupPrivateStuck && len(have) > 0:
			lines = append(lines, fmt.Sprintf("%s doesn't respond; its endpoint: %s", t.Host, endpoints(have)))
		case private && len(have) == 0 && t.EndpointService != "":
			lines = append(lines, fmt.Sprintf("%s has private addresses here, but the file has no endpoint for %s: it is in another account or VPC, or was deleted", t.Host, t.EndpointService))
		case g == groupPublic || g == groupPublicStuck:
			if named := withPrivateDNS(have); len(named) > 0 {
				lines = append(lines, fmt.Sprintf("%s has public addresses here, although private DNS is enabled on %s", t.Host, endpoints(named)))
			}
		}
	}
	if len(lines) == 0 {
		return "VPC endpoints: no contradictions\n"
	}
	return "VPC endpoints:\n  " + strings.Join(lines, "\n  ") + "\n"
}

func withPrivateDNS(es []vpcEndpoint) (out []vpcEndpoint) {
	for _, e := range es {
		if e.PrivateDNS {
			out = append(out, e)
		}
	}
	return out
}

// endpoints names endpoints with what decides who may reach them.
func endpoints(es []vpcEndpoint) string {
	var out []string
	for _, e := range es {
		var groups []string
		for _, g := range e.Groups {
			groups = append(groups, g.ID)
		}
		out = append(out, flow.Printable(fmt.Sprintf("%s in %s (%s, security groups %s)", e.ID, e.VPC, e.State, strings.Join(groups, " "))))
	}
	return strings.Join(out, ", ")
}
