package account

import (
	"fmt"
	"strings"
	"testing"

	"detour/internal/flow"
)

const (
	allowAll  = `{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}`
	groupsARN = "arn:aws:logs:eu-central-1:123456789012:log-group:app"
	roleARN   = "arn:aws:sts::123456789012:assumed-role/Dev/alice"
	userARN   = "arn:aws:iam::123456789012:user/team/bob"
)

// refusedCall is a call that was answered with 403, as IAM's message tells it.
func refusedCall(w *world, principal, deny string, explicit bool) *flow.Flow {
	f := w.call(2, "logs", w.logs[:1], flow.DialConnected)
	f.AWS.Operation, f.Response = "DescribeLogGroups", &flow.Response{Status: 403}
	f.AWS.Error = &flow.AWSError{Code: "AccessDeniedException", Action: "logs:DescribeLogGroups", Deny: deny, Explicit: explicit}
	if principal != "" {
		f.AWS.Error.Message = fmt.Sprintf("User: %s is not authorized to perform: logs:DescribeLogGroups on resource: %s", principal, groupsARN)
	}
	return f
}

// A policy decides by who calls, for what and from where; what the flows don't have is unknown.
func TestProve_anEndpointPolicy(t *testing.T) {
	const named = flow.DenyVPCEndpoint
	allow := func(members string) string {
		return `{"Sid":"Some","Effect":"Allow","Action":"logs:*",` + members + `}`
	}
	deny := func(members string) string {
		return allowAll + `,{"Sid":"Others","Effect":"Deny","Action":"logs:Describe*",` + members + `}`
	}
	when := func(operator, key, value string) string {
		return fmt.Sprintf(`"Principal":"*","Resource":"*","Condition":{%q:{%q:%q}}`, operator, key, value)
	}
	const proven, admitted, unknown = flow.Proven, flow.Admitted, flow.Unknown
	for _, x := range []struct {
		name, policy, principal, said string
		verdict                       flow.ProofVerdict
		path                          string // of what decides, after PolicyDocument
	}{
		{"an explicit denial", deny(`"Principal":"*","Resource":"*"`), "", "", proven, ".Statement[1]"},
		{"an explicit denial of another resource", deny(`"Principal":"*","Resource":"arn:aws:logs:*:*:log-group:other*"`), userARN, "", admitted, ".Statement[0]"},
		{"an explicit denial of this resource", deny(`"Principal":"*","Resource":"arn:aws:logs:*:*:log-group:a?p"`), userARN, "", proven, ".Statement[1]"},
		{"an explicit denial of a resource, and a message without one", deny(`"Principal":"*","Resource":"arn:aws:logs:*:*:log-group:app"`), "", "", unknown, ".Statement[1]"},
		{"a denial of all other resources", deny(`"Principal":"*","NotResource":"arn:aws:logs:*:123456789012:*"`), userARN, "", admitted, ".Statement[0]"},
		{"no statement for the action", allow(`"Principal":"*","Resource":"*"`) + `,{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}`, "", "", admitted, ".Statement[0]"},

		{"another account", allow(`"Principal":{"AWS":"210987654321"},"Resource":"*"`), userARN, "", proven, ""},
		{"another account's root", allow(`"Principal":{"AWS":["arn:aws:iam::210987654321:root"]},"Resource":"*"`), roleARN, "", proven, ""},
		{"the account, which may be its root user alone", allow(`"Principal":{"AWS":"123456789012"},"Resource":"*"`), userARN, "", unknown, ".Statement[0]"},
		{"the user", allow(fmt.Sprintf(`"Principal":{"AWS":%q},"Resource":"*"`, userARN)), userARN, "", admitted, ".Statement[0]"},
		{"another user", allow(`"Principal":{"AWS":"arn:aws:iam::123456789012:user/eve"},"Resource":"*"`), userARN, "", proven, ""},
		{"a role, of which the path isn't known", allow(`"Principal":{"AWS":"arn:aws:iam::123456789012:role/Dev"},"Resource":"*"`), roleARN, "", unknown, ".Statement[0]"},
		{"another role", allow(`"Principal":{"AWS":"arn:aws:iam::123456789012:role/Ops"},"Resource":"*"`), roleARN, "", proven, ""},
		{"the session", allow(fmt.Sprintf(`"Principal":{"AWS":%q},"Resource":"*"`, roleARN)), roleARN, "", admitted, ".Statement[0]"},
		{"another session", allow(fmt.Sprintf(`"Principal":{"AWS":%q},"Resource":"*"`, roleARN+"2")), roleARN, "", proven, ""},
		{"a principal that isn't known", allow(`"Principal":{"AWS":"210987654321"},"Resource":"*"`), "", "", unknown, ".Statement[0]"},
		{"a principal that was deleted", allow(`"Principal":{"AWS":"AIDAEXAMPLE"},"Resource":"*"`), userARN, "", unknown, ".Statement[0]"},
		{"a service", allow(`"Principal":{"Service":"logs.amazonaws.com"},"Resource":"*"`), userARN, "", unknown, ".Statement[0]"},

		{"the account by a condition", allow(when("StringEquals", "aws:PrincipalAccount", "123456789012")), userARN, "", admitted, ".Statement[0]"},
		{"another account by a condition", allow(when("StringEqualsIfExists", "AWS:principalaccount", "210987654321")), userARN, "", proven, ""},
		{"a denial of other accounts", deny(when("StringNotEquals", "aws:PrincipalAccount", "210987654321")), userARN, "", proven, ".Statement[1]"},
		{"an organization", allow(when("StringEquals", "aws:PrincipalOrgID", "o-example")), userARN, "", unknown, ".Statement[0]"},
		{"the role by a pattern", allow(when("ArnLike", "aws:PrincipalArn", "arn:aws:iam::123456789012:role/*")), roleARN, "", admitted, ".Statement[0]"},
		{"the role by a pattern that may have a path", allow(when("StringLike", "aws:PrincipalArn", "arn:aws:iam::123456789012:role/*/Dev")), roleARN, "", unknown, ".Statement[0]"},
		{"another account's roles", allow(when("ArnLike", "aws:PrincipalArn", "arn:aws:iam::2*:role/*")), userARN, "", proven, ""},
		{"the resource's account, which some calls don't have", allow(when("StringEquals", "aws:ResourceAccount", "123456789012")), userARN, "", unknown, ".Statement[0]"},
		{"the resource's account, if it is there", allow(when("StringEqualsIfExists", "aws:ResourceAccount", "123456789012")), userARN, "", admitted, ".Statement[0]"},
		{"another resource's account", allow(when("StringEquals", "aws:ResourceAccount", "210987654321")), userARN, "", proven, ""},
		{"a denial of other accounts' resources", deny(when("StringNotEquals", "aws:ResourceAccount", "210987654321")), userARN, "", proven, ".Statement[1]"},
		{"the VPC", allow(when("StringEquals", "aws:SourceVpc", "vpc-1")), "", "", admitted, ".Statement[0]"},
		{"another VPC", allow(when("StringEquals", "aws:SourceVpc", "vpc-2")), "", "", proven, ""},
		{"the endpoint", deny(when("StringNotLike", "aws:SourceVpce", "vpce-lo?s")), "", "", admitted, ".Statement[0]"},
		{"another endpoint", deny(when("StringNotEquals", "aws:SourceVpce", "vpce-ssm")), "", "", proven, ".Statement[1]"},
		{"an address, which such calls don't have", allow(when("IpAddress", "aws:SourceIp", "203.0.113.0/24")), "", "", proven, ""},
		{"the client's address, which such calls may not have", allow(when("IpAddress", "aws:SourceIp", "172.22.0.0/16")), "", "", unknown, ".Statement[0]"},
		{"a denial of other addresses", deny(when("NotIpAddress", "aws:SourceIp", "203.0.113.0/24")), "", "", proven, ".Statement[1]"},
		{"another key", allow(when("StringEquals", "aws:PrincipalTag/team", "a")), userARN, "", unknown, ".Statement[0]"},
		{"another operator", allow(when("ForAnyValue:StringEquals", "aws:PrincipalAccount", "210987654321")), userARN, "", unknown, ".Statement[0]"},
		{"a variable", allow(when("StringEquals", "aws:PrincipalAccount", "${aws:ResourceAccount}")), userARN, "", unknown, ".Statement[0]"},
		{"a boolean", allow(`"Principal":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":true}}`), userARN, "", unknown, ".Statement[0]"},

		{"a named policy that denies explicitly", deny(when("StringEquals", "aws:PrincipalTag/team", "a")), userARN, "explicit", proven, ".Statement[1]"},
		{"a named policy that denies explicitly, by one of two", deny(when("StringEquals", "aws:PrincipalTag/team", "a")) + "," +
			`{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`, userARN, "explicit", proven, ""},
		{"a named policy without a statement that denies", allowAll, userARN, "explicit", unknown, ""},
		{"a named policy that doesn't allow", allow(when("StringEquals", "aws:PrincipalOrgID", "o-example")), userARN, "implicit", proven, ".Statement[0]"},
		{"a named policy that allows", allowAll, userARN, "implicit", admitted, ".Statement[0]"},
		{"a named policy that denies explicitly, by other words", deny(`"Principal":"*","Resource":"*"`), userARN, "implicit", unknown, ""},
	} {
		w := newWorld(false)
		w.object(fEndpoints, "vpce-logs")["PolicyDocument"] = `{"Statement":[` + x.policy + `]}`
		f := refusedCall(w, x.principal, "", false)
		if x.said != "" {
			f = refusedCall(w, x.principal, named, x.said == "explicit")
		}
		got := w.config(t).Study([]*flow.Flow{f}, began, Client{}).Prove(finding())
		if len(got) != 1 {
			t.Errorf("%s: %d parts", x.name, len(got))
			continue
		}
		p := got[0].Proof
		if p.Verdict != x.verdict || (p.Cause != nil) != (x.verdict == proven) {
			t.Errorf("%s: %s, want %s: %s\n%s", x.name, p.Verdict, x.verdict, p.Says, lines(p))
			continue
		}
		if want := "VpcEndpoints[0].PolicyDocument" + x.path; (x.path != "" || x.verdict == proven) && p.Checks[0].Path != want {
			t.Errorf("%s: decided at %s, want %s", x.name, p.Checks[0].Path, want)
		}
		if strings.HasSuffix(x.path, "[1]") && !strings.Contains(p.Checks[0].Says, "statement 2 (Others)") {
			t.Errorf("%s: doesn't name the statement: %s", x.name, p.Checks[0].Says)
		}
	}
}

