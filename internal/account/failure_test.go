package account

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"detour/internal/flow"
)

// failures are texts of the AWS CLI, and what each asks for.
var failures = map[string]string{
	"An error occurred (UnauthorizedOperation) when calling the DescribeNetworkAcls operation: You are not authorized":        "the permission ec2:DescribeNetworkAcls",
	"An error occurred (Client.UnauthorizedOperation) when calling the DescribeNetworkAcls operation: no":                     "the permission ec2:DescribeNetworkAcls",
	"aws: [ERROR]: An error occurred (AccessDenied) when calling the DescribeNetworkAcls operation: no":                       "the permission ec2:DescribeNetworkAcls",
	"An error occurred (AccessDeniedException) when calling the DescribeNetworkAcls operation: no":                            "the permission ec2:DescribeNetworkAcls",
	"An error occurred (AccessDenied) when calling the AssumeRole operation: no":                                              "AWS refused AssumeRole",
	`{"Code": "UnauthorizedOperation", "Message": "You are not authorized"}`:                                                  "the permission ec2:DescribeNetworkAcls",
	"An error occurred (RequestLimitExceeded) when calling the DescribeNetworkAcls operation (reached max retries: 2): x":     "run it again in a minute",
	"An error occurred (ThrottlingException) when calling the DescribeNetworkAcls operation: Rate exceeded":                   "run it again in a minute",
	"An error occurred (ExpiredToken) when calling the DescribeNetworkAcls operation: x":                                      "log in again",
	"An error occurred (ExpiredTokenException) when calling the DescribeNetworkAcls operation: x":                             "log in again",
	"An error occurred (RequestExpired) when calling the DescribeNetworkAcls operation: Request has expired.":                 "log in again",
	"The SSO session associated with this profile has expired or is otherwise invalid. To refresh this SSO session run x":     "log in again",
	"Error loading SSO Token: Token for https://x.awsapps.com/start does not exist":                                           "log in again",
	"Error when retrieving token from sso: Token has expired and refresh failed":                                              "log in again",
	"Your session has expired or credentials have changed. Please reauthenticate using 'aws login'.":                          "log in again",
	"An error occurred (InvalidClientTokenId) when calling the DescribeNetworkAcls operation: x":                              "aws sts get-caller-identity",
	"An error occurred (UnrecognizedClientException) when calling the DescribeNetworkAcls operation: x":                       "aws sts get-caller-identity",
	"An error occurred (AuthFailure) when calling the DescribeNetworkAcls operation: AWS was not able to validate":            "the Region isn't enabled",
	"An error occurred (SignatureDoesNotMatch) when calling the DescribeNetworkAcls operation: Signature expired":             "clock",
	"Unable to locate credentials. You can configure credentials by running \"aws configure\".":                               "aws sts get-caller-identity",
	"aws: [ERROR]: An error occurred (NoCredentials): Unable to locate credentials. You can configure credentials by running": "aws sts get-caller-identity",
	"Partial credentials found in env, missing: AWS_SECRET_ACCESS_KEY":                                                        "aws sts get-caller-identity",
	"The config profile (prod) could not be found":                                                                            "aws sts get-caller-identity",
	"An error occurred (OptInRequired) when calling the DescribeNetworkAcls operation: You are not subscribed":                "hasn't enabled the Region",
	"Could not connect to the endpoint URL: \"https://ec2.eu-central-1.amazonaws.com/\"":                                      "check the network and the proxy",
	"Connect timeout on endpoint URL: \"https://ec2.eu-central-1.amazonaws.com/\"":                                            "check the network and the proxy",
	"Read timeout on endpoint URL: \"https://ec2.eu-central-1.amazonaws.com/\"":                                               "check the network and the proxy",
	"Failed to connect to proxy URL: \"http://proxy:8080\"":                                                                   "check the network and the proxy",
	"SSL validation failed for https://ec2.eu-central-1.amazonaws.com/ [SSL: CERTIFICATE_VERIFY_FAILED]":                      "check the network and the proxy",
	"usage: aws [options] <command>\naws: error: argument operation: Invalid choice, valid choices are:\n\na | b":             "update it",
	"Unknown options: --filters":                    "update it",
	"/bin/sh: 1: aws: not found":                    "install it",
	"sh: line 1: aws: command not found":            "install it",
	"'aws' is not recognized as an internal or ext": "install it",
	"An error occurred (InvalidAction) when calling the DescribeNetworkAcls operation: x":   "doesn't have the service",
	"An error occurred (InternalError) when calling the DescribeNetworkAcls operation: x":   "run it again",
	"An error occurred (DryRunOperation) when calling the DescribeNetworkAcls operation: x": "without",
	"An error occurred (SomethingNew) when calling the DescribeNetworkAcls operation: x":    "SomethingNew",
}

