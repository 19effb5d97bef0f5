package checktext

import (
	"net/netip"

	"detour/internal/account"
	"detour/internal/flow"
)

// A record is the JSON of a connect, or of a DNS query.
type record struct {
	Host     string         `json:"host,omitempty"`
	Service  string         `json:"endpoint_service,omitempty"`
	Query    string         `json:"query,omitempty"` // udp or tcp: it is a DNS query, to a resolver endpoint
	Endpoint string         `json:"endpoint"`
	VPC      string         `json:"vpc"`
	Address  netip.Addr     `json:"address"`
	Clients  []netip.Prefix `json:"clients"`
	Screens  []string       `json:"screens,omitempty"`
	Proof    flow.Proof     `json:"proof"`
}

// An Encoder writes a JSON value.
type Encoder interface{ Encode(v any) error }

// JSON is what detour account check --json prints: an object for each address.
func JSON(to Encoder, all []account.Reach) error {
	for _, r := range all {
		if err := to.Encode(record{r.Host, r.Service, r.Query, r.Endpoint, r.VPC, r.Address, r.Clients, r.Screens(), r.Proof}); err != nil {
			return err
		}
	}
	return nil
}
