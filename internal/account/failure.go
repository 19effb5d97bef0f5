package account

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// A failure is why a command of the AWS CLI has no output.
type failure struct {
	kind      failureKind
	code      string // AWS's; "" if the command didn't get as far
	operation string // of the API; "" if it isn't named
}

type failureKind int

const (
	otherFailure   failureKind = iota
	noPermission               // AWS knows who asks, and refuses
	throttled                  // too many requests
	badCredentials             // there are none, or AWS doesn't know them
	expired                    // the credentials, or the session that gives them
	regionDisabled             // the account hasn't enabled the Region
	notOffered                 // the Region doesn't have the service or the operation
	notReached                 // no answer from AWS's endpoint
	serverError                // AWS's own error
	oldCLI                     // the AWS CLI doesn't know the command or an option
	noCLI                      // there is no AWS CLI
	dryRun                     // nothing was asked for
)

// codes are AWS's error codes, without the "Client." and "Server." that some begin with. AWS:
// docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html, "Common Errors" of the
// references of Amazon Route 53, Direct Connect and AWS STS
var codes = map[string]failureKind{
	"AccessDenied": noPermission, "AccessDeniedException": noPermission, "UnauthorizedOperation": noPermission,
	"NotAuthorized": noPermission, "OperationNotPermitted": noPermission,

	"Throttling": throttled, "ThrottlingException": throttled, "ThrottledException": throttled, "RequestThrottled": throttled,
	"RequestThrottledException": throttled, "RequestLimitExceeded": throttled, "TooManyRequestsException": throttled,
	"EC2ThrottledException": throttled, "SlowDown": throttled, "PriorRequestNotComplete": throttled, "BandwidthLimitExceeded": throttled,

	"ExpiredToken": expired, "ExpiredTokenException": expired, "RequestExpired": expired, "TokenRefreshRequired": expired,
	"InvalidGrantException": expired, "UnauthorizedException": expired,

	"AuthFailure": badCredentials, "InvalidClientTokenId": badCredentials, "UnrecognizedClientException": badCredentials,
	"InvalidAccessKeyId": badCredentials, "SignatureDoesNotMatch": badCredentials, "InvalidSignatureException": badCredentials,
	"IncompleteSignature": badCredentials, "IncompleteSignatureException": badCredentials, "MissingAuthenticationToken": badCredentials,
	"MissingAuthenticationTokenException": badCredentials, "RequestTimeTooSkewed": badCredentials, "InvalidToken": badCredentials,
	"NoCredentials": badCredentials, "Blocked": badCredentials,

	"OptInRequired": regionDisabled, "RegionDisabledException": regionDisabled, "SubscriptionRequiredException": regionDisabled,

	"InvalidAction": notOffered, "UnknownOperationException": notOffered, "UnsupportedOperation": notOffered,

	"InternalError": serverError, "InternalFailure": serverError, "InternalServerError": serverError, "InternalServiceError": serverError,
	"ServiceUnavailable": serverError, "ServiceUnavailableException": serverError, "Unavailable": serverError, "RequestTimeout": serverError,

	"DryRunOperation": dryRun,
}

// phrases are what the AWS CLI writes if the command fails before AWS answers, in small letters.
// github.com/boto/botocore, botocore/exceptions.py, and the AWS CLI's parser of arguments.
var phrases = []struct {
	text string
	kind failureKind
}{
	{"sso session associated with this profile has expired", expired},
	{"error loading sso token", expired},
	{"token has expired", expired},
	{"your session has expired", expired},
	{"error loading login session token", expired},
	{"unable to locate credentials", badCredentials},
	{"unable to locate authorization token", badCredentials},
	{"partial credentials found", badCredentials},
	{"error when retrieving credentials", badCredentials},
	{"error when retrieving token", badCredentials},
	{"cannot refresh credentials", badCredentials},
	{") could not be found", badCredentials}, // the config profile (name) could not be found
	{"is not authorized to perform", noPermission},
	{"could not connect to the endpoint", notReached},
	{"timeout on endpoint url", notReached},
	{"failed to connect to proxy", notReached},
	{"connection was closed before we received a valid response", notReached},
	{"ssl validation failed", notReached},
	{"http client", notReached},
	{"invalid choice", oldCLI},
	{"unknown options:", oldCLI},
	{"unknown service:", oldCLI},
	{"not available in region", notOffered},
	{"unable to construct an endpoint", notOffered},
	{"command not found", noCLI},
	{"aws: not found", noCLI},
	{"is not recognized as", noCLI},
}

