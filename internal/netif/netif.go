// Package netif tells what kind a network interface is: a card, a wireless one, or a VPN's
// ([KindOf]).
package netif

import (
	"net"
	"strings"

	"detour/internal/flow"
)

// KindOf returns the kind of an interface of this machine, by what the system says of it and, if
// that doesn't tell, by the words in its name. A VPN may call its interface an Ethernet card.
func KindOf(i net.Interface) flow.InterfaceKind {
	kind, description := systemKind(i)
	return refine(kind, i, description)
}

// refine decides by the words in a name and a description what kind leaves open.
func refine(kind flow.InterfaceKind, i net.Interface, description string) flow.InterfaceKind {
	switch {
	case kind == flow.KindTunnel, kind == flow.KindLoopback:
		return kind
	case i.Flags&net.FlagLoopback != 0:
		return flow.KindLoopback
	case isTunnel(i.Name), isTunnel(description):
		return flow.KindTunnel
	case contains(description, virtualWords):
		return flow.KindVirtual
	case (kind == "" || kind == flow.KindVirtual) && i.Flags&net.FlagPointToPoint != 0:
		return flow.KindTunnel
	}
	return kind
}

// tunnelPrefixes begin the names that VPNs give to interfaces on Linux, macOS and the BSDs.
var tunnelPrefixes = [...]string{"tun", "tap", "utun", "ppp", "wg", "ipsec", "gpd", "cscotun", "tailscale", "zt", "nordlynx"}

// tunnelWords are in the names and descriptions of VPNs' interfaces, most of them on Windows.
var tunnelWords = []string{
	"vpn", "wireguard", "wintun", "tap-windows", "data channel offload", // OpenVPN's
	"anyconnect", "cisco secure client", "globalprotect", "pangp", "juniper networks virtual", "pulse secure", "ivanti",
	"zscaler", "netskope", "fortinet", "forticlient", "fortissl", "tailscale", "zerotier", "nordlynx",
	"cloudflare warp", "cloudflarewarp", "check point virtual", "sonicwall", "f5 networks", "citrix virtual adapter", "array networks",
}

// virtualWords are in the descriptions of the interfaces of virtual machines and containers on
// Windows.
var virtualWords = []string{"hyper-v", "vmware", "virtualbox", "docker", "virtual switch"}

func isTunnel(name string) bool {
	name = strings.ToLower(name)
	for _, prefix := range tunnelPrefixes {
		if rest, ok := strings.CutPrefix(name, prefix); ok && (rest == "" || !letter(rest[0])) {
			return true
		}
	}
	return contains(name, tunnelWords)
}

func letter(b byte) bool { return 'a' <= b && b <= 'z' }

func contains(text string, words []string) bool {
	text = strings.ToLower(text)
	for _, w := range words {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

// Types of interface, as Windows numbers them (ipifcons.h, after IANA's ifType).
const (
	ifEthernet    = 6
	ifPPP         = 23
	ifLoopback    = 24
	ifPropVirtual = 53 // WireGuard's, and others that are no card
	ifWiFi        = 71 // IEEE 802.11
	ifTunnel      = 131
)

// ofType is the kind of an interface by its type.
func ofType(number uint32) flow.InterfaceKind {
	switch number {
	case ifEthernet:
		return flow.KindEthernet
	case ifPPP, ifPropVirtual, ifTunnel:
		return flow.KindTunnel
	case ifLoopback:
		return flow.KindLoopback
	case ifWiFi:
		return flow.KindWiFi
	}
	return ""
}
