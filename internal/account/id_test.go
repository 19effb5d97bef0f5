package account

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"detour/internal/flow"
)

// A command that can be pasted: words without a sign of a shell, and, in single quotes, a
// structure of the AWS CLI.
var pasteable = regexp.MustCompile(`^(?:aws|detour|dig)(?: (?:[0-9A-Za-z_.:/=,+-]+|'[0-9A-Za-z_.:/=,\[\]{}-]+'))+$`)

func commands(p flow.Proof) []string {
	out := slices.Clone(p.Needs)
	if f := p.Fix; f != nil {
		out = slices.Concat(out, f.CLI, f.Undo, f.Verify)
	}
	return out
}

// No text of a file gets into a command, however the IDs are written.
func TestProve_everyCommandIsSafeToPaste(t *testing.T) {
	ids := []string{"sg-a", "sg-b", "eni-1", "eni-2", "subnet-a", "vpc-1", "acl-1", "rtb-1", "vgw-1", "vpn-1", "vpce-logs", "tgw-1", "tgw-attach-1", "pl-0b"}
	evil := []string{"; touch x", "$(touch x)", "`touch x`", "' 'x", `\"`, `\n$(x)`, `\u001b[31m`, `\u202e`, "|x", "&x", " --cidr 0.0.0.0/0", "*"}
	breaks := map[string]func(w *world){
		"nothing": func(*world) {},
		"a group": func(w *world) { w.object(fGroups, "sg-a")["IpPermissions"] = l{} },
		"an ACL": func(w *world) {
			w.object(fACLs, "acl-1")["Entries"] = l{w.entry(32767, false, "deny", "-1", "0.0.0.0/0")}
		},
		"no route": func(w *world) { w.object(fTables, "rtb-1")["Routes"] = w.object(fTables, "rtb-1")["Routes"].(l)[:1] },
		"no files": func(w *world) {
			delete(w.files, fGroups)
			delete(w.files, fACLs)
			delete(w.files, fTables)
			delete(w.files, fSubnets)
		},
	}
	n := 0
	check := func(what string, files []File, flows []*flow.Flow) {
		t.Helper()
		c := Read(files)
		for _, part := range c.Study(flows, began, Client{}).Prove(finding()) {
			for _, command := range commands(part.Proof) {
				if n++; !pasteable.MatchString(command) && !strings.HasPrefix(command, "detour diagnose FILE") {
					t.Errorf("%s: %q", what, command)
				}
			}
		}
		if seen := fmt.Sprint(c.Seen()); strings.ContainsAny(seen, "$`;|&\n\x1b") {
			t.Errorf("%s: the collector would ask for %q", what, seen)
		}
	}
	for name, change := range breaks {
		w := newWorld(false)
		change(w)
		for _, id := range ids {
			for _, e := range evil {
				var files []File
				for file, v := range w.files {
					old := fmt.Appendf(nil, "%q", id)
					data := bytes.ReplaceAll(encode(t, v), old, []byte(`"`+id+e+`"`))
					files = append(files, File{Name: file, Data: bytes.ReplaceAll(data, []byte("com.amazonaws.eu-central-1"), []byte("com.amazonaws.eu-central-1"+e))})
				}
				check(fmt.Sprintf("%s, %s%s", name, id, e), files, w.broken()[1:])
			}
		}
		for _, e := range evil {
			flows := w.broken()[1:]
			flows[0].Request.URL = "https://logs.eu-central-1.amazonaws.com" + e + "/"
			flows[0].AWS.EndpointService += e
			var files []File
			for file, v := range w.files {
				files = append(files, File{Name: file, Data: encode(t, v)})
			}
			check(name+", the host"+e, files, flows)
		}
	}
	if n == 0 {
		t.Error("no command was printed")
	}
}
