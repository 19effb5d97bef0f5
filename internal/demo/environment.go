package demo

import "detour/internal/flow"

// Environment describes the simulated machine: on premises, behind Direct Connect.
func Environment() *flow.Environment {
	return &flow.Environment{
		Simulated: true, OS: "simulated", System: "simulated machine", Browser: "simulated browser",
		Interfaces:  []flow.Interface{{Name: "eth0", Kind: flow.KindEthernet, Addresses: []string{ClientIP + "/24"}, MTU: 1500}},
		Routes:      []string{"default via 172.16.8.1 dev eth0"},
		Nameservers: []string{Resolver + ":53"},
	}
}
