package awscli

import (
	"encoding/json"
	"strings"

	"detour/internal/lazyregexp"
)

// A Failure is why a command of the AWS CLI has no output.
type Failure struct {
	Kind      Kind
	Code      string // AWS's; "" if the command didn't get as far
	Operation string // of the API; "" if it isn't named
}

// A Kind is what a failure asks for.
type Kind int

const (
	Other          Kind = iota
	NoPermission        // AWS knows who asks, and refuses
	Throttled           // too many requests
	BadCredentials      // there are none, or AWS doesn't know them
	Expired             // the credentials, or the session that gives them
	RegionDisabled      // the account hasn't enabled the Region
	NotOffered          // the Region doesn't have the service or the operation
	NotReached          // no answer from AWS's endpoint
	ServerError         // AWS's own error
	OldCLI              // the AWS CLI doesn't know the command or an option
	NoCLI               // there is no AWS CLI
	DryRun              // nothing was asked for
)

// codes are AWS's error codes, without the "Client." and "Server." that some begin with. AWS:
// docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html, "Common Errors" of the
// references of Amazon Route 53, Direct Connect and AWS STS
var codes = map[string]Kind{
	"AccessDenied": NoPermission, "AccessDeniedException": NoPermission, "UnauthorizedOperation": NoPermission,
	"NotAuthorized": NoPermission, "OperationNotPermitted": NoPermission,

	"Throttling": Throttled, "ThrottlingException": Throttled, "ThrottledException": Throttled, "RequestThrottled": Throttled,
	"RequestThrottledException": Throttled, "RequestLimitExceeded": Throttled, "TooManyRequestsException": Throttled,
	"EC2ThrottledException": Throttled, "SlowDown": Throttled, "PriorRequestNotComplete": Throttled, "BandwidthLimitExceeded": Throttled,

	"ExpiredToken": Expired, "ExpiredTokenException": Expired, "RequestExpired": Expired, "TokenRefreshRequired": Expired,
	"InvalidGrantException": Expired, "UnauthorizedException": Expired,

	"AuthFailure": BadCredentials, "InvalidClientTokenId": BadCredentials, "UnrecognizedClientException": BadCredentials,
	"InvalidAccessKeyId": BadCredentials, "SignatureDoesNotMatch": BadCredentials, "InvalidSignatureException": BadCredentials,
	"IncompleteSignature": BadCredentials, "IncompleteSignatureException": BadCredentials, "MissingAuthenticationToken": BadCredentials,
	"MissingAuthenticationTokenException": BadCredentials, "RequestTimeTooSkewed": BadCredentials, "InvalidToken": BadCredentials,
	"NoCredentials": BadCredentials, "Blocked": BadCredentials,

	"OptInRequired": RegionDisabled, "RegionDisabledException": RegionDisabled, "SubscriptionRequiredException": RegionDisabled,

	"InvalidAction": NotOffered, "UnknownOperationException": NotOffered, "UnsupportedOperation": NotOffered,

	"InternalError": ServerError, "InternalFailure": ServerError, "InternalServerError": ServerError, "InternalServiceError": ServerError,
	"ServiceUnavailable": ServerError, "ServiceUnavailableException": ServerError, "Unavailable": ServerError, "RequestTimeout": ServerError,

	"DryRunOperation": DryRun,
}

// phrases are what the AWS CLI writes if the command fails before AWS answers, in small letters.
// github.com/boto/botocore, botocore/exceptions.py, and the AWS CLI's parser of arguments.
var phrases = []struct {
	text string
	kind Kind
}{
	{"sso session associated with this profile has expired", Expired},
	{"error loading sso token", Expired},
	{"token has expired", Expired},
	{"your session has expired", Expired},
	{"error loading login session token", Expired},
	{"unable to locate credentials", BadCredentials},
	{"unable to locate authorization token", BadCredentials},
	{"partial credentials found", BadCredentials},
	{"error when retrieving credentials", BadCredentials},
	{"error when retrieving token", BadCredentials},
	{"cannot refresh credentials", BadCredentials},
	{") could not be found", BadCredentials}, // the config profile (name) could not be found
	{"is not authorized to perform", NoPermission},
	{"could not connect to the endpoint", NotReached},
	{"timeout on endpoint url", NotReached},
	{"failed to connect to proxy", NotReached},
	{"connection was closed before we received a valid response", NotReached},
	{"ssl validation failed", NotReached},
	{"http client", NotReached},
	{"invalid choice", OldCLI},
	{"unknown options:", OldCLI},
	{"unknown service:", OldCLI},
	{"not available in region", NotOffered},
	{"unable to construct an endpoint", NotOffered},
	{"command not found", NoCLI},
	{"aws: not found", NoCLI},
	{"is not recognized as", NoCLI},
}

