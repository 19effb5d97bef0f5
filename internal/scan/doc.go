// Package scan probes many hosts ([All]) and groups them by how they can be reached:
// [GroupOf] returns a host's group, [Text] writes the groups for a terminal, and [Compare]
// lists what contradicts an account's VPC endpoints.
package scan
