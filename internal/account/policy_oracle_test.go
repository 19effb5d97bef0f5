package account

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"detour/internal/flow"
)

// A pCall is a call of a simulated AWS, with all that AWS knows of it.
type pCall struct {
	principal, arn string // as the error names it, and aws:PrincipalArn
	account, org   string
	resource       string
	resourceOwner  string // "" if the call doesn't have the key
	sourceIP       string // "" if the call doesn't have the key
	rootAlone      bool   // an account as a principal is its root user alone
	tag            string
}

// A pStatement is one of a simulated policy: as JSON, and what AWS makes of it.
type pStatement struct {
	effect string
	text   string
	holds  func(c pCall) bool
}

// pattern is a wildcard as a regular expression.
func pattern(s string) *regexp.Regexp {
	s = strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(s))
	return regexp.MustCompile("(?s)^" + s + "$")
}

// pPrincipal is a random principal.
func pPrincipal(r *rand.Rand) (text string, holds func(pCall) bool) {
	switch r.IntN(7) {
	case 0, 1, 2:
		return pick(r, `"*"`, `{"AWS":"*"}`, `{"AWS":["*"]}`), func(pCall) bool { return true }
	case 3:
		account := pick(r, "123456789012", "210987654321")
		text := pick(r, account, "arn:aws:iam::"+account+":root")
		return fmt.Sprintf(`{"AWS":%q}`, text), func(c pCall) bool {
			return c.account == account && (!c.rootAlone || strings.HasSuffix(c.arn, ":root"))
		}
	default:
		a := pick(r, userARN, "arn:aws:iam::123456789012:role/Dev", "arn:aws:iam::123456789012:role/team/Dev", roleARN,
			"arn:aws:iam::123456789012:role/Ops", "arn:aws:iam::210987654321:user/eve")
		b := pick(r, userARN, roleARN+"2", "arn:aws:iam::210987654321:role/Dev")
		return fmt.Sprintf(`{"AWS":[%q,%q]}`, a, b), func(c pCall) bool {
			return c.arn == a || c.arn == b || c.principal == a || c.principal == b
		}
	}
}

// pCondition is a random condition.
func pCondition(r *rand.Rand) (text string, holds func(pCall) bool) {
	type key struct {
		name   string
		of     func(pCall) string
		values []string
	}
	k := pick(
		r,
		key{"aws:PrincipalAccount", func(c pCall) string { return c.account }, []string{"123456789012", "210987654321", "1234*"}},
		key{"aws:PrincipalOrgID", func(c pCall) string { return c.org }, []string{"o-a", "o-b"}},
		key{"aws:PrincipalArn", func(c pCall) string { return c.arn }, []string{
			userARN, "arn:aws:iam::123456789012:role/*", "arn:aws:iam::123456789012:role/Dev", "arn:aws:iam::*:role/*/Dev", "arn:aws:iam::2*:*",
			"arn:aws:iam::123456789012:role/team/Dev", "arn:aws:iam::123456789012:*/D?v", "arn:aws:iam::123456789012:role/Ops",
		}},
		key{"aws:ResourceAccount", func(c pCall) string { return c.resourceOwner }, []string{"123456789012", "210987654321"}},
		key{"aws:SourceVpc", func(pCall) string { return "vpc-1" }, []string{"vpc-1", "vpc-2", "vpc-*"}},
		key{"aws:SourceVpce", func(pCall) string { return "vpce-logs" }, []string{"vpce-logs", "vpce-ssm"}},
		key{"aws:SourceIp", func(c pCall) string { return c.sourceIP }, []string{"203.0.113.0/24", "172.22.0.0/16", "172.22.40.17", "fd22:40:7::/48"}},
		key{"aws:PrincipalTag/team", func(c pCall) string { return c.tag }, []string{"a", "b"}},
	)
	ops := []string{"StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase"}
	switch k.name {
	case "aws:PrincipalArn":
		ops = append(ops, "ArnLike", "ArnEquals", "ArnNotLike", "ArnNotEquals")
	case "aws:SourceIp":
		ops = []string{"IpAddress", "NotIpAddress"}
	}
	op := pick(r, ops...)
	ifExists := r.IntN(4) == 0
	a, b := pick(r, k.values...), pick(r, k.values...)
	name := op
	if ifExists {
		name += "IfExists"
	}
	return fmt.Sprintf(`{%q:{%q:[%q,%q]}}`, name, k.name, a, b), func(c pCall) bool {
		value := k.of(c)
		negated := strings.Contains(op, "Not")
		if value == "" {
			return negated || ifExists
		}
		any := false
		for _, want := range []string{a, b} {
			switch {
			case strings.Contains(op, "Ip"):
				p, err := netip.ParsePrefix(want)
				if err != nil {
					p = netip.PrefixFrom(netip.MustParseAddr(want), netip.MustParseAddr(want).BitLen())
				}
				any = any || p.Contains(netip.MustParseAddr(value))
			case strings.Contains(op, "Like"), strings.HasPrefix(op, "Arn"):
				any = any || pattern(want).MatchString(value)
			default:
				any = any || want == value
			}
		}
		return any != negated
	}
}

