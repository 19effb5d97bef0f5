package account

import (
	"strings"
	"testing"

	"detour/internal/flow"
)

// A title, a step or an ask that blames a security group which the files exclude is a wrong reason.
func TestApply_tellsWhatTheProofSays(t *testing.T) {
	other := func(w *world) { w.object(fInterfaces, "eni-1")["PrivateIpAddress"] = "10.64.16.99" }
	for _, x := range []struct {
		name       string
		change     func(*world)
		healthy    bool // nothing responds that the files deny
		title      string
		of         flow.Audience // who is asked first
		confidence flow.Confidence
	}{
		{"group", func(w *world) { w.object(fGroups, "sg-a")["IpPermissions"] = l{} }, true, "because of security group sg-a: it admits no tcp/443", flow.AccountOwner, flow.ConfidenceHigh},
		{"route", func(w *world) { w.object(fTables, "rtb-1")["Routes"] = w.object(fTables, "rtb-1")["Routes"].(l)[:1] }, true, "because of route table rtb-1: it has no route to 172.22.40.17", flow.AccountOwner, flow.ConfidenceHigh},
		{"admitted", func(*world) {}, true, "nothing in the account's configuration stops them: consistent with a firewall", flow.NetworkTeam, flow.ConfidenceMedium},
		{"not here", func(w *world) {
			other(w)
			w.object(fInterfaces, "eni-2")["PrivateIpAddress"] = "10.64.17.99"
		}, true, "no network interface in the account's files has their addresses", flow.AccountOwner, flow.ConfidenceMedium},
		{"contradiction", func(w *world) {
			for _, g := range []string{"sg-a", "sg-b"} {
				w.object(fGroups, g)["IpPermissions"] = l{}
			}
		}, false, "they deny what responded", flow.AccountOwner, flow.ConfidenceLow},
		{"no ACLs", func(w *world) { delete(w.files, fACLs) }, true, "their security groups admit the client, and the account's files lack", flow.AccountOwner, flow.ConfidenceMedium},
	} {
		w := newWorld(false)
		x.change(w)
		f := finding()
		f.Title = "calls go to private addresses: consistent with a security group"
		f.Try = []flow.NextStep{{Text: "Open it", Command: "aws ec2 authorize-security-group-ingress --group-id SECURITY_GROUP_ID"}, {Text: "Query DNS", Command: "dig x"}}
		f.Asks = []flow.Ask{{Of: flow.AccountOwner, What: "Open the security group."}}
		flows := w.broken()
		if x.healthy {
			flows = flows[1:]
		}
		got := w.config(t).Study(flows, began, Client{}).Apply([]flow.Finding{f}, same)
		if len(got) != 1 {
			t.Fatalf("%s: %d findings", x.name, len(got))
		}
		g := got[0]
		if !strings.Contains(g.Title, x.title) || strings.Contains(g.Title, "consistent with a security group") || g.Confidence != x.confidence {
			t.Errorf("%s (%s): %s, confidence %s", x.name, g.Proof.Verdict, g.Title, g.Confidence)
		}
		if len(g.Asks) == 0 || g.Asks[0].Of != x.of || strings.Contains(g.Asks[0].What, "Open the security group") {
			t.Errorf("%s: asks %+v", x.name, g.Asks)
		}
		for _, s := range g.Try {
			if strings.Contains(s.Command, "SECURITY_GROUP_ID") {
				t.Errorf("%s: a step opens a group: %+v", x.name, s)
			}
		}
		if g.Level != flow.LevelProblem {
			t.Errorf("%s: %s", x.name, g.Level)
		}
	}
}

// Where one family responds, calls do get a response.
func TestApply_addressesThatDoNotRespondAreNoCallsWithoutResponse(t *testing.T) {
	w := vpcOnly(false)
	flows := w.broken()[1:]
	for _, f := range flows {
		f.Response = &flow.Response{Status: 200}
	}
	f := finding()
	f.Connects = true
	got := w.config(t).Study(flows, began, Client{}).Apply([]flow.Finding{f}, same)
	if len(got) != 1 || !strings.HasPrefix(got[0].Title, "some addresses of ") || strings.Contains(got[0].Title, "get no response") {
		t.Errorf("%+v", got)
	}
}

// The owner of the account is told what else is to be changed.
func TestApply_theSentenceSaysWhatElseStopsIt(t *testing.T) {
	w := vpcOnly(false)
	w.object(fTables, "rtb-1")["Routes"] = w.object(fTables, "rtb-1")["Routes"].(l)[:1]
	got := w.config(t).Study(w.broken()[1:], began, Client{}).Apply([]flow.Finding{finding()}, same)
	if want := "That alone isn't enough: route table rtb-1 stops it, too"; !strings.Contains(got[0].Asks[0].What, want) {
		t.Errorf("asks %q, want %q", got[0].Asks[0].What, want)
	}
}
