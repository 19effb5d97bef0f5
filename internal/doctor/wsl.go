package doctor

// WSL is the Windows Subsystem for Linux that detour runs in: version 1 or 2; 0: in none.
type WSL int

// checks says whose traffic is seen: WSL 1 has Windows' own network, WSL 2 a virtual machine's.
func (v WSL) checks() []Check {
	const code = "wsl"
	switch v {
	case 0:
		return nil
	case 1:
		return []Check{ok(code, "WSL 1 uses the network of Windows")}
	}
	return []Check{warn(code, "to see what a browser on Windows does, run detour.exe there, in PowerShell; here, use a browser of this Linux",
		"WSL 2 has its own network (unless networkingMode is mirrored): a browser on Windows uses the DNS, VPN and proxy of Windows")}
}
