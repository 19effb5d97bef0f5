package netif

import (
	"net"
	"testing"

	"detour/internal/flow"
)

func TestRefine_knowsVPNsByWhatTheyCallThemselves(t *testing.T) {
	for _, tc := range []struct {
		name, description string
		number            uint32 // Windows' type; 0: none
		flags             net.Flags
		want              flow.InterfaceKind
	}{
		{"Local Area Connection", "Intel(R) Ethernet Connection I219-LM", ifEthernet, 0, flow.KindEthernet},
		{"Local Area Connection* 12", "Microsoft Wi-Fi Direct Virtual Adapter", ifWiFi, 0, flow.KindWiFi},
		{"Loopback Pseudo-Interface 1", "Software Loopback Interface 1", ifLoopback, net.FlagLoopback, flow.KindLoopback},
		{"WLAN", "Intel(R) Wi-Fi 6 AX201 160MHz", ifWiFi, 0, flow.KindWiFi},
		{"Ethernet 3", "Cisco AnyConnect Virtual Miniport Adapter for Windows x64", ifEthernet, 0, flow.KindTunnel},
		{"Ethernet 2", "PANGP Virtual Ethernet Adapter Secure", ifEthernet, 0, flow.KindTunnel},
		{"Tailscale", "Tailscale Tunnel", ifPropVirtual, 0, flow.KindTunnel},
		{"CloudflareWARP", "Cloudflare WARP Interface Tunnel", ifPropVirtual, 0, flow.KindTunnel},
		{"Ethernet 4", "Zscaler Network Adapter 1.0.2.0", ifEthernet, 0, flow.KindTunnel},
		{"Ethernet 5", "Netskope Network Adapter", ifEthernet, 0, flow.KindTunnel},
		{"Ethernet 6", "Fortinet SSL VPN Virtual Ethernet Adapter", ifEthernet, 0, flow.KindTunnel},
		{"Ethernet 7", "TAP-Windows Adapter V9", ifEthernet, 0, flow.KindTunnel},
		{"Firmen-VPN", "WAN Miniport (IKEv2)", ifPPP, 0, flow.KindTunnel},
		{"vEthernet (WSL)", "Hyper-V Virtual Ethernet Adapter", ifEthernet, 0, flow.KindVirtual},
		{"Mobilfunk", "Generic Mobile Broadband Adapter", 243, 0, ""},

		{"Cisco AnyConnect", "", 0, 0, flow.KindTunnel},
		{"wg0", "", 0, 0, flow.KindTunnel},
		{"utun4", "", 0, net.FlagPointToPoint, flow.KindTunnel},
		{"corp0", "", 0, net.FlagPointToPoint, flow.KindTunnel},
		{"lo0", "", 0, net.FlagLoopback, flow.KindLoopback},
		{"en0", "", 0, 0, ""},
		{"tunl0", "", 0, 0, ""}, // a name that only begins as a VPN's
	} {
		i := net.Interface{Name: tc.name, Flags: tc.flags}
		if got := refine(ofType(tc.number), i, tc.description); got != tc.want {
			t.Errorf("%s (%s): %q, want %q", tc.name, tc.description, got, tc.want)
		}
	}
}

func TestKindOf_thisMachinesLoopback(t *testing.T) {
	list, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range list {
		if got := KindOf(i); i.Flags&net.FlagLoopback != 0 && got != flow.KindLoopback {
			t.Errorf("%s is %q", i.Name, got)
		}
	}
}