// errorIn is how the AWS CLI writes an error: "An error occurred (UnauthorizedOperation) when
// calling the DescribeVpcs operation: …". One of its own has no operation.
var errorIn = regexp.MustCompile(`An error occurred \(([A-Za-z0-9.]{1,80})\)(?: when calling the (\w{1,80}) operation)?`)

// failureIn is the failure that a text of the AWS CLI tells of, also as JSON, which it writes
// with cli_error_format=json. told is false if the text is something else. AWS:
// docs.aws.amazon.com/cli/latest/userguide/cli-usage-error-format.html
func failureIn(text string) (f failure, told bool) {
	var asJSON struct{ Code, Message string }
	if strings.HasPrefix(text, "{") && json.Unmarshal([]byte(text), &asJSON) == nil && asJSON.Code != "" {
		f.code, told = asJSON.Code, true
		text = asJSON.Message
	} else if m := errorIn.FindStringSubmatch(text); m != nil {
		f.code, f.operation, told = m[1], m[2], true
	}
	f.code = f.code[strings.LastIndexByte(f.code, '.')+1:]
	if len(f.code) > 80 || f.code != "" && !idForm.MatchString(f.code) {
		f.code = "an error"
	}
	if kind, known := codes[f.code]; known {
		f.kind = kind
		return f, true
	}
	small := strings.ToLower(text)
	for _, p := range phrases {
		if strings.Contains(small, p.text) {
			f.kind = p.kind
			return f, true
		}
	}
	return f, told || strings.HasPrefix(small, "aws: error:") || strings.HasPrefix(small, "aws: [error]:")
}

// next is what became of the command, and what to do about it, as a part of a sentence. action
// is the IAM action that the command needs.
func (f failure) next(action string) string {
	code := ""
	if f.code != "" {
		code = " (" + f.code + ")"
	}
	switch f.kind {
	case noPermission:
		if f.operation != "" && !strings.EqualFold(f.operation, operationOf(action)) {
			return "AWS refused " + f.operation + code + ": the credentials may not be used so"
		}
		if action == "" {
			return "a permission is missing" + code
		}
		return "it needs the permission " + action
	case throttled:
		return "AWS had too many requests" + code + ": run it again in a minute"
	case badCredentials:
		return "the credentials aren't valid" + code + ", or the Region isn't enabled for the account, " +
			"or this machine's clock is wrong: aws sts get-caller-identity shows whether they work"
	case expired:
		return "the credentials or the session have expired" + code + ": log in again, as with aws sso login, and run it again"
	case regionDisabled:
		return "the account hasn't enabled the Region or the service" + code + ": nothing of it can be read there"
	case notOffered:
		return "the Region doesn't have the service" + code
	case notReached:
		return "AWS's endpoint wasn't reached: check the network and the proxy, and run it again"
	case serverError:
		return "AWS had an error of its own" + code + ": run it again"
	case oldCLI:
		return "this AWS CLI doesn't know the command or an option: update it"
	case noCLI:
		return "there is no AWS CLI: install it"
	case dryRun:
		return "with --dry-run, AWS doesn't answer: run it without"
	case otherFailure:
	}
	if f.code != "" {
		return "AWS answered with" + code
	}
	return "it ended with an error"
}

func operationOf(action string) string {
	_, operation, _ := strings.Cut(action, ":")
	return operation
}

// failed notes that a command has no output, so what sets it would have had is unknown. text is
// the error of a failure that isn't known; "" if it may have keys, so that it can't be quoted.
func (r *reader) failed(file string, f failure, of []shape, text string) {
	if f.operation != "" {
		if i := slices.IndexFunc(shapes, func(s shape) bool { return strings.EqualFold(f.operation, operationOf(s.action())) }); i >= 0 {
			of = shapes[i : i+1]
		}
	}
	if len(of) == 0 {
		if f.kind != otherFailure || text == "" {
			text = f.next("")
		}
		r.problem(file, "the command failed: "+text)
		r.doubts = append(r.doubts, file)
		return
	}
	why := f.next(of[0].action())
	for _, s := range of {
		if x := r.reading(s.set); x.failed == "" {
			x.failed = why
		}
	}
	if f.kind == otherFailure && text != "" {
		why = text
	}
	r.problem(file, "not an output: "+of[0].command+" failed: "+why)
}
