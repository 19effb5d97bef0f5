package shellenv

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const nasty = `/tmp/it's "a" $HOME \dir; %PATH% ` + "`id`" + ` ‘x’`

// shells are those whose lines a real shell of this machine can read, with how it
// prints a variable.
var shells = []struct {
	shell   Shell
	program []string
	print   func(name string) string
}{
	{Sh, []string{"sh", "-c"}, func(n string) string { return `printf '%s\n' "${` + n + `-unset}"` }},
	{Sh, []string{"bash", "-c"}, func(n string) string { return `printf '%s\n' "${` + n + `-unset}"` }},
	{Fish, []string{"fish", "-c"}, func(n string) string {
		return `if set -q ` + n + `; echo $` + n + `; else; echo unset; end`
	}},
	{PowerShell, []string{"pwsh", "-NoProfile", "-Command"}, func(n string) string {
		return `if (Test-Path Env:` + n + `) { $env:` + n + ` } else { 'unset' }`
	}},
}

func none(string) bool { return false }

func has(names ...string) func(string) bool {
	return func(n string) bool { return slices.Contains(names, n) }
}

func TestSet_arealShellReadsEveryValueAsItIs(t *testing.T) {
	for _, s := range shells {
		t.Run(s.program[0], func(t *testing.T) {
			if _, err := exec.LookPath(s.program[0]); err != nil {
				t.Skip("needs " + s.program[0])
			}
			script := Set(s.shell, []Variable{{"A", nasty}, {"B", "b"}}, none) + s.print("A") + "\n" + s.print("B")
			out, err := exec.CommandContext(t.Context(), s.program[0], append(s.program[1:], script)...).CombinedOutput()
			if want := nasty + "\nb\n"; err != nil || strings.ReplaceAll(string(out), "\r", "") != want {
				t.Errorf("%v: got %q, want %q", err, out, want)
			}
		})
	}
}

func TestUnset_arealShellHasTheValuesFromBefore(t *testing.T) {
	for _, s := range shells {
		t.Run(s.program[0], func(t *testing.T) {
			if _, err := exec.LookPath(s.program[0]); err != nil {
				t.Skip("needs " + s.program[0])
			}
			vars := []Variable{{"A", "ours"}, {"B", "ours"}}
			script := Set(s.shell, vars, has("A")) + Set(s.shell, vars, has("A", "B", "DETOUR_SAVED", "DETOUR_SAVED_A")) +
				Unset(s.shell, []string{"A", "B"}, has("A", "B", "DETOUR_SAVED", "DETOUR_SAVED_A"))
			for _, n := range []string{"A", "B", "DETOUR_SAVED_A", "DETOUR_SAVED"} {
				script += s.print(n) + "\n"
			}
			c := exec.CommandContext(t.Context(), s.program[0], append(s.program[1:], script)...)
			c.Env = append(c.Environ(), "A="+nasty)
			out, err := c.CombinedOutput()
			if want := nasty + "\nunset\nunset\nunset\n"; err != nil || strings.ReplaceAll(string(out), "\r", "") != want {
				t.Errorf("%v: got %q, want %q", err, out, want)
			}
		})
	}
}

func TestUnset_leavesAloneWhatWasNeverOurs(t *testing.T) {
	if got := Unset(Sh, []string{"HTTPS_PROXY"}, has("HTTPS_PROXY")); got != "" {
		t.Errorf("got %q", got)
	}
}

