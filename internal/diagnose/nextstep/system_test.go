package nextstep

import (
	"strings"
	"testing"

	"detour/internal/diagnose/flowset"
	"detour/internal/flow"
)

const host = "logs.ap-northeast-1.amazonaws.com"

func texts(steps ...flow.NextStep) string {
	var out []string
	for _, s := range steps {
		out = append(out, s.String())
	}
	return strings.Join(out, "\n")
}

// TestSteps_areOfTheMachineThatRecorded: a tool that it doesn't have, or another system's, is of
// no use there.
func TestSteps_areOfTheMachineThatRecorded(t *testing.T) {
	for _, tt := range []struct {
		name                                string
		env                                 *flow.Environment
		query, ipv6, resolve, route, server string
	}{
		{
			"with dig", &flow.Environment{OS: "linux", DNSTools: []string{"dig", "nslookup"}},
			"dig @10.0.0.2 " + host, "dig " + host + " AAAA", "dig " + host, "ip route get 10.0.1.23", "cat /etc/resolv.conf",
		},
		{
			"without dig", &flow.Environment{OS: "linux", DNSTools: []string{"nslookup", "resolvectl"}},
			"nslookup " + host + " 10.0.0.2", "nslookup -type=AAAA " + host, "nslookup " + host, "ip route get 10.0.1.23", "resolvectl status",
		},
		{
			"with resolvectl alone", &flow.Environment{OS: "linux", DNSTools: []string{"resolvectl"}},
			"nslookup " + host + " 10.0.0.2", "resolvectl query --type=AAAA " + host, "resolvectl query " + host,
			"ip route get 10.0.1.23", "resolvectl status",
		},
		{
			"recorded before tools were", &flow.Environment{OS: "linux"},
			"nslookup " + host + " 10.0.0.2", "nslookup -type=AAAA " + host, "nslookup " + host, "ip route get 10.0.1.23", "resolvectl status",
		},
		{
			"macOS", &flow.Environment{OS: "darwin", DNSTools: []string{"dig", "nslookup"}},
			"dig @10.0.0.2 " + host, "dig " + host + " AAAA", "dscacheutil -q host -a name " + host,
			"route -n get 10.0.1.23", "scutil --dns",
		},
		{
			"Windows", &flow.Environment{OS: "windows", DNSTools: []string{"nslookup"}},
			"Resolve-DnsName " + host + " -DnsOnly -NoHostsFile -Server 10.0.0.2",
			"Resolve-DnsName " + host + " -DnsOnly -NoHostsFile -Type AAAA", "Resolve-DnsName " + host,
			"Find-NetRoute -RemoteIPAddress 10.0.1.23", "Get-DnsClientServerAddress",
		},
	} {
		s := SystemOf(tt.env)
		for _, c := range []struct {
			got  []flow.NextStep
			want string
		}{
			{[]flow.NextStep{s.query("Q", host, "", "10.0.0.2")}, tt.query},
			{[]flow.NextStep{s.query("Q", host, "AAAA", "")}, tt.ipv6},
			{[]flow.NextStep{s.resolve("Q", host)}, tt.resolve},
			{s.route("Q", "10.0.1.23"), tt.route},
			{s.Nameservers(), tt.server},
		} {
			if len(c.got) != 1 || c.got[0].Command != c.want {
				t.Errorf("%s: %s, want %s alone", tt.name, texts(c.got...), c.want)
				continue
			}
			if text := c.got[0].Text; strings.Contains(strings.ToLower(text), "on linux") ||
				strings.HasSuffix(text, inPowerShell) != (tt.env.OS == "windows") {
				t.Errorf("%s: %q names the wrong shell, or a system though it is known", tt.name, text)
			}
		}
	}
}

// TestSteps_ofAnUnknownMachineHaveEverySystemsForm: nothing says which of them it is.
func TestSteps_ofAnUnknownMachineHaveEverySystemsForm(t *testing.T) {
	for _, env := range []*flow.Environment{nil, {}, {OS: "simulated"}, {OS: "plan9", DNSTools: []string{"dig"}}} {
		s := SystemOf(env)
		const want = "Show it, on Linux: ip route get fd00::5\nOn macOS: route -n get -inet6 fd00::5\n" +
			"On Windows (PowerShell): Find-NetRoute -RemoteIPAddress fd00::5"
		if got := texts(s.route("Show it", "fd00::5")...); got != want {
			t.Errorf("%+v:\n%s", env, got)
		}
		if got := s.query("Q", host, "", "").Command; got != "nslookup "+host {
			t.Errorf("%+v: %s", env, got)
		}
	}
}

// TestOf_anImportIsOfAnUnknownMachine: another machine's browser wrote the HAR.
func TestOf_anImportIsOfAnUnknownMachine(t *testing.T) {
	mine := SystemOf(&flow.Environment{OS: "linux", DNSTools: []string{"dig"}})
	for source, want := range map[flow.Source]string{flow.SourceHAR: "nslookup " + host, flow.SourceProxy: "dig " + host} {
		f := &flow.Flow{Source: source, Request: flow.Request{URL: "https://" + host + "/"}}
		if got := Of(flowset.Set{f}, mine).LookUp("Q").Command; got != want {
			t.Errorf("%s: %s, want %s", source, got, want)
		}
	}
}
