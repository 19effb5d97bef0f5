package curl

import (
	"strings"

	"detour/internal/shellenv"
)

// powerShell writes a command line for PowerShell. Windows PowerShell and PowerShell 7 disagree on what
// becomes of quotes in an argument (about_Preference_Variables, PSNativeCommandArgumentPassing), so curl
// reads its options from stdin, in UTF-8. curl.exe is curl: in Windows PowerShell, curl is another command.
func powerShell(all []option) string {
	lines := make([]string, len(all))
	for i, o := range all {
		lines[i] = shellenv.PowerShell.Quote(line(o))
	}
	return "& { $OutputEncoding = New-Object Text.UTF8Encoding $false\n" + strings.Join(lines, ",\n") + " |\ncurl.exe --config - }\n"
}

// maxLine is the longest value in a file of options: curl reads lines of up to 100 KiB (10 MiB since 8.6).
const maxLine = 96 << 10

// escapes are those of a value in quotes (curl(1), --config).
var escapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\t", `\t`, "\n", `\n`, "\r", `\r`, "\v", `\v`)

// line is an option in a file of options.
func line(o option) string {
	if o.bare {
		return o.name
	}
	return o.name + ` = "` + escapes.Replace(o.value) + `"`
}
