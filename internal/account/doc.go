// Package account reads an AWS account's configuration, and proves from it why an interface
// endpoint doesn't respond to a client, or that nothing in it stands in the way.
//
// [Read] takes the outputs of read-only AWS CLI commands. [Config.Prove] joins them with a
// finding's flows: an address that was tried is the address of a network interface, and the
// local end of the connect is the source that security groups, network ACLs and routes must
// admit. Each rule is in the file with its name, as rule_security_group.go, and returns the
// object that decides and where it stands. What a file doesn't hold is unknown, never denied.
//
// The package is pure: no clock, no network, no files. A [Config] isn't changed after Read, so
// it may be used concurrently.
package account
