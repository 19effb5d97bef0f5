// Package policy evaluates endpoint policies: [Parse] reads one, and [Statement.Applies] says
// whether a statement is about a call. What depends on a fact that isn't known is perhaps.
package policy

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"

	"detour/internal/lazyregexp"
)

// A Statement is one of an endpoint policy. A member may be one string or a list.
type Statement struct {
	Sid       string
	Effect    string
	Action    words
	NotAction words
	Principal json.RawMessage
	Resource  words
	Condition map[string]json.RawMessage

	NotPrincipal json.RawMessage
	NotResource  words
}

// words is a string or a list of strings in JSON.
type words []string

func (w *words) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*w = words{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(w))
}

// Parse returns the statements of a policy; false if one can't be understood.
func Parse(policy string) (all []Statement, ok bool) {
	var doc struct{ Statement json.RawMessage }
	if json.Unmarshal([]byte(policy), &doc) != nil {
		return nil, false
	}
	if json.Unmarshal(doc.Statement, &all) != nil {
		var one Statement
		if json.Unmarshal(doc.Statement, &one) != nil {
			return nil, false
		}
		all = []Statement{one}
	}
	for _, s := range all {
		if s.Effect != "Allow" && s.Effect != "Deny" || (len(s.Action) > 0) == (len(s.NotAction) > 0) {
			return nil, false
		}
	}
	return all, len(all) > 0
}

// Name is how a text calls a statement: by its number, and the name that its author gave it.
func (s Statement) Name(i int) string {
	if sidForm.MatchString(s.Sid) {
		return fmt.Sprintf("statement %d (%s)", i+1, s.Sid)
	}
	return fmt.Sprintf("statement %d", i+1)
}

// AWS allows letters and digits.
var sidForm = lazyregexp.New(`^[0-9A-Za-z]{1,64}$`)

// A Call is what an endpoint's policy decides about. What isn't known is empty.
type Call struct {
	Action    string
	Principal string // the ARN of who calls, as the error names it: a user's, or that of a role's session
	Resource  string // an ARN, or "*"
	VPC       string
	Endpoint  string
	Client    netip.Addr
}

// Applies reports whether a statement is about a call.
func (s Statement) Applies(c Call) Truth {
	return both(truthOf(s.About(c.Action)), s.forPrincipal(c), s.forResource(c), c.meets(s.Condition))
}

// About reports whether a statement is about an action. IAM ignores case in actions.
func (s Statement) About(action string) bool {
	for _, p := range append(s.Action, s.NotAction...) {
		if glob(strings.ToLower(p), strings.ToLower(action)) {
			return len(s.Action) > 0
		}
	}
	return len(s.NotAction) > 0
}

// forResource compares the resource that the error names.
func (s Statement) forResource(c Call) Truth {
	if (len(s.Resource) > 0) == (len(s.NotResource) > 0) {
		return Perhaps
	}
	var any []Truth
	for _, p := range append(s.Resource, s.NotResource...) {
		switch {
		case p == "*":
			any = append(any, Yes)
		case strings.Contains(p, "${") || !strings.HasPrefix(c.Resource, "arn:"):
			any = append(any, Perhaps)
		default:
			any = append(any, truthOf(glob(p, c.Resource)))
		}
	}
	if len(s.NotResource) > 0 {
		return either(any...).not()
	}
	return either(any...)
}

// forPrincipal compares who calls. An account's ID, or its root, is only the root user in some
// services' endpoint policies, so it is perhaps any of the account. AWS:
// docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
func (s Statement) forPrincipal(c Call) Truth {
	if len(s.NotPrincipal) > 0 {
		return Perhaps
	}
	var all words
	var of struct{ AWS words }
	if json.Unmarshal(s.Principal, &all) != nil {
		if json.Unmarshal(s.Principal, &of) != nil || len(of.AWS) == 0 {
			return Perhaps
		}
		all = of.AWS
	} else if len(all) != 1 || all[0] != "*" {
		return Perhaps
	}
	var any []Truth
	for _, p := range all {
		any = append(any, c.principalNamed(p))
	}
	return either(any...)
}

func (c Call) principalNamed(p string) Truth {
	account := accountIn(p)
	switch {
	case p == "*":
		return Yes
	case c.account() == "" || account == "" || strings.Contains(p, "*"):
		return Perhaps
	case account != c.account():
		return No
	case p == c.Principal:
		return Yes
	case p == account || strings.HasSuffix(p, ":root"):
		return Perhaps
	}
	if role, session := c.role(); session && strings.Contains(p, ":role/") {
		return c.roleIs("StringEquals", p, role)
	}
	return No
}

// principalIs compares aws:PrincipalArn: of a role's session it is the role's.
func (c Call) principalIs(operator, pattern string) Truth {
	role, session := c.role()
	switch {
	case c.account() == "":
		return Perhaps
	case !session:
		return compare(operator, pattern, c.Principal)
	}
	return c.roleIs(operator, pattern, role)
}

// roleIs compares the caller's role, which may have a path that the session's ARN doesn't have.
func (c Call) roleIs(operator, pattern, role string) Truth {
	partition := strings.SplitN(c.Principal, ":", 3)[1]
	start := "arn:" + partition + ":iam::" + c.account() + ":role/"
	any := make([]Truth, 0, 3) // by paths that no pattern names
	for _, path := range []string{"", "\x00/", strings.Repeat("\x00", 70) + "/\x00/"} {
		any = append(any, compare(operator, pattern, start+path+role))
	}
	if agree(any...) == Yes {
		return Yes
	}
	parts := strings.SplitN(pattern, ":", 6)
	if len(parts) != 6 {
		return Perhaps
	}
	named := parts[5][strings.LastIndexByte(parts[5], '/')+1:]
	if !strings.ContainsAny(parts[4], "*?") && parts[4] != c.account() ||
		!strings.ContainsAny(pattern, "*?") && operator != "StringEqualsIgnoreCase" && named != role {
		return No
	}
	return Perhaps
}

// role is the name of the role of which the caller has a session.
func (c Call) role() (name string, session bool) {
	_, rest, found := strings.Cut(c.Principal, ":assumed-role/")
	name, _, _ = strings.Cut(rest, "/")
	return name, found && name != ""
}

func (c Call) account() string         { return accountIn(c.Principal) }
func (c Call) resourceAccount() string { return accountIn(c.Resource) }

// accountIn is the account of an ARN, or an account's ID itself; "" if there is none.
func accountIn(arn string) string {
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 {
		arn = parts[4]
	}
	if !accountForm.MatchString(arn) {
		return ""
	}
	return arn
}

var accountForm = lazyregexp.New(`^\d{12}$`)

// Named is who called and for what, as an error's message says; "" if it doesn't name the action.
func Named(message, action string) (principal, resource string) {
	if m := namedIn.FindStringSubmatch(message); m != nil && strings.EqualFold(m[2], action) {
		return m[1], m[3]
	}
	return "", ""
}

// namedIn reads who called and for what from an error's message. IAM's wording is fixed: "User: ARN
// is not authorized to perform: ACTION on resource: ARN …".
var namedIn = lazyregexp.New(`^User: (arn:\S+) is not authorized to perform: (\S+)(?: on resource: (\S+))?`)
