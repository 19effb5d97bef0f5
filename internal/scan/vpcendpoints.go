package scan

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"detour/internal/aws"
	"detour/internal/flow"
	"detour/internal/probe"
)

// A VPCEndpoint is what [Compare] needs of an endpoint in the output of
// `aws ec2 describe-vpc-endpoints` (EC2 API reference, VpcEndpoint).
type VPCEndpoint struct {
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

// ReadVPCEndpoints reads the output of `aws ec2 describe-vpc-endpoints`.
func ReadVPCEndpoints(r io.Reader) ([]VPCEndpoint, error) {
	var list struct{ VpcEndpoints []VPCEndpoint }
	if err := json.NewDecoder(io.LimitReader(r, maxEndpointsFile)).Decode(&list); err != nil {
		return nil, err
	}
	if list.VpcEndpoints == nil {
		return nil, errors.New("it has no VpcEndpoints")
	}
	return list.VpcEndpoints, nil
}

// Compare reports where the account's own VPC endpoints and the DNS answers on this
// machine disagree. results[i] is that of targets[i].
func Compare(targets []aws.Endpoint, results []probe.Result, own []VPCEndpoint) string {
	byService := make(map[string][]VPCEndpoint)
	for _, e := range own {
		if e.Type == "Interface" {
			byService[e.Service] = append(byService[e.Service], e)
		}
	}
	var lines []string
	for i, t := range targets {
		g, have := GroupOf(&results[i].Flow), byService[t.EndpointService]
		private := g == Private || g == PrivateStuck
		switch {
		case g == PrivateStuck && len(have) > 0:
			lines = append(lines, fmt.Sprintf("%s doesn't respond; its endpoint: %s", t.Host, endpoints(have)))
		case private && len(have) == 0 && t.EndpointService != "":
			lines = append(lines, fmt.Sprintf("%s has private addresses here, but the file has no endpoint for %s: "+
				"it is in another account or VPC, or was deleted", t.Host, t.EndpointService))
		case g == Public || g == PublicStuck:
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

func withPrivateDNS(es []VPCEndpoint) (out []VPCEndpoint) {
	for _, e := range es {
		if e.PrivateDNS {
			out = append(out, e)
		}
	}
	return out
}

// endpoints names endpoints, with what decides who can reach them.
func endpoints(es []VPCEndpoint) string {
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