func TestSet_inABatchFilePercentSignsAreDoubled(t *testing.T) {
	got := Set(Cmd, []Variable{{"A", `C:\100% & more`}, {"B", "b"}}, has("B"))
	want := "set \"A=C:\\100%% & more\"\r\nset \"DETOUR_SAVED_B=%B%\"\r\nset \"B=b\"\r\nset \"DETOUR_SAVED=1\"\r\n"
	if got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestVariables_areSetInBothCasesWhereTheyDiffer(t *testing.T) {
	p := Proxy{URL: "http://127.0.0.1:8080", Root: "/ca.pem", Bundle: "/bundle.pem"}
	for twoCases, want := range map[bool]string{
		true:  "HTTPS_PROXY HTTP_PROXY NO_PROXY https_proxy http_proxy no_proxy NODE_USE_ENV_PROXY NODE_EXTRA_CA_CERTS AWS_CA_BUNDLE SSL_CERT_FILE REQUESTS_CA_BUNDLE CURL_CA_BUNDLE",
		false: "HTTPS_PROXY HTTP_PROXY NO_PROXY NODE_USE_ENV_PROXY NODE_EXTRA_CA_CERTS AWS_CA_BUNDLE SSL_CERT_FILE REQUESTS_CA_BUNDLE CURL_CA_BUNDLE",
	} {
		var got []string
		for _, v := range p.Variables(twoCases) {
			got = append(got, v.Name)
			if v.Value == "" {
				t.Errorf("%s is empty", v.Name)
			}
		}
		if strings.Join(got, " ") != want || !slices.Equal(got, Names(twoCases)) {
			t.Errorf("two cases %v: got %v", twoCases, got)
		}
	}
}

func TestVariables_noBundleTakesThePlaceOfRootsThatWereNotFound(t *testing.T) {
	for _, v := range (Proxy{URL: "u", Root: "/ca.pem"}).Variables(false) {
		if strings.Contains(v.Name, "BUNDLE") || v.Name == "SSL_CERT_FILE" {
			t.Errorf("%s=%s", v.Name, v.Value)
		}
	}
}

func TestDirect_keepsWhatIsNotAWSAndTheMetadataServers(t *testing.T) {
	p := Proxy{
		Direct:  "localhost, .corp.example,*.amazonaws.com *,console.aws.amazon.com,.api.aws,10.0.0.0/8,logs.us-iso-east-1.c2s.ic.gov,.gov,ic.example",
		Domains: []string{"amazonaws.com", "aws.amazon.com", "api.aws", "c2s.ic.gov"},
	}
	got := "," + p.direct() + ","
	for _, want := range []string{",localhost,", ",169.254.169.254,", ",.corp.example,", ",10.0.0.0/8,", ",ic.example,"} {
		if strings.Count(got, want) != 1 {
			t.Errorf("%s has not one %s", got, want)
		}
	}
	if want := []string{"*.amazonaws.com", "*", "console.aws.amazon.com", ".api.aws", "logs.us-iso-east-1.c2s.ic.gov", ".gov"}; !slices.Equal(p.LeftOut(), want) {
		t.Errorf("left out %q, want %q", p.LeftOut(), want)
	}
}

func TestDetect_knowsTheShellByItsName(t *testing.T) {
	for _, tc := range []struct {
		goos, shell string
		want        Shell
	}{
		{"linux", "/bin/bash", Sh},
		{"linux", "", Sh},
		{"darwin", "/opt/homebrew/bin/fish", Fish},
		{"linux", "/usr/bin/pwsh", PowerShell},
		{"windows", "", PowerShell},
		{"windows", `C:\Program Files\Git\bin\bash.exe`, Sh},
	} {
		if got := Detect(tc.goos, tc.shell); got != tc.want {
			t.Errorf("%s %q: %s, want %s", tc.goos, tc.shell, got, tc.want)
		}
	}
}

func TestParseShell_takesTheNamesPeopleUse(t *testing.T) {
	for in, want := range map[string]Shell{"zsh": Sh, "pwsh": PowerShell, "fish": Fish, "cmd": Cmd} {
		if got, ok := ParseShell(in); !ok || got != want {
			t.Errorf("%s: %s %v", in, got, ok)
		}
	}
	if got, ok := ParseShell("tcsh"); ok {
		t.Errorf("tcsh is %s", got)
	}
}
