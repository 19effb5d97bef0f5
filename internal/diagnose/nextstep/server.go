package nextstep

import (
	"strings"

	"detour/internal/flow"
)

// Connect connects to the group's first host without detour. Windows' form says from which
// interface and address it does.
func (g Group) Connect(text string) []flow.NextStep {
	f := alike("curl -v --connect-timeout 5 "+g.URL(), "Test-NetConnection "+g.Host()+" -Port "+g.Port())
	f.PowerShell = true
	return g.System.Steps(text, f)
}

// Curl sends the first host a request, with options of curl. One that has blanks is in double
// quotes, which every shell takes.
func (g Group) Curl(text, options string) []flow.NextStep {
	return g.System.Steps(text, curl(options+" "+g.URL()))
}

// curl is a command of curl. In PowerShell, curl without .exe may be another program.
func curl(arguments string) Forms {
	return alike("curl "+arguments, "curl.exe "+strings.ReplaceAll(arguments, "-o /dev/null", "-o NUL"))
}

// Certificates shows the first host's certificate chain, without detour. Windows has no openssl.
// With %{certs}, curl prints the chain since version 7.88.
func (g Group) Certificates(text string) []flow.NextStep {
	host := g.Host()
	at := host
	if strings.Contains(host, ":") {
		at = "[" + host + "]"
	}
	return g.System.Steps(text, alike(
		"openssl s_client -connect "+at+":"+g.Port()+" -servername "+host+" -showcerts </dev/null",
		`curl.exe -k -sS -o NUL -w "%{certs}" `+g.URL()))
}