// pRandom is a random statement.
func pRandom(r *rand.Rand) pStatement {
	s := pStatement{effect: pick(r, "Allow", "Allow", "Deny")}
	actions := pick(r, `"Action":"*"`, `"Action":["logs:Describe*"]`, `"Action":"logs:Get*"`, `"NotAction":"s3:*"`, `"NotAction":["logs:DescribeLogGroup?"]`)
	about := !strings.Contains(actions, "Get") && !strings.Contains(actions, "LogGroup?")
	principal, who := pPrincipal(r)
	resources, not := pick(r, "*", "*", groupsARN, "arn:aws:logs:*:*:log-group:a*", "arn:aws:logs:*:210987654321:*"), r.IntN(5) == 0
	member := map[bool]string{false: "Resource", true: "NotResource"}[not]
	condition, when := `{}`, func(pCall) bool { return true }
	if r.IntN(2) == 0 {
		condition, when = pCondition(r)
	}
	s.text = fmt.Sprintf(`{"Effect":%q,%s,"Principal":%s,%q:[%q],"Condition":%s}`, s.effect, actions, principal, member, resources, condition)
	s.holds = func(c pCall) bool {
		return about && who(c) && pattern(resources).MatchString(c.resource) != not && when(c)
	}
	return s
}

// pCaller is a random call, of which the error's message names a part.
func pCaller(r *rand.Rand, client netip.Addr) pCall {
	c := pCall{account: "123456789012", org: pick(r, "o-a", "o-b"), tag: pick(r, "a", "b", ""), rootAlone: r.IntN(2) == 0}
	c.principal = pick(r, userARN, roleARN, roleARN, "arn:aws:iam::123456789012:root")
	if c.arn = c.principal; c.principal == roleARN {
		c.arn = "arn:aws:iam::123456789012:role/" + pick(r, "", "team/", "aws-reserved/sso.amazonaws.com/") + "Dev"
	}
	owner := pick(r, "123456789012", "210987654321")
	c.resource = "arn:aws:logs:eu-central-1:" + owner + ":log-group:" + pick(r, "app", "db")
	if r.IntN(2) == 0 {
		c.resourceOwner = owner
	}
	if r.IntN(2) == 0 { // AWS says that such calls don't have it; the package doesn't rely on that
		c.sourceIP = client.String()
	}
	return c
}

// TestProve_neverContradictsASimulatedPolicy compares proofs with random policies and calls, of
// which the flows don't have all that AWS knows.
func TestProve_neverContradictsASimulatedPolicy(t *testing.T) {
	verdicts := make(map[string]int)
	for seed := range uint64(5 * simulated()) {
		r := rand.New(rand.NewPCG(seed, 23)) //nolint:gosec // reproducible
		w := newWorld(r.IntN(2) == 0)
		c := pCaller(r, w.client.Addr())
		all := make([]pStatement, 1+r.IntN(4))
		texts := make([]string, len(all))
		var denied, allowed []int
		for i := range all {
			all[i] = pRandom(r)
			texts[i] = all[i].text
			switch {
			case all[i].holds(c) && all[i].effect == "Deny":
				denied = append(denied, i)
			case all[i].holds(c):
				allowed = append(allowed, i)
			}
		}
		passes := len(denied) == 0 && len(allowed) > 0
		known := r.IntN(4) > 0 // whether the message names who and what
		f := refusedCall(w, "", "", false)
		if known {
			f.AWS.Error.Message = fmt.Sprintf("User: %s is not authorized to perform: logs:DescribeLogGroups on resource: %s", c.principal, c.resource)
		}
		if !passes && r.IntN(2) == 0 {
			f.AWS.Error.Deny, f.AWS.Error.Explicit = flow.DenyVPCEndpoint, len(denied) > 0
		}
		policy := `{"Version":"2012-10-17","Statement":[` + strings.Join(texts, ",") + `]}`
		w.object(fEndpoints, "vpce-logs")["PolicyDocument"] = policy
		parts := w.config(t).Study([]*flow.Flow{f}, began.Add(time.Minute), Client{}).Prove(finding())
		if len(parts) != 1 {
			t.Fatalf("policy %d: %d parts", seed, len(parts))
		}
		p := parts[0].Proof
		which := map[bool]string{true: "named", false: "not named"}[f.AWS.Error.Deny != ""]
		verdicts[string(p.Verdict)+", "+which]++
		says := fmt.Sprintf("policy %d, %s (%v deny, %v allow): %s: %s\n%s\n%+v\n%s", seed, which, denied, allowed, p.Verdict, p.Says, policy, c, lines(p))
		switch {
		case p.Verdict == flow.Proven && passes:
			t.Errorf("it allows: %s", says)
		case p.Verdict == flow.Admitted && !passes:
			t.Errorf("it doesn't allow: %s", says)
		case p.Verdict == flow.Unknown && strings.Contains(p.Checks[0].Says, "another time"):
			t.Errorf("the files are of the same time: %s", says)
		}
		if at := p.Checks[0].Path; p.Verdict == flow.Proven && strings.HasSuffix(at, "]") && strings.Contains(p.Checks[0].Says, " denies ") {
			var i int
			if _, err := fmt.Sscanf(at[strings.Index(at, "Statement"):], "Statement[%d]", &i); err != nil || all[i].effect != "Deny" || !all[i].holds(c) {
				t.Errorf("it isn't %s that denies: %s", at, says)
			}
		}
		if t.Failed() {
			t.FailNow()
		}
	}
	t.Log(verdicts)
	for _, k := range []string{"proven, named", "proven, not named", "admitted, not named", "unknown, not named"} {
		if verdicts[k] < simulated()/4 {
			t.Errorf("%s: only %d times", k, verdicts[k])
		}
	}
}
