// Package retell makes a finding's title, next steps and asks agree with its proof.
//
// It is pure, and may be called concurrently.
package retell

import (
	"slices"
	"strings"

	"detour/internal/diagnose/awsside"
	"detour/internal/flow"
	"detour/internal/wording"
)

// A Stuck says of a finding's flows which of their addresses gave no answer.
type Stuck struct {
	Addrs   []string        // sorted
	Clients []string        // the sources that are known, sorted
	Partly  bool            // some of the flows got a response, or a connection, from another address
	Region  string          // "" if it isn't known
	Witness []flow.NextStep // what AWS's own records show of them
}

// symptom is what is seen, without a cause.
func (t Stuck) symptom(hosts []string) string {
	if t.Partly {
		return "some addresses of " + wording.Some(hosts, 3) + " don't respond"
	}
	return "calls to " + wording.Some(hosts, 3) + " get no response"
}

// Retell returns a finding whose title, next steps and asks agree with its proof: they name what is
// proven, and no cause that the files exclude. What is unknown stays what it is consistent with.
func (t Stuck) Retell(f flow.Finding) flow.Finding {
	switch p := f.Proof; {
	case p.Verdict == flow.Proven:
		return t.proven(f)
	case len(t.Addrs) == 0 && p.Verdict == flow.Admitted:
		f.Try = t.witnessed(f.Try)
		return f
	case len(t.Addrs) == 0, p.Verdict == flow.Unknown && !groupsAdmit(*p):
		return f
	case p.Verdict == flow.Unknown:
		return t.undecided(f)
	case p.Verdict == flow.Admitted:
		return t.admitted(f)
	case p.Verdict == flow.NotHere:
		return t.notHere(f)
	}
	return t.contradicted(f)
}

func (t Stuck) proven(f flow.Finding) flow.Finding {
	p := f.Proof
	seen := t.symptom(f.Hosts)
	switch {
	case p.Cause.Check == flow.CheckEndpointPolicy:
		seen = "calls to " + wording.Some(f.Hosts, 3) + " are denied"
	case len(t.Addrs) == 0:
		seen = "the names of " + wording.Some(f.Hosts, 3) + " don't resolve"
	}
	f.Title = seen + ", because of " + Because(*p.Cause)
	f.Level, f.Confidence = flow.LevelProblem, flow.ConfidenceHigh
	f.Alternatives = p.Caveats
	if p.Fix == nil {
		f.Try = t.witnessed(f.Try)
		return f
	}
	f.Try = append(steps(*p), t.Witness...)
	if p.Fix.Sentence != "" {
		f.Asks = []flow.Ask{{Of: flow.AccountOwner, What: p.Fix.Sentence}}
	}
	return f
}

func (t Stuck) admitted(f flow.Finding) flow.Finding {
	f.Title = t.symptom(f.Hosts) + ", and nothing in the account's configuration stops them: " +
		"consistent with a firewall, a VPN or a NAT on the way"
	f.Confidence = flow.ConfidenceMedium
	f.Alternatives = []string{
		"the configuration was changed after it was collected",
		"the endpoint, or its service, doesn't respond to packets that arrive: its metrics show it",
	}
	f.Try = t.witnessed(withoutGroups(f.Try))
	f.Asks = []flow.Ask{{Of: flow.NetworkTeam, What: "Check the firewalls, the VPN and NAT between " + t.path() +
		", in both directions: the account's configuration admits these packets."}}
	return f
}

func (t Stuck) notHere(f flow.Finding) flow.Finding {
	f.Title = t.symptom(f.Hosts) + ", and no network interface in the account's files has their addresses: " +
		"consistent with another account's endpoint, or a deleted one whose DNS records remain"
	f.Confidence = flow.ConfidenceMedium
	collect := "detour account collect OTHER_ACCOUNT --region REGION --profile PROFILE --run"
	if t.Region != "" {
		collect = strings.Replace(collect, "REGION", t.Region, 1)
	}
	f.Try = append([]flow.NextStep{{Text: "Collect the account that has the addresses, and prove again with it", Command: collect}},
		withoutGroups(f.Try)...)
	f.Asks = []flow.Ask{{Of: flow.AccountOwner, What: "Find the account that has " + wording.Some(t.Addrs, 6) +
		", or remove the DNS records that lead there if its endpoint was deleted."}}
	return f
}