// errorIn is how the AWS CLI writes an error: "An error occurred (UnauthorizedOperation) when
// calling the DescribeVpcs operation: …". One of its own has no operation.
var errorIn = lazyregexp.New(`An error occurred \(([A-Za-z0-9.]{1,80})\)(?: when calling the (\w{1,80}) operation)?`)

// codeForm is that of an error code.
var codeForm = lazyregexp.New(`^[A-Za-z0-9]+$`)

// FailureIn is the failure that a text of the AWS CLI tells of, also as JSON, which it writes
// with cli_error_format=json. told is false if the text is something else. AWS:
// docs.aws.amazon.com/cli/latest/userguide/cli-usage-error-format.html
func FailureIn(text string) (f Failure, told bool) {
	var asJSON struct{ Code, Message string }
	if strings.HasPrefix(text, "{") && json.Unmarshal([]byte(text), &asJSON) == nil && asJSON.Code != "" {
		f.Code, told = asJSON.Code, true
		text = asJSON.Message
	} else if m := errorIn.FindStringSubmatch(text); m != nil {
		f.Code, f.Operation, told = m[1], m[2], true
	}
	f.Code = f.Code[strings.LastIndexByte(f.Code, '.')+1:]
	if len(f.Code) > 80 || f.Code != "" && !codeForm.MatchString(f.Code) {
		f.Code = "an error"
	}
	if kind, known := codes[f.Code]; known {
		f.Kind = kind
		return f, true
	}
	small := strings.ToLower(text)
	for _, p := range phrases {
		if strings.Contains(small, p.text) {
			f.Kind = p.kind
			return f, true
		}
	}
	return f, told || strings.HasPrefix(small, "aws: error:") || strings.HasPrefix(small, "aws: [error]:")
}

// Next is what became of the command, and what to do about it, as a part of a sentence. action
// is the IAM action that the command needs.
func (f Failure) Next(action string) string {
	code := ""
	if f.Code != "" {
		code = " (" + f.Code + ")"
	}
	switch f.Kind {
	case NoPermission:
		if f.Operation != "" && !strings.EqualFold(f.Operation, operationOf(action)) {
			return "AWS refused " + f.Operation + code + ": the credentials may not be used so"
		}
		if action == "" {
			return "a permission is missing" + code
		}
		return "it needs the permission " + action
	case Throttled:
		return "AWS had too many requests" + code + ": run it again in a minute"
	case BadCredentials:
		return "the credentials aren't valid" + code + ", or the Region isn't enabled for the account, " +
			"or this machine's clock is wrong: aws sts get-caller-identity shows whether they work"
	case Expired:
		return "the credentials or the session have expired" + code + ": log in again, as with aws sso login, and run it again"
	case RegionDisabled:
		return "the account hasn't enabled the Region or the service" + code + ": nothing of it can be read there"
	case NotOffered:
		return "the Region doesn't have the service" + code
	case NotReached:
		return "AWS's endpoint wasn't reached: check the network and the proxy, and run it again"
	case ServerError:
		return "AWS had an error of its own" + code + ": run it again"
	case OldCLI:
		return "this AWS CLI doesn't know the command or an option: update it"
	case NoCLI:
		return "there is no AWS CLI: install it"
	case DryRun:
		return "with --dry-run, AWS doesn't answer: run it without"
	case Other:
	}
	if f.Code != "" {
		return "AWS answered with" + code
	}
	return "it ended with an error"
}

func operationOf(action string) string {
	_, operation, _ := strings.Cut(action, ":")
	return operation
}