// A command that failed says why, and what to do; only a refusal asks for a permission. What it
// would have had is unknown: in the file itself, and in an index.
func TestRead_saysWhyACommandFailed(t *testing.T) {
	for text, want := range failures {
		for _, how := range []string{"file", "index"} {
			w := newWorld(false)
			w.object(fACLs, "acl-1")["Entries"] = l{}
			w.files[fACLs] = m{"NetworkAcls": w.files[fACLs]["NetworkAcls"]}
			const again = "describe-network-acls-2.json"
			files := w.indexed(t, nil)
			if how == "file" {
				files = append(files, File{Name: again, Data: []byte(text + "\n")})
			} else {
				w.files[IndexName] = m{"files": l{m{
					"file": again, "command": "aws ec2 describe-network-acls --region eu-central-1", "exit_status": 254, "error": text,
				}}}
				files = files[:0]
				for name, v := range w.files {
					files = append(files, File{Name: name, Data: encode(t, v)})
				}
			}
			c := Read(files)
			said := strings.Join(c.Problems, "\n")
			if !strings.Contains(said, want) || strings.Count(said, "\n") > 0 {
				t.Errorf("%s, %s: %q, want %q", how, text, said, want)
			}
			if c.complete(setACLs) {
				t.Errorf("%s, %s: the set counts as whole", how, text)
			}
			inventory := c.Inventory()
			i := slices.IndexFunc(inventory, func(x Inventory) bool { return x.Command == "ec2 describe-network-acls" })
			if failed := inventory[i].Failed; !strings.Contains(failed, want) && !strings.Contains(text, "SomethingNew") {
				t.Errorf("%s, %s: the inventory says %q", how, text, failed)
			}
			if strings.Contains(said, "permission") != strings.Contains(want, "permission") {
				t.Errorf("%s, %s: %q", how, text, said)
			}
		}
	}
}

// A second command for a set that failed lacks what it would have had.
func TestProve_throttledInterfacesAreNotAbsent(t *testing.T) {
	for _, name := range []string{"describe-network-interfaces-2.json", "more.json"} {
		w := nobody()
		files := append(w.indexed(t, nil), File{Name: name, Data: []byte("An error occurred (RequestLimitExceeded) when calling the DescribeNetworkInterfaces operation: x")})
		if p := verdictOf(Read(files), w.broken()[1:]); p.Verdict != flow.Unknown {
			t.Errorf("%s: %s: %s", name, p.Verdict, p.Says)
		}
	}
	w := nobody()
	for _, text := range []string{"Unable to locate credentials", ""} { // of which command isn't known
		files := append(w.indexed(t, nil), File{Name: "b.json", Data: []byte(text)})
		if p := verdictOf(Read(files), w.broken()[1:]); p.Verdict != flow.Unknown {
			t.Errorf("%q: %s: %s", text, p.Verdict, p.Says)
		}
	}
}

// A command that has nothing to decide puts nothing in doubt.
func TestProve_otherCommandsDecideNothing(t *testing.T) {
	w := nobody()
	files := append(w.indexed(t, nil), File{Name: "b.json", Data: []byte("An error occurred (Throttling) when calling the DescribeInstances operation: x")},
		File{Name: "instances.json", Data: []byte(`{"Reservations": []}`)}, File{Name: "README.md", Data: []byte("# What this is")},
		File{Name: "c/" + IndexName, Data: []byte(`{"files": [{"file": "x.json", "command": "aws ec2 describe-instances", "exit_status": 254, "error": "x"}]}`)})
	if p := verdictOf(Read(files), w.broken()[1:]); p.Verdict != flow.NotHere {
		t.Errorf("%s: %s", p.Verdict, p.Says)
	}
}

// No text of an error is said but its code.
func TestRead_quotesNoErrorOfAFile(t *testing.T) {
	for _, text := range []string{
		"An error occurred (CANARY canary) when calling the DescribeVpcs operation: CANARY",
		"An error occurred (UnauthorizedOperation) when calling the DescribeVpcs operation: CANARY",
		"An error occurred (Other) when calling the DescribeVpcs operation: CANARY",
		`{"Code": "CANARY\u001b[31m", "Message": "CANARY"}`, fmt.Sprintf(`{"Code": %q}`, strings.Repeat("CANARY", 50)),
		"aws: error: CANARY", "Unable to locate credentials CANARY",
	} {
		if said := strings.Join(Read([]File{{Name: "f.json", Data: []byte(text)}}).Problems, "\n"); strings.Contains(said, "CANARY") || said == "" {
			t.Errorf("%s: %q", text, said)
		}
	}
}
