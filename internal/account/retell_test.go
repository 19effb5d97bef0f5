package account

import (
	"strings"
	"testing"
	"time"

	"detour/internal/diagnose/awsside"
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

// What the files know stands in the commands that ask AWS's side, and nothing is a placeholder there.
func TestApply_theSecondWitnessHasTheFilesIDs(t *testing.T) {
	for name, change := range map[string]func(*world){
		"proven":   func(w *world) { w.object(fGroups, "sg-a")["IpPermissions"] = l{} },
		"admitted": func(*world) {},
	} {
		w := newWorld(false)
		change(w)
		f := finding()
		f.Try = []flow.NextStep{
			{Text: "Query DNS", Command: "dig x"},
		}
		f.Try = append(f.Try, awsside.Calls{
			Region: "eu-central-1", From: began, Until: began, Port: "443", Servers: []string{"10.64.16.31"},
			Endpoints: []awsside.Endpoint{{Service: "com.amazonaws.eu-central-1.logs"}},
		}.Unanswered()...)
		got := w.config(t).Study(w.broken()[1:], began, Client{}).Apply([]flow.Finding{f}, same)[0]
		if string(got.Proof.Verdict) != name {
			t.Fatalf("%s: %+v", name, got.Proof)
		}
		var all []string
		for _, s := range got.Try {
			all = append(all, s.Command)
		}
		text := strings.Join(all, "\n")
		for _, want := range []string{
			`"Name=VPC Endpoint Id,Value=vpce-logs" "Name=VPC Id,Value=vpc-1"`, "--metric-name NewConnections", "--metric-name PacketsDropped",
			"interfaceId in ['eni-1','eni-2'] and srcAddr in ['172.22.40.17']", "Values=vpc-1,subnet-a,subnet-b,eni-1,eni-2 ", "--region eu-central-1",
			"--start-time " + began.Truncate(time.Minute).Format(time.RFC3339),
		} {
			if strings.Count(text, want) == 0 {
				t.Errorf("%s: %q isn't in\n%s", name, want, text)
			}
		}
		for _, not := range []string{"ENDPOINT_ID", "VPC_ID"} {
			if strings.Contains(text, not) {
				t.Errorf("%s: %s is in\n%s", name, not, text)
			}
		}
		if n := strings.Count(text, "NewConnections"); n != 1 {
			t.Errorf("%s: the metric is asked for %d times", name, n)
		}
	}
}
