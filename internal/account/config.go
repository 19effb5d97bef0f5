package account

import (
	"net/netip"
	"slices"
	"time"
)

// A Config is what the files say of one or more accounts. It has no secrets: only the members
// that the rules use are read.
type Config struct {
	Files     int       // files that were recognised
	Accounts  []string  // IDs, sorted
	Regions   []string  // sorted
	Collected time.Time // when the newest file was made, by the index; zero if unknown
	Problems  []string  // what can't be read, or is partial; sorted by file

	sets       map[set]*reading
	doubts     []string // files that can't be read and may have objects of any set
	interfaces index[networkInterface]
	endpoints  index[endpoint]
	groups     index[securityGroup]
	acls       index[networkACL]
	tables     index[routeTable]
	subnets    index[subnet]
	vpcs       index[vpc]
	lists      index[prefixList]
	entries    index[prefixEntries] // by the ID of the list
	vgws       index[vpnGateway]
	vpns       index[vpnConnection]
	vifs       index[virtualInterface]
	tgwRoutes  index[transitRoutes]     // by the ID of the transit gateway's route table
	tgwLinks   index[transitAttachment] // attachments of transit gateways
	clientVPNs index[clientVPN]
	resolvers  index[resolverEndpoint]
	resolverIP index[resolverAddress] // by address
	rules      index[resolverRule]
	ruleVPCs   index[ruleVPC]
	zones      []hostedZone

	byAddress map[netip.Addr][]*networkInterface
	byENI     map[string]*endpoint // an endpoint by the ID of its interface
	vpnENIs   []*networkInterface  // those of AWS Client VPN
}

// A place is where an object stands: a file, and the JSON path in it.
type place struct{ File, Path string }

// An index has objects by ID, in the order in which they were read.
type index[T any] struct {
	all       []*T
	byID      map[string]*T
	conflicts map[string]bool // IDs that several files have with different values
}

func (x *index[T]) add(id string, v *T) (first bool) {
	if x.byID == nil {
		x.byID, x.conflicts = make(map[string]*T), make(map[string]bool)
	}
	if _, known := x.byID[id]; known {
		return false
	}
	x.byID[id] = v
	x.all = append(x.all, v)
	return true
}

// A reading is how completely a set was read.
type reading struct {
	files    []string
	coverage []coverage // of each file
	partial  []string   // files that lack a part, and objects that others name
	lacks    []string   // objects that others name: rules look these up, and need no more
	failed   string     // why a command for it has no output, and what to do; "" if none failed
}

// An interface is what decides which packets reach an address.
type networkInterface struct {
	place
	ID, Subnet, VPC, Status string
	Kind, Description       string
	Groups                  []string
	Addresses               []netip.Addr
}

type endpoint struct {
	place
	ID, Kind, VPC, Service, State, Region, Owner string
	Groups, Interfaces, Subnets                  []string
	Names                                        []string // DNS names, in lower case, without a final dot
	PrivateDNS, InboundOnly                      bool
	Policy                                       string
}

type securityGroup struct {
	place
	ID, Name, VPC, Owner string
	In                   []permission
}

// A permission admits packets of some protocol, ports and sources.
type permission struct {
	Protocol       string // as AWS writes it: "tcp", "6", "-1" for all
	From, To       int    // of ports; -1, -1 if the rule has none
	Sources        []netip.Prefix
	Unreadable     []string // sources that aren't prefixes
	Lists          []string // prefix lists
	Groups         []string
	SelfContradict bool // the rule has one port, but not the other
}

type networkACL struct {
	place
	ID, VPC string
	Subnets []string
	In, Out []aclEntry // by rule number
}

type aclEntry struct {
	Number   int
	Allow    bool
	Protocol string
	From, To int // 0–65535 if the entry has no ports
	Prefix   netip.Prefix
	Bad      bool // its prefix can't be read
}

type routeTable struct {
	place
	ID, VPC string
	Main    bool
	Subnets []string
	Routes  []route
}

type route struct {
	Prefix    netip.Prefix
	List      string // a prefix list in place of a prefix
	Target    string // the ID of what the route goes to; "local"
	Blackhole bool
	Doubtful  bool // in a state that is neither active nor blackhole
	Static    bool // not propagated by a gateway
}

type subnet struct {
	place
	ID, VPC, Zone string
	Prefixes      []netip.Prefix
}

type vpc struct {
	place
	ID, Owner               string
	Prefixes                []netip.Prefix
	Whole4, Whole6          bool  // all blocks of a family are among the prefixes
	DNSSupport, DNSHostname *bool // nil: not read
}

type prefixList struct {
	place
	ID, Name, Owner string
}

type prefixEntries struct {
	place
	Prefixes []netip.Prefix
	Partial  bool
}

type vpnGateway struct {
	place
	ID, State string
	Attached  map[string]string // state of the attachment by VPC; nil if that was left out
}

type vpnConnection struct {
	place
	ID, State, Gateway, Transit string
	Tunnels                     []tunnel
}

type tunnel struct {
	Address, Message string
	Up               bool
}

type virtualInterface struct {
	place
	ID, State, Gateway, DirectGateway string
	BGPUp, BGPKnown                   bool
}

type transitRoutes struct {
	place
	Routes  []transitRoute
	Partial bool
}

type transitRoute struct {
	Prefix      netip.Prefix
	Blackhole   bool
	Doubtful    bool // in a state that is neither active nor blackhole
	Static      bool // not propagated by an attachment
	Attachments []string
	Resources   []string
}

type transitAttachment struct {
	place
	ID, Transit, Resource, Kind, State, Table string
}

type clientVPN struct {
	place
	ID    string
	Range netip.Prefix // of its clients
}

type resolverEndpoint struct {
	place
	ID, Direction, VPC, Status string
	Groups                     []string
}

type resolverAddress struct {
	place
	Endpoint, Subnet string
	Address          netip.Addr
}

// A resolverRule says what becomes of queries for a domain in the VPCs that it is associated with.
type resolverRule struct {
	place
	ID, Domain, Kind string // in lower case, without a final dot; "" is every name
	Targets          []string
}

type ruleVPC struct {
	place
	ID, Rule, VPC, Status string
}

type hostedZone struct {
	place
	ID, Name, VPC string // of the VPC whose zones were listed; "" if unknown
	Service       bool   // it is a service's, as private DNS of an endpoint
}

// contains reports whether one of the prefixes contains a.
func contains(all []netip.Prefix, a netip.Addr) bool {
	return slices.ContainsFunc(all, func(p netip.Prefix) bool { return p.Contains(a) })
}
