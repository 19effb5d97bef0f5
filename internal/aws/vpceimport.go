package aws

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
)

// An endpointDetail is what both of AWS's lists of endpoint services have of one:
// the output of `aws ec2 describe-vpc-endpoint-services`, and the configuration of
// AWS Management Console Private Access.
type endpointDetail struct {
	ServiceName     string
	ServiceType     json.RawMessage
	PrivateDnsName  string
	PrivateDnsNames []struct {
		PrivateDnsName string
	}
	PrivateIpv4DnsNames []string
}

// WithEndpointServices returns tables in which the user's own list of endpoint
// services goes before what is known in general, and how many names it has. It
// takes the JSON output of `aws ec2 describe-vpc-endpoint-services` or a Region's
// configuration of the console's Private Access. t stays as it was.
func (t *Tables) WithEndpointServices(list []byte) (*Tables, int, error) {
	var from struct{ ServiceDetails []endpointDetail }
	if err := json.Unmarshal(list, &from); err != nil {
		return nil, 0, fmt.Errorf("endpoint services: %w", err)
	}
	if from.ServiceDetails == nil {
		return nil, 0, errors.New("endpoint services: there is no ServiceDetails in it")
	}
	own := maps.Clone(t.own)
	if own == nil {
		own = map[string]string{}
	}
	added := 0
	for _, d := range from.ServiceDetails {
		if strings.Contains(string(d.ServiceType), "Gateway") && !strings.Contains(string(d.ServiceType), "Interface") {
			continue // is reached by routes, not by names
		}
		names := append([]string{d.PrivateDnsName}, d.PrivateIpv4DnsNames...)
		for _, n := range d.PrivateDnsNames {
			names = append(names, n.PrivateDnsName)
		}
		for _, name := range names {
			name = strings.TrimSuffix(strings.ToLower(strings.TrimSpace(name)), ".")
			if normalize(strings.TrimPrefix(name, "*.")) == "" || d.ServiceName == "" {
				continue
			}
			if own[name] != d.ServiceName {
				added++
			}
			own[name] = d.ServiceName
		}
	}
	with := *t
	with.own = own
	return &with, added, nil
}

// ownEndpointService looks a host up in the user's own list: its name, then the
// wildcards that cover it, the closest first.
func (t *Tables) ownEndpointService(name string) string {
	if len(t.own) == 0 {
		return ""
	}
	if s := t.own[name]; s != "" {
		return s
	}
	for rest := name; rest != ""; {
		if _, rest = cutFirst(rest); t.own["*."+rest] != "" {
			return t.own["*."+rest]
		}
	}
	return ""
}
