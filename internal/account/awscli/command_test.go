package awscli

import (
	"slices"
	"testing"
)

func TestUnquoted(t *testing.T) {
	got := unquoted(`aws  'a b' "c 'd'" e\ f --g='h'"i" '' j 'it'\''s'`)
	if want := []string{"aws", "a b", "c 'd'", "e f", "--g=hi", "", "j", "it's"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("aws ec2 describe-vpcs --filters 'Name=vpc-id,Values=a,b' --query \"x\"")
	f.Add("aws --profile x ec2 describe-vpcs --vpc-ids a b --max-items=3 \\")
	f.Fuzz(func(t *testing.T, text string) {
		c, ok := Parse(text)
		if v := c.Coverage(); ok && v.All && v.Filter != "" {
			t.Errorf("%q: all, and only %s", text, v.Filter)
		}
		if failure, told := FailureIn(text); told && failure.Next("ec2:DescribeVpcs") == "" {
			t.Errorf("%q: nothing is said", text)
		}
	})
}
