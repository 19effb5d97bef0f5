package aws

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
)

// An endpointDetail describes an endpoint service in both of AWS's lists: the output of
// `aws ec2 describe-vpc-endpoint-services` and the configuration of AWS Management
// Console Private Access.
type endpointDetail struct {
	ServiceName     string
	ServiceType     json.RawMessage
	PrivateDnsName  string
	PrivateDnsNames []struct {
		PrivateDnsName string
	}
	PrivateIpv4DnsNames []string
}

// WithEndpointServices returns tables in which a list of endpoint services overrides
// the built-in one, and the number of names in the list. The list is the JSON output of
// `aws ec2 describe-vpc-endpoint-services`, or a Region's configuration of Console
// Private Access. t isn't changed.
func (t *Tables) WithEndpointServices(list []byte) (*Tables, int, error) {
	var from struct{ ServiceDetails []endpointDetail }
	if err := json.Unmarshal(list, &from); err != nil {
		return nil, 0, fmt.Errorf("endpoint services: %w", err)
	}
	if from.ServiceDetails == nil {
		return nil, 0, errors.New("endpoint services: the list has no ServiceDetails")
	}
	own := maps.Clone(t.own)
	if own == nil {
		own = map[string]string{}
	}
	added := 0
	for _, d := range from.ServiceDetails {
		if strings.Contains(string(d.ServiceType), "Gateway") && !strings.Contains(string(d.ServiceType), "Interface") {
			continue // it is reached by a route, not by a name
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

// ownEndpointService looks up a host in the user's list: by its name, then by the
// wildcards that cover it, the longest first.
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