func (t Stuck) contradicted(f flow.Finding) flow.Finding {
	f.Title = t.symptom(f.Hosts) + ", and the account's files don't explain it: they deny what responded"
	f.Confidence = flow.ConfidenceLow
	f.Try = append([]flow.NextStep{{
		Text: "Collect the configuration again, and compare its account and VPC with those of the endpoint",
	}}, withoutGroups(f.Try)...)
	f.Asks = []flow.Ask{
		{Of: flow.AccountOwner, What: "Collect the configuration again: the one at hand denies what responded."},
		{Of: flow.NetworkTeam, What: "Say whether a NAT is between " + t.path() + "."},
	}
	return f
}

// undecided is for a proof that lacks something, but in which no group is the cause.
func (t Stuck) undecided(f flow.Finding) flow.Finding {
	f.Title = t.symptom(f.Hosts) + ": their security groups admit the client, and the account's files lack what else decides"
	f.Confidence = flow.ConfidenceMedium
	f.Try = withoutGroups(f.Try)
	f.Asks = []flow.Ask{
		{Of: flow.AccountOwner, What: "Collect what the files lack: " + f.Proof.Says + "."},
		{
			Of:   flow.NetworkTeam,
			What: "If the account admits the packets: check the firewalls, the VPN and NAT between " + t.path() + ", and back.",
		},
	}
	return f
}

// groupsAdmit reports whether the files show that every group that was checked admits the client.
func groupsAdmit(p flow.Proof) bool {
	n := 0
	for _, c := range p.Checks {
		if c.Check == flow.CheckSecurityGroup {
			if n++; c.Verdict != flow.CheckAdmits {
				return false
			}
		}
	}
	return n > 0
}

// witnessed are steps with what is known of AWS's side in place of its placeholders.
func (t Stuck) witnessed(all []flow.NextStep) []flow.NextStep {
	if len(t.Witness) == 0 {
		return all
	}
	return append(awsside.Without(all), t.Witness...)
}

// path is both ends of what isn't answered, in a sentence.
func (t Stuck) path() string {
	from := "the client"
	if len(t.Clients) > 0 {
		from = wording.Some(t.Clients, 3)
	}
	return from + " and " + wording.Some(t.Addrs, 6)
}

// withoutGroups are the next steps but those that look at, or open, a security group that the files
// don't hold responsible. They name it by a placeholder.
func withoutGroups(all []flow.NextStep) []flow.NextStep {
	return slices.DeleteFunc(slices.Clone(all), func(n flow.NextStep) bool {
		return strings.Contains(n.Command, "SECURITY_GROUP_ID")
	})
}

// Because is a cause as it stands after "because of".
func Because(c flow.ProofCause) string {
	return c.Check.Of(c.Object) + ": " + Sentence(c.Says)
}

// Sentence is what is said of an object, where its name isn't the subject.
func Sentence(says string) string {
	for _, verb := range []string{"admits ", "has ", "isn't "} {
		if strings.HasPrefix(says, verb) {
			return "it " + says
		}
	}
	return says
}

// steps are what to do about a cause: the narrowest change first. What else denies isn't
// changed by it.
func steps(p flow.Proof) (out []flow.NextStep) {
	for i, c := range p.Fix.CLI {
		text := "The narrowest change"
		switch {
		case i >= p.Fix.Narrow:
			text = "Or, wider"
		case i > 0:
			text = "And"
		}
		out = append(out, flow.NextStep{Text: text, Command: c})
	}
	if also := AlsoStops(p.Cause.Check, p.Also); also != "" {
		out = append(out, flow.NextStep{Text: "That alone isn't enough: " + also})
	}
	for _, c := range p.Fix.Verify {
		out = append(out, flow.NextStep{Text: "Then check", Command: c})
	}
	return out
}

// AlsoStops says what else stops the packets if the cause is changed: "" if nothing does. One group
// that admits suffices, so that another one denies is no obstacle.
func AlsoStops(cause flow.CheckName, also []flow.ProofCause) string {
	var out []string
	for _, a := range also {
		if a.Check != flow.CheckSecurityGroup || cause != flow.CheckSecurityGroup {
			out = append(out, a.Check.Of(a.Object))
		}
	}
	switch len(out) {
	case 0:
		return ""
	case 1:
		return out[0] + " stops it, too"
	}
	return wording.List(out) + " stop it, too"
}
