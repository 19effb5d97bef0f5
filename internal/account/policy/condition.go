package policy

import (
	"encoding/json"
	"net/netip"
	"strings"
)

// A condition is one operator of a statement with its keys and their values.
type condition map[string]json.RawMessage

// meets reports whether a call meets the conditions of a statement: all operators, and all keys
// of each. A key or an operator that isn't known is perhaps. IAM user guide, "JSON policy
// elements: Condition operators",
// docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
func (c Call) meets(all map[string]json.RawMessage) Truth {
	out := Yes
	for operator, raw := range all {
		var keys condition
		if json.Unmarshal(raw, &keys) != nil {
			out = both(out, Perhaps)
			continue
		}
		for key, values := range keys {
			var all words
			if json.Unmarshal(values, &all) != nil || len(all) == 0 {
				out = both(out, Perhaps)
				continue
			}
			out = both(out, c.meetsOne(operator, strings.ToLower(key), all))
		}
	}
	return out
}

// meetsOne evaluates one operator and key.
func (c Call) meetsOne(operator, key string, values []string) Truth {
	base, ifExists := strings.CutSuffix(operator, "IfExists")
	positive, negated := positiveOf(base)
	if positive == "" {
		return Perhaps
	}
	test := func(value func(pattern string) Truth) Truth {
		var any []Truth
		for _, v := range values {
			if strings.Contains(v, "${") {
				any = append(any, Perhaps) // a variable
				continue
			}
			any = append(any, value(v))
		}
		if negated {
			return either(any...).not()
		}
		return either(any...)
	}
	absent := truthOf(negated || ifExists) // what the operator says of a key that the call hasn't
	switch key {
	case "aws:principalaccount":
		return test(known(c.account(), positive))
	case "aws:sourcevpc":
		return test(known(c.VPC, positive))
	case "aws:sourcevpce":
		return test(known(c.Endpoint, positive))
	case "aws:principalarn":
		return test(func(pattern string) Truth { return c.principalIs(positive, pattern) })
	case "aws:resourceaccount": // some actions don't have it
		return agree(absent, test(known(c.resourceAccount(), positive)))
	case "aws:sourceip":
		// Calls through an endpoint don't have it. AWS: "AWS global condition context keys",
		// docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
		return agree(absent, test(func(pattern string) Truth { return c.from(positive, pattern) }))
	}
	return Perhaps
}

// positiveOf is the operator that one is, or is the negation of; "" if it isn't understood.
func positiveOf(operator string) (positive string, negated bool) {
	switch operator {
	case "StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnLike", "IpAddress":
		return operator, false
	case "ArnEquals": // AWS: it does the same
		return "ArnLike", false
	case "StringNotEquals", "StringNotEqualsIgnoreCase", "StringNotLike", "ArnNotLike":
		return strings.Replace(operator, "Not", "", 1), true
	case "ArnNotEquals":
		return "ArnLike", true
	case "NotIpAddress":
		return "IpAddress", true
	}
	return "", false
}

// known compares a key of one value, which isn't known if it is empty.
func known(value, operator string) func(pattern string) Truth {
	return func(pattern string) Truth {
		if value == "" {
			return Perhaps
		}
		return compare(operator, pattern, value)
	}
}

// compare is one value against a policy's.
func compare(operator, pattern, value string) Truth {
	switch operator {
	case "StringEquals":
		return truthOf(pattern == value)
	case "StringEqualsIgnoreCase":
		return truthOf(strings.EqualFold(pattern, value))
	case "StringLike":
		return truthOf(glob(pattern, value))
	case "ArnLike":
		return likeARN(pattern, value)
	}
	return Perhaps
}

// likeARN compares the six parts of two ARNs, each separately.
func likeARN(pattern, arn string) Truth {
	p, a := strings.SplitN(pattern, ":", 6), strings.SplitN(arn, ":", 6)
	if len(p) != 6 || len(a) != 6 {
		return Perhaps
	}
	for i := range p {
		if !glob(p[i], a[i]) {
			return No
		}
	}
	return Yes
}

// from compares the client's address.
func (c Call) from(operator, pattern string) Truth {
	p, err := netip.ParsePrefix(pattern)
	if a, ofOne := netip.ParseAddr(pattern); ofOne == nil {
		p, err = a.Prefix(a.BitLen())
	}
	if operator != "IpAddress" || err != nil || !c.Client.IsValid() {
		return Perhaps
	}
	return truthOf(p.Contains(c.Client))
}

// glob reports whether a pattern with * and ? matches all of a text.
func glob(pattern, text string) bool {
	star, back := -1, 0
	p, t := 0, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, back = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p, t = p+1, t+1
		case star >= 0:
			back++
			p, t = star+1, back
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