// A 403 that isn't a policy's proves nothing of one, nor does one whose names are stand-ins.
func TestProve_onlyADenialIsAPolicys(t *testing.T) {
	w := newWorld(false)
	w.object(fEndpoints, "vpce-logs")["PolicyDocument"] = `{"Statement":[{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}]}`
	prove := func(code, deny string, client Client) []Part {
		f := refusedCall(w, "", deny, false)
		f.AWS.Error.Code = code
		return w.config(t).Study([]*flow.Flow{f}, began, client).Prove(finding())
	}
	if got := prove("AccessDeniedException", "", Client{}); len(got) != 1 || got[0].Proof.Verdict != flow.Proven {
		t.Errorf("a denial: %+v", got)
	}
	for _, code := range []string{"ExpiredTokenException", "SignatureDoesNotMatch", "InvalidClientTokenId", ""} {
		if got := prove(code, "", Client{}); len(got) != 0 {
			t.Errorf("%q: %s: %s", code, got[0].Proof.Verdict, got[0].Proof.Says)
		}
	}
	if got := prove("AccessDeniedException", "service control policy", Client{}); len(got) != 0 {
		t.Errorf("another policy: %+v", got)
	}
	if got := prove("AccessDeniedException", "", Client{Strict: true}); len(got) != 1 || got[0].Proof.Verdict != flow.Unknown {
		t.Errorf("stand-ins: %+v", got)
	}
}

// A denial by an endpoint's policy is a network activity event; a connect that wasn't answered is none.
func TestApply_aDenialsSecondWitnessIsCloudTrail(t *testing.T) {
	for _, effect := range []string{"Deny", "Allow"} {
		w := newWorld(false)
		w.object(fEndpoints, "vpce-logs")["PolicyDocument"] = `{"Statement":[{"Effect":"` + effect + `","Principal":"*","Action":"*","Resource":"*"}]}`
		got := w.config(t).Study([]*flow.Flow{refusedCall(w, userARN, "", false)}, began, Client{}).Apply([]flow.Finding{finding()}, same)
		text := ""
		for _, s := range got[0].Try {
			text += s.Command + "\n"
		}
		for _, want := range []string{"aws logs start-query --region eu-central-1 --log-group-name TRAIL_LOG_GROUP", "vpcEndpointId in ['vpce-logs']", "VpceAccessDenied"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s (%s): %q isn't in\n%s", effect, got[0].Proof.Verdict, want, text)
			}
		}
		if strings.Contains(text, "PrivateLinkEndpoints") {
			t.Errorf("%s: %s", effect, text)
		}
	}
}
