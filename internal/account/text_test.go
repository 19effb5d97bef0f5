package account

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// show is the text of a world, whose lines must fit 80 columns.
func show(t *testing.T, w *world, more ...File) string {
	t.Helper()
	text := Text(Read(append(w.indexed(t, nil), more...)))
	for line := range strings.Lines(text) {
		if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > columns && len(strings.Fields(line)) > 1 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	return strings.Join(strings.Fields(text), " ")
}

// What is missing, why, and what it would decide is said in whole words, whatever is wrong.
func TestText_saysEverything(t *testing.T) {
	w := newWorld(false)
	delete(w.files, fACLs)
	w.object(fInterfaces, "eni-1")["OwnerId"], w.object(fInterfaces, "eni-1")["AvailabilityZone"] = "210987654321", "us-west-2-lax-1a"
	w.files[fGroups]["SecurityGroups"] = w.files[fGroups]["SecurityGroups"].(l)[:1]
	w.files[fVPNs]["NextToken"] = "more"
	long := strings.Repeat("a-folder-with-a-name/", 4) + "describe-vpcs.json"
	text := show(t, w, File{Name: "acl.json", Data: []byte("An error occurred (RequestLimitExceeded) when calling the DescribeNetworkAcls operation: x")},
		File{Name: long, Data: []byte("{"), Unread: "larger than 64 MiB"},
		File{Name: "two.json", Data: []byte("An error occurred (UnauthorizedOperation) when calling the DescribeSubnets operation: x")})
	for _, want := range []string{
		"accounts 123456789012 and 210987654321, Regions eu-central-1 and us-west-2",
		"ec2 describe-network-acls: whether a network ACL lets the packets in and the answers out (AWS had too many requests (RequestLimitExceeded): run it again in a minute)",
		"1 ec2 describe-security-groups; a part is missing, which would decide whether a security group admits the client",
		"2 ec2 describe-subnets; a part is missing, which would decide whether the client is in the same subnet",
		"1 ec2 describe-vpcs; a part is missing", "1 ec2 describe-vpn-connections; a part is missing", long + ": not read: larger than 64 MiB",
		"two.json: not an output: ec2 describe-subnets failed: it needs the permission ec2:DescribeSubnets",
		"aws ec2 describe-security-groups: other files name sg-b, which isn't there",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q isn't said:\n%s", want, text)
		}
	}
	if text := show(t, newWorld(false)); strings.Contains(text, "missing, which") || strings.Contains(text, "problems") {
		t.Error(text)
	}
}

// The blocks of a gateway service's list are entries of it: describe-prefix-lists has them. Of
// another list, get-managed-prefix-list-entries has them.
func TestInventory_entriesOfPrefixLists(t *testing.T) {
	entries := func(w *world) (x Inventory, listed bool) {
		all := w.config(t).Inventory()
		i := slices.IndexFunc(all, func(x Inventory) bool { return x.Command == "ec2 get-managed-prefix-list-entries" })
		if i < 0 {
			return x, false
		}
		return all[i], true
	}
	w := newWorld(false)
	if _, listed := entries(w); listed {
		t.Error("no rule names a list, and its entries are listed")
	}
	list := func(id string) {
		w.object(fGroups, "sg-a")["IpPermissions"] = l{w.permission("tcp", 443, 443, m{"PrefixListIds": l{m{"PrefixListId": id}}})}
	}
	list("pl-0a")
	if x, listed := entries(w); !listed || len(x.Files) > 0 {
		t.Errorf("%t, %+v", listed, x)
	}
	w.files["describe-prefix-lists.json"] = m{"PrefixLists": l{m{"PrefixListId": "pl-0a", "PrefixListName": "com.amazonaws.eu-central-1.s3", "Cidrs": l{"198.51.100.0/24"}}}}
	if x, listed := entries(w); !listed || len(x.Files) != 1 || x.Objects != 1 || len(x.Partial) > 0 {
		t.Errorf("%t, %+v", listed, x)
	}
	list("pl-0b")
	if x, _ := entries(w); !slices.Equal(x.Partial, []string{"pl-0b"}) {
		t.Errorf("%+v", x)
	}
	if text := fmt.Sprint(w.config(t).Problems); !strings.Contains(text, "pl-0b") {
		t.Error(text)
	}
}
